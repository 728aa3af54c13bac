// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static io.margay.testing.WasmBinary.begin;
import static io.margay.testing.WasmBinary.call;
import static io.margay.testing.WasmBinary.code;
import static io.margay.testing.WasmBinary.constant;
import static io.margay.testing.WasmBinary.get;
import static io.margay.testing.WasmBinary.load;
import static io.margay.testing.WasmBinary.op;
import static io.margay.testing.WasmBinary.set;
import static io.margay.testing.WasmBinary.store;

import io.margay.testing.WasmBinary;
import io.margay.testing.WasmBinary.Type;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A module with a function for each thing that a request handler may do. */
final class WasmApp {
    /** Where its block is. */
    private static final int ADDRESS = 65_536;
    /** Offset of its own data, behind what a request may use of the block. */
    private static final int OWN = 33_554_432;
    private static final int HELLO = OWN + 100;
    private static final int COUNTER = OWN + 200;
    private static final int PAGES = 520;
    private static final int STATUS = 0;
    private static final int HEADERS = 1;
    private static final int RESPONSE = 2;
    private static final int FINISH = 3;
    private static final int PRESTAT = 4;
    private static final int ADD = 0x6a;
    private static final int SUBTRACT = 0x6b;
    private static final int BELOW = 0x49;
    private static final int EQUALS = 0x46;
    private static final int DIFFERS = 0x47;
    private static final int RETURN = 0x0f;
    private static final int LOAD_BYTE = 0x2d;
    private static final byte[] GOOD = constant(0);
    /** The request handlers, in the order of their numbers; the functions before them are those of {@link #memory}. */
    private static final List<String> HANDLERS = List.of("hello", "status", "silent", "refuse", "count", "preopened",
        "echo", "show", "trap", "late", "endless", "deep", "far", "long", "fields", "name", "value", "strange");
    private static final int FIRST_HANDLER = 5 + 6;
    private static final byte[] UNREACHABLE = op(WasmBinary.UNREACHABLE);
    private static final byte[] END = op(WasmBinary.END);
    private static final byte[] HEAD = code(constant(OWN), call(HEADERS));
    private static final byte[] GREETING = code(constant(HELLO), call(RESPONSE));

    private WasmApp() {
    }

    /** Writes it. */
    static Path write(Path file) throws IOException {
        return Files.write(file, bytes());
    }

    /** {@return the path for which the handler {@code choose} does what that handler does} */
    static String target(String handler) {
        return "/" + (char) ('A' + HANDLERS.indexOf(handler));
    }

    static byte[] bytes() {
        WasmBinary module = new WasmBinary(PAGES)
            .imports("env", "nxt_wasm_set_resp_status", Type.IN)
            .imports("env", "nxt_wasm_send_headers", Type.IN)
            .imports("env", "nxt_wasm_send_response", Type.IN)
            .imports("env", "nxt_wasm_response_end", Type.NONE)
            .imports("wasi_snapshot_preview1", "fd_prestat_get", Type.TWO)
            .data(ADDRESS + OWN, table())
            .data(ADDRESS + HELLO, sized("hello"))
            .data(ADDRESS + COUNTER, sized("0"));
        memory(module);
        good(module);
        bad(module);
        module.function("choose", Type.BOTH, choose());
        return module.bytes();
    }

    /** One handler for all: the letter behind the slash decides. */
    private static byte[] choose() {
        byte[] letter = code(get(0), get(0), load(16), op(ADD), op(LOAD_BYTE, 0, 1));
        // The next piece of a body lies where the path was.
        byte[] all = code(begin(WasmBinary.BLOCK), get(0), load(72), get(0), load(80), op(EQUALS), op(0x0d, 0), get(0),
            call(number("echo")), op(RETURN), END);
        for (String handler : HANDLERS) {
            all = code(all, begin(WasmBinary.BLOCK), letter, constant(target(handler).charAt(1)), op(DIFFERS),
                op(0x0d, 0), get(0), call(number(handler)), op(RETURN), END);
        }
        return code(all, UNREACHABLE);
    }

