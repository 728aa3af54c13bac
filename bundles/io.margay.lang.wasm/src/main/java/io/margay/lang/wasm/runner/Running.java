// SPDX-License-Identifier: Apache-2.0
package io.margay.lang.wasm.runner;

import com.dylibso.chicory.runtime.ExportFunction;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Memory;
import com.dylibso.chicory.wasi.WasiExitException;
import com.dylibso.chicory.wasi.WasiPreview1;
import com.dylibso.chicory.wasm.types.ExportSection;
import com.dylibso.chicory.wasm.types.ExternalType;
import com.dylibso.chicory.wasm.types.FunctionType;
import com.dylibso.chicory.wasm.types.ValType;
import java.io.IOException;
import java.util.List;

/** An instance of the module. It is used by one thread at a time. */
final class Running {

    private static final FunctionType HOOK = FunctionType.empty();
    private static final FunctionType NUMBER = FunctionType.of(List.of(ValType.I32), List.of());
    private static final FunctionType ANSWER = FunctionType.of(List.of(ValType.I32), List.of(ValType.I32));
    private static final String INITIALIZE = "_initialize";

    private final Instance instance;
    private final WasiPreview1 wasi;
    private final Abi abi;
    private final ModuleOptions options;
    private final ExportFunction handler;
    private final ExportFunction free;
    private final int address;

    Running(Instance instance, WasiPreview1 wasi, Abi abi, ModuleOptions options) throws ModuleStartException {
        this.instance = instance;
        this.wasi = wasi;
        this.abi = abi;
        this.options = options;
        handler = export("request_handler", ANSWER);
        free = export("free_handler", NUMBER);
        ExportFunction malloc = export("malloc_handler", ANSWER);
        for (String option : options.functions().keySet()) {
            if (!List.of("request_handler", "free_handler", "malloc_handler").contains(option)) {
                export(option, HOOK);
            }
        }
        if (has(INITIALIZE)) {
            call(instance.export(INITIALIZE), INITIALIZE);
        }
        long block = call(malloc, "->wasm_malloc_handler", Abi.ALLOCATED)[0] & 0xffff_ffffL;
        if (block == 0 || block > Memory.bytes(instance.memory().pages()) - (long) Abi.ALLOCATED) {
            throw new ModuleStartException("failed to call function [->wasm_malloc_handler]: it gave no block of "
                + Abi.ALLOCATED + " bytes; the option \"memory\" allows the module " + options.memory());
        }
        address = (int) block;
        abi.block(address, () -> hook("response_end_handler"));
        hook("module_init_handler");
    }

    private boolean has(String name) {
        ExportSection exports = instance.module().exportSection();
        for (int i = 0; i < exports.exportCount(); i++) {
            if (exports.getExport(i).name().equals(name)) {
                return exports.getExport(i).exportType() == ExternalType.FUNCTION;
            }
        }
        return false;
    }

    private ExportFunction export(String option, FunctionType type) throws ModuleStartException {
        String name = options.function(option).orElse("");
        if (!has(name)) {
            throw new ModuleStartException("couldn't get (" + name + ") export from module");
        }
        if (!type.equals(instance.exportType(name))) {
            throw new ModuleStartException("couldn't get (" + name + ") export from module: it has another signature");
        }
        return instance.export(name);
    }

    private static long[] call(ExportFunction function, String name, long... args) {
        try {
            return function.apply(args);
        } catch (WasiExitException e) {
            throw new AbiException("failed to call function [" + name + "]: it exited with code " + e.exitCode());
        } catch (AbiException e) {
            throw e;
        } catch (RuntimeException | StackOverflowError e) {
            // Whatever a runtime of WebAssembly throws at strange code.
            throw new AbiException("failed to call function [" + name + "]: " + e.getMessage());
        }
    }

    private void hook(String option) {
        if (options.function(option).isPresent()) {
            String name = options.function(option).get();
            try {
                call(instance.export(name), name);
            } catch (AbiException e) {
                throw new AbiException("failed to call hook function [" + name + "]: " + e.getMessage());
            }
        }
    }

    /**
     * Handles a request.
     *
     * @return whether the module is content
     * @throws AbiException when it trapped or broke the rules: its instance cannot be used any more
     * @throws IOException when the body did not come
     */
    boolean serve(Body body, RequestBlock block, ModuleReply reply) throws IOException {
        abi.reply(reply);
        try {
            hook("request_init_handler");
            Memory memory = instance.memory();
            int begin = block.write(memory, address);
            boolean content = pieces(body, memory, begin, reply);
            hook("request_end_handler");
            return content;
        } finally {
            abi.reply(null);
        }
    }

    private boolean pieces(Body body, Memory memory, int begin, ModuleReply reply) throws IOException {
        int offset = begin;
        long total = 0;
        do {
            int piece = body.read(memory, address + offset, Abi.BLOCK - offset);
            total += piece;
            RequestBlock.piece(memory, address, offset, piece, total, offset == begin && total == piece);
            if (call(handler, "->wasm_request_handler", address)[0] != 0) {
                return false;
            }
            offset = RequestBlock.FIELDS;
        } while (total < body.length() && !reply.ended());
        return true;
    }

    /** Tells the module that it ends. */
    void end() {
        try {
            hook("module_end_handler");
            call(free, "->wasm_free_handler", address);
        } finally {
            wasi.close();
        }
    }

    /** Leaves the module as it is. */
    void discard() {
        wasi.close();
    }
}
