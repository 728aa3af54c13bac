// SPDX-License-Identifier: Apache-2.0
package io.margay.testing;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Assembles modules of WebAssembly that import and export functions of numbers. */
public final class WasmBinary {

    /** Types of functions. */
    public enum Type {
        /** Nothing. */
        NONE,
        /** Takes one. */
        IN,
        /** Gives one. */
        OUT,
        /** Takes one and gives one. */
        BOTH,
        /** Takes two and gives one. */
        TWO
    }

    /** Instructions with a fixed form. */
    public static final int UNREACHABLE = 0x00;
    /** Ends a block, a loop or a function. */
    public static final int END = 0x0b;
    /** A loop without a result. */
    public static final int LOOP = 0x03;
    /** A block without a result. */
    public static final int BLOCK = 0x02;

    private static final int I32 = 0x7f;
    private static final int LOW = 0x7f;
    private static final int MORE = 0x80;
    private static final int BITS = 7;
    private static final int VOID = 0x40;
    private static final int FUNCTION_TYPE = 0x60;
    private static final int LOCALS = 4;

    private final ByteArrayOutputStream imports = new ByteArrayOutputStream();
    private final ByteArrayOutputStream functions = new ByteArrayOutputStream();
    private final ByteArrayOutputStream exports = new ByteArrayOutputStream();
    private final ByteArrayOutputStream code = new ByteArrayOutputStream();
    private final ByteArrayOutputStream data = new ByteArrayOutputStream();
    private final List<Integer> counts = new ArrayList<>(List.of(0, 0, 0, 0));
    private final long pages;

    /** With a memory of so many pages, exported as {@code memory}; none for 0. */
    public WasmBinary(long pages) {
        this.pages = pages;
        if (pages > 0) {
            export("memory", 2, 0);
        }
    }

    /** Imports a function; they have the first numbers. */
    public WasmBinary imports(String module, String name, Type type) {
        text(imports, module);
        text(imports, name);
        imports.write(0);
        imports.write(type.ordinal());
        count(0);
        return this;
    }

    /** Exports a function with some local numbers; the last {@link #END} is added. */
    public WasmBinary function(String name, Type type, byte[] body) {
        export(name, 0, counts.get(0) + counts.get(1));
        functions.write(type.ordinal());
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(new byte[] {1, LOCALS, I32});
        bytes.writeBytes(body);
        bytes.write(END);
        number(code, bytes.size());
        code.writeBytes(bytes.toByteArray());
        count(1);
        return this;
    }

    /** Puts bytes into the memory. */
    public WasmBinary data(int address, byte[] content) {
        data.write(0);
        data.writeBytes(constant(address));
        data.write(END);
        number(data, content.length);
        data.writeBytes(content);
        count(3);
        return this;
    }

    private void export(String name, int kind, int number) {
        text(exports, name);
        exports.write(kind);
        number(exports, number);
        count(2);
    }

    private void count(int index) {
        counts.set(index, counts.get(index) + 1);
    }

    /** The module. */
    public byte[] bytes() {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(new byte[] {0, 'a', 's', 'm', 1, 0, 0, 0});
        ByteArrayOutputStream types = new ByteArrayOutputStream();
        for (Type type : Type.values()) {
            types.write(FUNCTION_TYPE);
            types.writeBytes(switch (type) {
                case NONE -> new byte[] {0, 0};
                case IN -> new byte[] {1, I32, 0};
                case OUT -> new byte[] {0, 1, I32};
                case BOTH -> new byte[] {1, I32, 1, I32};
                case TWO -> new byte[] {2, I32, I32, 1, I32};
            });
        }
        section(all, 1, Type.values().length, types);
        section(all, 2, counts.get(0), imports);
        section(all, 3, counts.get(1), functions);
        if (pages > 0) {
            ByteArrayOutputStream memory = new ByteArrayOutputStream();
            memory.write(0);
            number(memory, pages);
            section(all, 5, 1, memory);
        }
        section(all, 7, counts.get(2), exports);
        section(all, 10, counts.get(1), code);
        section(all, 11, counts.get(3), data);
        return all.toByteArray();
    }

    private static void section(ByteArrayOutputStream all, int id, int count, ByteArrayOutputStream content) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        number(bytes, count);
        bytes.writeBytes(content.toByteArray());
        all.write(id);
        number(all, bytes.size());
        all.writeBytes(bytes.toByteArray());
    }

    private static void text(ByteArrayOutputStream out, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        number(out, bytes.length);
        out.writeBytes(bytes);
    }

    private static void number(ByteArrayOutputStream out, long value) {
        long left = value;
        for (; left > LOW; left >>>= BITS) {
            out.write((int) (left & LOW | MORE));
        }
        out.write((int) left);
    }

    /** Puts parts of code together. */
    public static byte[] code(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    /** An instruction without operands, or the words of one. */
    public static byte[] op(int... words) {
        byte[] bytes = new byte[words.length];
        for (int i = 0; i < words.length; i++) {
            bytes[i] = (byte) words[i];
        }
        return bytes;
    }

    /** Pushes a number. */
    public static byte[] constant(int value) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(0x41);
        int left = value;
        for (; left < -(LOW / 2) - 1 || left > LOW / 2; left >>= BITS) {
            out.write(left & LOW | MORE);
        }
        out.write(left & LOW);
        return out.toByteArray();
    }

    /** Pushes a parameter or local number. */
    public static byte[] get(int local) {
        return op(0x20, local);
    }

    /** Pops into a local number. */
    public static byte[] set(int local) {
        return op(0x21, local);
    }

    /** Calls a function. */
    public static byte[] call(int number) {
        return op(0x10, number);
    }

    /** Replaces the address on the stack by the number there, at an offset. */
    public static byte[] load(int offset) {
        return code(op(0x28, 0), unsigned(offset));
    }

    /** Pops a number and an address, and stores it there, at an offset. */
    public static byte[] store(int offset) {
        return code(op(0x36, 0), unsigned(offset));
    }

    /** Begins a block or loop. */
    public static byte[] begin(int kind) {
        return op(kind, VOID);
    }

    private static byte[] unsigned(int value) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        number(out, value);
        return out.toByteArray();
    }
}