    private static int number(String handler) {
        return FIRST_HANDLER + HANDLERS.indexOf(handler);
    }

    /** Two fields. */
    private static byte[] table() {
        byte[] head = code(word(2), word(36), word(12), word(48), word(9), word(57), word(3), word(60), word(1));
        return code(head, "Content-Typetext/htmlX-Ay".getBytes(StandardCharsets.US_ASCII));
    }

    private static byte[] word(int value) {
        return op(value, value >> 8, value >> 16, value >> 24);
    }

    private static byte[] sized(String text) {
        return code(word(text.length()), text.getBytes(StandardCharsets.US_ASCII));
    }

    private static void memory(WasmBinary module) {
        byte[] grow = code(constant(100_000), op(0x40, 0), op(0x1a));
        module.function("malloc", Type.BOTH, constant(ADDRESS))
            .function("greedy", Type.BOTH, code(grow, constant(0)))
            .function("outside", Type.BOTH, constant(-1))
            .function("free", Type.IN, new byte[0])
            .function("none", Type.NONE, new byte[0])
            .function("increment", Type.NONE, code(constant(ADDRESS + COUNTER + 4), constant(ADDRESS + COUNTER + 4),
                load(0), constant(1), op(ADD), store(0)));
    }

    private static void good(WasmBinary module) {
        module.function("hello", Type.BOTH, code(HEAD, GREETING, call(FINISH), GOOD))
            .function("status", Type.BOTH, code(constant(404), call(STATUS), GREETING, call(FINISH), GOOD))
            .function("silent", Type.BOTH, GOOD)
            .function("refuse", Type.BOTH, constant(1))
            .function("count", Type.BOTH, code(constant(COUNTER), call(RESPONSE), call(FINISH), GOOD))
            .function("preopened", Type.BOTH, code(constant(3), constant(8), call(PRESTAT)))
            .function("echo", Type.BOTH, code(text(84, 80),
                begin(WasmBinary.BLOCK), get(0), load(72), get(0), load(64), op(BELOW), op(0x0d, 0), call(FINISH), END,
                GOOD))
            .function("show", Type.BOTH, code(text(0, 4), text(8, 12), text(16, 20), text(24, 28), text(32, 36),
                text(40, 44), text(48, 52), text(56, 60), text(104, 108), text(112, 116), call(FINISH), GOOD));
    }

    /** Sends what the words at two offsets of the block name: writes its length before it, over what is there. */
    private static byte[] text(int offset, int length) {
        byte[] begin = code(get(1), constant(4), op(SUBTRACT));
        return code(get(0), load(offset), set(1), get(0), begin, op(ADD), get(0), load(length), store(0), begin,
            call(RESPONSE));
    }

    private static void bad(WasmBinary module) {
        module.function("trap", Type.BOTH, UNREACHABLE)
            .function("late", Type.BOTH, code(HEAD, GREETING, UNREACHABLE))
            .function("endless", Type.BOTH, code(begin(WasmBinary.LOOP), op(0x0c, 0), END, GOOD))
            .function("deep", Type.BOTH, code(get(0), call(number("deep"))))
            .function("far", Type.BOTH, code(constant(-1), call(RESPONSE), GOOD))
            .function("long", Type.BOTH, code(get(0), constant(-1), store(0), constant(0), call(RESPONSE), GOOD))
            .function("fields", Type.BOTH, code(get(0), constant(-1), store(0), constant(0), call(HEADERS), GOOD))
            .function("name", Type.BOTH, code(get(0), constant(1), store(0), get(0), constant(256), store(8),
                constant(0), call(HEADERS), GOOD))
            .function("value", Type.BOTH, code(get(0), constant(1), store(0), get(0), constant(1), store(8), get(0),
                constant(-9), store(12), get(0), constant(1), store(16), constant(0), call(HEADERS), GOOD))
            .function("strange", Type.BOTH, code(constant(7), call(STATUS), GOOD))
            .function("start", Type.NONE, UNREACHABLE);
    }
}
