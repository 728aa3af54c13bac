// SPDX-License-Identifier: Apache-2.0
package io.margay.posix;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/** The title of this process: its arguments in its own memory, overwritten. */
final class Title {
    // Fields of /proc/self/stat, counted from the one after the name in parentheses.
    private static final int ARG_START = 45;
    private static final int ARG_END = 46;

    private Title() {
    }

    static void set(String title) {
        String stat = ProcFile.read("/proc/self/stat");
        // The name may contain blanks and parentheses, so count from its last one.
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        long start = Long.parseUnsignedLong(fields[ARG_START]);
        long size = Long.parseUnsignedLong(fields[ARG_END]) - start;
        if (start == 0 || size <= 1) {
            throw new PosixException("title: arguments of /proc/self/stat", Errno.ENODEV);
        }
        byte[] bytes = title.getBytes(StandardCharsets.UTF_8);
        int length = (int) Math.min(bytes.length, size - 1);
        MemorySegment area = MemorySegment.ofAddress(start).reinterpret(size);
        area.fill((byte) 0);
        MemorySegment.copy(bytes, 0, area, ValueLayout.JAVA_BYTE, 0, length);
        // The file of the task stays writable for its own process after a change of credentials.
        ProcFile.write("/proc/self/task/" + Processes.pid() + "/comm", title);
    }
}
