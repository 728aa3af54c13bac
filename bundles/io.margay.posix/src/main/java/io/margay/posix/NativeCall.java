// SPDX-License-Identifier: Apache-2.0
package io.margay.posix;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Arrays;

/**
 * One C function, linked at its first use.
 *
 * <p>All arguments travel as 64-bit integers, pointers included: both ABIs pass integers in whole registers of
 * which the callee reads as much as it declared, for variadic functions too. So a handful of handle shapes
 * serves every function, which keeps the start short. Callers keep the memory that they point to alive.
 */
final class NativeCall {
    private static final Linker.Option ERRNO = Linker.Option.captureCallState("errno");

    private final String name;
    private final int arity;
    private final boolean wide;
    // A race links twice and keeps either: method handles are immutable.
    private MethodHandle handle;

    private NativeCall(String name, int arity, boolean wide) {
        this.name = name;
        this.arity = arity;
        this.wide = wide;
    }

    /** A function that returns int. */
    static NativeCall ofInt(String name, int arity) {
        return new NativeCall(name, arity, false);
    }

    /** A function that returns long, ssize_t or a pointer. */
    static NativeCall ofLong(String name, int arity) {
        return new NativeCall(name, arity, true);
    }

    /** Links a function now; for handles kept in static final fields of holder classes. */
    static MethodHandle link(String name, int arity, boolean wide) {
        MemorySegment symbol = Lookup.LIBC.find(name)
            .orElseThrow(() -> new UnsupportedOperationException("glibc here has no " + name + "()"));
        MemoryLayout[] arguments = new MemoryLayout[arity];
        Arrays.fill(arguments, ValueLayout.JAVA_LONG);
        MemoryLayout result = wide ? ValueLayout.JAVA_LONG : ValueLayout.JAVA_INT;
        return Linker.nativeLinker().downcallHandle(symbol, FunctionDescriptor.of(result, arguments), ERRNO);
    }

    /** What can only be a bug or a dying JVM: invokeExact declares Throwable. */
    static RuntimeException unexpected(Throwable thrown) {
        if (thrown instanceof Error error) {
            throw error;
        }
        if (thrown instanceof RuntimeException exception) {
            return exception;
        }
        return new IllegalStateException(thrown);
    }

    boolean exists() {
        return Lookup.LIBC.find(name).isPresent();
    }

    int call() {
        try {
            return (int) handle().invokeExact(Scratch.current().capture);
        } catch (Throwable thrown) {
            throw unexpected(thrown);
        }
    }

    int call(long a) {
        try {
            return (int) handle().invokeExact(Scratch.current().capture, a);
        } catch (Throwable thrown) {
            throw unexpected(thrown);
        }
    }

    int call(long a, long b) {
        try {
            return (int) handle().invokeExact(Scratch.current().capture, a, b);
        } catch (Throwable thrown) {
            throw unexpected(thrown);
        }
    }

    int call(long a, long b, long c) {
        try {
            return (int) handle().invokeExact(Scratch.current().capture, a, b, c);
        } catch (Throwable thrown) {
            throw unexpected(thrown);
        }
    }

    int call(long a, long b, long c, long d) {
        try {
            return (int) handle().invokeExact(Scratch.current().capture, a, b, c, d);
        } catch (Throwable thrown) {
            throw unexpected(thrown);
        }
    }

    int call(long a, long b, long c, long d, long e) {
        try {
            return (int) handle().invokeExact(Scratch.current().capture, a, b, c, d, e);
        } catch (Throwable thrown) {
            throw unexpected(thrown);
        }
    }

    int call(long a, long b, long c, long d, long e, long f) {
        try {
            return (int) handle().invokeExact(Scratch.current().capture, a, b, c, d, e, f);
        } catch (Throwable thrown) {
            throw unexpected(thrown);
        }
    }

    long callLong(long a) {
        try {
            return (long) handle().invokeExact(Scratch.current().capture, a);
        } catch (Throwable thrown) {
            throw unexpected(thrown);
        }
    }

    long callLong(long a, long b, long c) {
        try {
            return (long) handle().invokeExact(Scratch.current().capture, a, b, c);
        } catch (Throwable thrown) {
            throw unexpected(thrown);
        }
    }

    long callLong(long a, long b, long c, long d, long e) {
        try {
            return (long) handle().invokeExact(Scratch.current().capture, a, b, c, d, e);
        } catch (Throwable thrown) {
            throw unexpected(thrown);
        }
    }

    long callLong(long a, long b, long c, long d, long e, long f) {
        try {
            return (long) handle().invokeExact(Scratch.current().capture, a, b, c, d, e, f);
        } catch (Throwable thrown) {
            throw unexpected(thrown);
        }
    }

    private MethodHandle handle() {
        MethodHandle linked = handle;
        if (linked == null) {
            linked = link(name, arity, wide);
            handle = linked;
        }
        return linked;
    }

    private static final class Lookup {
        static final SymbolLookup LIBC = Linker.nativeLinker().defaultLookup();

        private Lookup() {
        }
    }
}
