// SPDX-License-Identifier: Apache-2.0
package io.margay.posix;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * One C function, looked up at its first use.
 *
 * <p>Each is called with six 64-bit integers, pointers included, and gives one: both ABIs pass integers in whole
 * registers of which the callee reads as much as it declared, for variadic functions too, and an int is the lower half
 * of what comes back. So one handle serves every function: to link one takes some milliseconds of a start, which a
 * handle for each number of arguments would cost again and again. Callers keep the memory that they point to alive.
 */
final class NativeCall {
    private final String name;
    // A race looks up twice and keeps either: both are the same address.
    private MemorySegment symbol;

    private NativeCall(String name) {
        this.name = name;
    }

    /** A function of the C library. */
    static NativeCall of(String name) {
        return new NativeCall(name);
    }

    boolean exists() {
        return Lookup.LIBC.find(name).isPresent();
    }

    int call() {
        return (int) invoke(Scratch.current(), 0, 0, 0, 0, 0, 0);
    }

    int call(long a) {
        return (int) invoke(Scratch.current(), a, 0, 0, 0, 0, 0);
    }

    int call(long a, long b) {
        return (int) invoke(Scratch.current(), a, b, 0, 0, 0, 0);
    }

    int call(long a, long b, long c) {
        return (int) invoke(Scratch.current(), a, b, c, 0, 0, 0);
    }

    int call(long a, long b, long c, long d) {
        return (int) invoke(Scratch.current(), a, b, c, d, 0, 0);
    }

    int call(long a, long b, long c, long d, long e) {
        return (int) invoke(Scratch.current(), a, b, c, d, e, 0);
    }

    int call(long a, long b, long c, long d, long e, long f) {
        return (int) invoke(Scratch.current(), a, b, c, d, e, f);
    }

    long callLong(long a) {
        return invoke(Scratch.current(), a, 0, 0, 0, 0, 0);
    }

    long callLong(long a, long b, long c) {
        return invoke(Scratch.current(), a, b, c, 0, 0, 0);
    }

    long callLong(long a, long b, long c, long d, long e) {
        return invoke(Scratch.current(), a, b, c, d, e, 0);
    }

    long callLong(long a, long b, long c, long d, long e, long f) {
        return invoke(Scratch.current(), a, b, c, d, e, f);
    }

    /** For those who have the memory of the thread at hand. */
    long callLong(Scratch scratch, long a, long b, long c) {
        return invoke(scratch, a, b, c, 0, 0, 0);
    }

    /** For those who have the memory of the thread at hand. */
    long callLong(Scratch scratch, long a, long b, long c, long d) {
        return invoke(scratch, a, b, c, d, 0, 0);
    }

    private long invoke(Scratch scratch, long a, long b, long c, long d, long e, long f) {
        try {
            return (long) Handle.CALL.invokeExact(symbol(), scratch.capture, a, b, c, d, e, f);
        } catch (RuntimeException | Error thrown) {
            throw thrown;
        } catch (Throwable thrown) {
            // invokeExact declares it; C throws nothing.
            throw new IllegalStateException(thrown);
        }
    }

    private MemorySegment symbol() {
        MemorySegment found = symbol;
        if (found == null) {
            found = Lookup.LIBC.find(name)
                .orElseThrow(() -> new UnsupportedOperationException("glibc here has no " + name + "()"));
            symbol = found;
        }
        return found;
    }

    private static final class Lookup {
        static final SymbolLookup LIBC = Linker.nativeLinker().defaultLookup();

        private Lookup() {
        }
    }

    /** A constant of a holder class: linked at the first call, then folded by the compiler. */
    private static final class Handle {
        static final MethodHandle CALL = Linker.nativeLinker().downcallHandle(FunctionDescriptor.of(
            ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG,
            ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG),
            Linker.Option.captureCallState("errno"));

        private Handle() {
        }
    }
}
