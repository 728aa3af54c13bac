// SPDX-License-Identifier: Apache-2.0
package io.margay.lang.wasm.runner;

import com.dylibso.chicory.runtime.HostFunction;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.wasm.types.FunctionType;
import com.dylibso.chicory.wasm.types.ValType;
import java.util.List;

/** The functions that a module may call. */
final class Abi {

    /** What a request and its body have, as the module is told. */
    static final int BLOCK = 33_554_432;
    /** What is asked of the module for it. */
    static final int ALLOCATED = BLOCK + 65_536;

    private static final String MODULE = "env";
    private static final FunctionType NUMBER = FunctionType.of(List.of(ValType.I32), List.of());

    private int address;
    private ModuleReply reply;
    private Runnable ended = () -> { };

    /** Where the block is, and what is to be done when the module says that its response is complete. */
    void block(int where, Runnable then) {
        address = where;
        ended = then;
    }

    /** The response of the request that begins, null for none. */
    void reply(ModuleReply now) {
        reply = now;
    }

    HostFunction[] functions() {
        return new HostFunction[] {
            new HostFunction(MODULE, "nxt_wasm_get_init_mem_size", FunctionType.returning(ValType.I32),
                (instance, args) -> new long[] {BLOCK}),
            new HostFunction(MODULE, "nxt_wasm_set_resp_status", NUMBER, (instance, args) -> {
                reply("set_resp_status").status((int) args[0]);
                return null;
            }),
            new HostFunction(MODULE, "nxt_wasm_send_headers", NUMBER, (instance, args) -> {
                reply("send_headers").headers(instance.memory(), address, args[0] & 0xffff_ffffL);
                return null;
            }),
            new HostFunction(MODULE, "nxt_wasm_send_response", NUMBER, (instance, args) -> {
                reply("send_response").body(instance.memory(), address, args[0] & 0xffff_ffffL);
                return null;
            }),
            new HostFunction(MODULE, "nxt_wasm_response_end", FunctionType.empty(), this::end),
        };
    }

    private long[] end(Instance instance, long... args) {
        // The hook may call it again.
        if (reply("response_end").end()) {
            ended.run();
        }
        return null;
    }

    private ModuleReply reply(String what) {
        if (reply == null) {
            throw new AbiException("WASM " + what + " without a request");
        }
        return reply;
    }
}
