// SPDX-License-Identifier: Apache-2.0
package io.margay.lang.wasm.internal;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** Looks at a module before a JVM is started for it, so that who configures it learns what is wrong. */
final class ModuleFile {

    private static final int MAGIC = 0x0061736d;
    /** The version of modules, and the one of components, whose layer is in the upper half. */
    private static final int CORE = 0x01000000;
    private static final int COMPONENT_LAYER = 0x0100;
    private static final int EXPORTS = 7;
    private static final int FUNCTION = 0;
    private static final int MEMORY = 2;
    private static final int MOST_EXPORTED = 4 << 20;
    private static final int LOW_BITS = 0x7f;
    private static final int BITS = 7;
    private static final int MOST_BITS = 35;

    private ModuleFile() {
    }

    /**
     * Whether a file is a module and exports what it has to. What cannot be read here is left to the worker, as the
     * application has rights of its own.
     *
     * @param file the module
     * @param name as the application names it
     * @param functions names of functions that it has to export
     * @throws IllegalStateException when it cannot be used
     */
    static void check(Path file, String name, Set<String> functions) {
        if (!canBeRead(file, name)) {
            return;
        }
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
            begin(in, name);
            Map<String, Integer> exports = exports(in, name);
            for (String function : functions) {
                if (exports.getOrDefault(function, -1) != FUNCTION) {
                    throw new IllegalStateException("couldn't get (" + function + ") export from module");
                }
            }
            if (exports.getOrDefault("memory", -1) != MEMORY) {
                throw new IllegalStateException("couldn't get 'memory' from module");
            }
        } catch (EOFException | BufferUnderflowException e) {
            throw broken(name, e);
        } catch (IOException e) {
            throw new IllegalStateException("error opening file (" + name + "): " + e.getMessage(), e);
        }
    }

    /**
     * Whether a file is a component, as far as its first bytes tell.
     *
     * @param file the component
     * @param name as the application names it
     * @throws IllegalStateException when it cannot be used
     */
    static void checkComponent(Path file, String name) {
        if (!canBeRead(file, name)) {
            return;
        }
        try (DataInputStream in = new DataInputStream(Files.newInputStream(file))) {
            if (in.readInt() != MAGIC) {
                throw new IllegalStateException("failed to compile component: " + name + " is no WebAssembly");
            }
            int version = in.readInt();
            if (!isComponent(version)) {
                throw new IllegalStateException("failed to compile component: " + name + (version == CORE
                    ? " is a module, which needs the type wasm" : " has an unknown version of WebAssembly"));
            }
        } catch (EOFException e) {
            throw new IllegalStateException("failed to compile component: " + name + " is no WebAssembly", e);
        } catch (IOException e) {
            throw new IllegalStateException("error opening file (" + name + "): " + e.getMessage(), e);
        }
    }

    private static boolean canBeRead(Path file, String name) {
        if (Files.notExists(file)) {
            throw new IllegalStateException("error opening file (" + name + "): it does not exist");
        }
        if (Files.isDirectory(file)) {
            throw new IllegalStateException("error opening file (" + name + "): it is a directory");
        }
        return Files.isRegularFile(file) && Files.isReadable(file);
    }

    private static boolean isComponent(int version) {
        return (version & LOW_BITS << Byte.SIZE) == COMPONENT_LAYER;
    }

    private static IllegalStateException broken(String name, Exception cause) {
        return new IllegalStateException("error loading module: " + name + " is no WebAssembly module", cause);
    }

    private static void begin(DataInputStream in, String name) throws IOException {
        if (in.readInt() != MAGIC) {
            throw broken(name, null);
        }
        int version = in.readInt();
        if (version != CORE) {
            throw new IllegalStateException("error loading module: " + name + (isComponent(version)
                ? " is a component, which needs the type wasm-wasi-component"
                : " has an unknown version of WebAssembly"));
        }
    }

    /** Names to kinds. */
    private static Map<String, Integer> exports(DataInputStream in, String name) throws IOException {
        for (int section; (section = in.read()) >= 0;) {
            long size = size(in);
            if (section != EXPORTS) {
                in.skipNBytes(size);
                continue;
            }
            if (size > MOST_EXPORTED) {
                throw broken(name, null);
            }
            ByteBuffer bytes = ByteBuffer.wrap(in.readNBytes((int) size));
            Map<String, Integer> exports = new HashMap<>();
            for (long left = number(bytes); left > 0; left--) {
                long length = number(bytes);
                if (length > bytes.remaining()) {
                    throw broken(name, null);
                }
                byte[] text = new byte[(int) length];
                bytes.get(text);
                exports.put(new String(text, StandardCharsets.UTF_8), (int) bytes.get());
                number(bytes);
            }
            return exports;
        }
        return Map.of();
    }

    private static long size(DataInputStream in) throws IOException {
        long value = 0;
        for (int shift = 0; shift < MOST_BITS; shift += BITS) {
            int next = in.readUnsignedByte();
            value |= (long) (next & LOW_BITS) << shift;
            if (next <= LOW_BITS) {
                return value;
            }
        }
        throw new EOFException("a number is too long");
    }

    private static long number(ByteBuffer bytes) {
        long value = 0;
        for (int shift = 0; shift < MOST_BITS; shift += BITS) {
            int next = bytes.get() & 0xff;
            value |= (long) (next & LOW_BITS) << shift;
            if (next <= LOW_BITS) {
                return value;
            }
        }
        throw new BufferUnderflowException();
    }
}
