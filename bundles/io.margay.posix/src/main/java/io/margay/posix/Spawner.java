// SPDX-License-Identifier: Apache-2.0
package io.margay.posix;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** posix_spawn: the only safe way for a multi-threaded process to start another with chosen descriptors. */
final class Spawner {
    private static final int STRUCT_SIZE = 512;
    private static final int SET_SIZE = 128;
    private static final int SETSIGDEF = 0x4;
    private static final int SETSIGMASK = 0x8;
    private static final int SETSID = 0x80;
    private static final int FIRST_FREE = 3;
    /** All signals, the two that glibc keeps to itself too: it would leave those ignored in the child. */
    private static final long DEFAULTS = ~Signals.bits(Signals.SIGKILL, Signals.SIGSTOP);

    private static final NativeCall SPAWN = NativeCall.of("posix_spawn");
    private static final NativeCall ACTIONS_INIT = NativeCall.of("posix_spawn_file_actions_init");
    private static final NativeCall ACTIONS_DESTROY = NativeCall.of("posix_spawn_file_actions_destroy");
    private static final NativeCall ADD_DUP2 = NativeCall.of("posix_spawn_file_actions_adddup2");
    private static final NativeCall ADD_CLOSE = NativeCall.of("posix_spawn_file_actions_addclose");
    private static final NativeCall ADD_CLOSE_FROM = NativeCall.of("posix_spawn_file_actions_addclosefrom_np");
    private static final NativeCall ATTR_INIT = NativeCall.of("posix_spawnattr_init");
    private static final NativeCall ATTR_DESTROY = NativeCall.of("posix_spawnattr_destroy");
    private static final NativeCall ATTR_FLAGS = NativeCall.of("posix_spawnattr_setflags");
    private static final NativeCall ATTR_MASK = NativeCall.of("posix_spawnattr_setsigmask");
    private static final NativeCall ATTR_DEFAULT = NativeCall.of("posix_spawnattr_setsigdefault");

    private Spawner() {
    }

    static int spawn(SpawnSpec spec) {
        try (Arena arena = Arena.ofConfined()) {
            List<Fd> copies = new ArrayList<>();
            MemorySegment actions = arena.allocate(STRUCT_SIZE, 16);
            MemorySegment attributes = arena.allocate(STRUCT_SIZE, 16);
            check(ACTIONS_INIT.call(actions.address()), "posix_spawn_file_actions_init()");
            check(ATTR_INIT.call(attributes.address()), "posix_spawnattr_init()");
            try {
                addActions(arena, actions, spec, copies);
                setAttributes(arena, attributes, spec);
                MemorySegment pid = arena.allocate(ValueLayout.JAVA_INT);
                check(SPAWN.call(pid.address(), text(arena, spec.path()), actions.address(), attributes.address(),
                    array(arena, spec.arguments()), array(arena, spec.environment())),
                    "posix_spawn(\"" + spec.path() + "\")");
                return pid.get(ValueLayout.JAVA_INT, 0);
            } finally {
                ATTR_DESTROY.call(attributes.address());
                ACTIONS_DESTROY.call(actions.address());
                copies.forEach(Fd::close);
            }
        }
    }

    private static void addActions(Arena arena, MemorySegment actions, SpawnSpec spec, List<Fd> copies) {
        int last = FIRST_FREE - 1;
        for (int child : spec.fds().keySet()) {
            last = Math.max(last, child);
        }
        // Targets may overlap sources in any order, so the sources are first copied above all targets.
        for (Map.Entry<Integer, Integer> entry : spec.fds().entrySet()) {
            Fd copy = Descriptors.duplicate(entry.getValue(), last + 1);
            copies.add(copy);
            check(ADD_DUP2.call(actions.address(), copy.number(), entry.getKey()), "posix_spawn adddup2");
        }
        for (int fd = FIRST_FREE; fd <= last; fd++) {
            if (!spec.fds().containsKey(fd)) {
                check(ADD_CLOSE.call(actions.address(), fd), "posix_spawn addclose");
            }
        }
        check(ADD_CLOSE_FROM.call(actions.address(), last + 1), "posix_spawn addclosefrom");
    }

    private static void setAttributes(Arena arena, MemorySegment attributes, SpawnSpec spec) {
        MemorySegment set = arena.allocate(SET_SIZE, 16);
        set.set(ValueLayout.JAVA_LONG, 0,
            Signals.bits(spec.blocked().stream().mapToInt(Integer::intValue).toArray()));
        check(ATTR_MASK.call(attributes.address(), set.address()), "posix_spawnattr_setsigmask()");
        set.set(ValueLayout.JAVA_LONG, 0, DEFAULTS);
        check(ATTR_DEFAULT.call(attributes.address(), set.address()), "posix_spawnattr_setsigdefault()");
        int flags = SETSIGDEF | SETSIGMASK | (spec.newSession() ? SETSID : 0);
        check(ATTR_FLAGS.call(attributes.address(), flags), "posix_spawnattr_setflags()");
    }

    private static long array(Arena arena, List<String> strings) {
        MemorySegment array = arena.allocate(ValueLayout.JAVA_LONG, strings.size() + 1L);
        for (int i = 0; i < strings.size(); i++) {
            array.setAtIndex(ValueLayout.JAVA_LONG, i, text(arena, strings.get(i)));
        }
        return array.address();
    }

    private static long text(Arena arena, String text) {
        if (text.indexOf('\0') >= 0) {
            throw new PosixException("posix_spawn() with a NUL in \"" + text.replace('\0', '?') + "\"", Errno.EINVAL);
        }
        return arena.allocateFrom(text, StandardCharsets.UTF_8).address();
    }

    /** These functions return the error. */
    private static void check(int error, String call) {
        if (error != 0) {
            throw new PosixException(call, error);
        }
    }
}
