// SPDX-License-Identifier: Apache-2.0
package io.margay.posix;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** News of the entries of a directory, by inotify. Changes that another machine makes on a network disk are none. */
public final class Inotify {
    /** A file that was open for writing was closed. */
    public static final int IN_CLOSE_WRITE = 0x8;
    /** An entry was moved away. */
    public static final int IN_MOVED_FROM = 0x40;
    /** An entry was moved here. */
    public static final int IN_MOVED_TO = 0x80;
    /** An entry was made. */
    public static final int IN_CREATE = 0x100;
    /** An entry was deleted. */
    public static final int IN_DELETE = 0x200;
    /** The directory itself was deleted. */
    public static final int IN_DELETE_SELF = 0x400;
    /** The directory itself was moved. */
    public static final int IN_MOVE_SELF = 0x800;
    /** What the directory lies on was unmounted. */
    public static final int IN_UNMOUNT = 0x2000;
    /** News were lost, since there were too many. */
    public static final int IN_Q_OVERFLOW = 0x4000;
    /** The watch is gone. */
    public static final int IN_IGNORED = 0x8000;

    /**
     * One piece of news.
     *
     * @param mask what has happened, one of the constants and perhaps more bits
     * @param name of the entry; empty for news of the directory itself
     */
    public record Event(int mask, String name) {

        /** Whether one of these has happened. */
        public boolean is(int bits) {
            return (mask & bits) != 0;
        }
    }

    private static final int IN_FLAGS = 0x80800;
    private static final int IN_ONLYDIR = 0x100_0000;
    private static final int HEAD = 16;
    private static final int MASK = 4;
    private static final int LENGTH = 12;
    private static final int BUFFER = 16_384;
    private static final NativeCall INIT = NativeCall.of("inotify_init1");
    private static final NativeCall ADD = NativeCall.of("inotify_add_watch");
    private static final NativeCall REMOVE = NativeCall.of("inotify_rm_watch");

    private Inotify() {
    }

    /** A non-blocking descriptor that becomes readable when there are news. */
    public static Fd open() {
        int fd = INIT.call(IN_FLAGS);
        if (fd < 0) {
            throw PosixException.last("inotify_init1()");
        }
        return Fd.own(fd);
    }

    /**
     * Watches a directory.
     *
     * @param events sum of constants
     * @return number of the watch
     */
    public static int watch(Fd inotify, String directory, int events) {
        int watch = ADD.call(inotify.number(), Scratch.current().path(directory, 0), events | IN_ONLYDIR);
        if (watch < 0) {
            throw PosixException.last("inotify_add_watch", directory);
        }
        return watch;
    }

    /** Ends a watch; one that has ended by itself is no error. */
    public static void unwatch(Fd inotify, int watch) {
        REMOVE.call(inotify.number(), watch);
    }

    /** The news that wait, oldest first; none when there are none. */
    public static List<Event> read(Fd inotify) {
        List<Event> events = new ArrayList<>();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(BUFFER, Long.BYTES);
            int length = Files.read(inotify.number(), buffer, 0, BUFFER);
            int at = 0;
            while (at + HEAD <= length) {
                int size = buffer.get(ValueLayout.JAVA_INT, at + LENGTH);
                byte[] name = buffer.asSlice(at + HEAD, size).toArray(ValueLayout.JAVA_BYTE);
                int end = 0;
                while (end < size && name[end] != 0) {
                    end++;
                }
                events.add(new Event(buffer.get(ValueLayout.JAVA_INT, at + MASK),
                    new String(name, 0, end, StandardCharsets.UTF_8)));
                at += HEAD + size;
            }
        }
        return events;
    }
}
