// SPDX-License-Identifier: Apache-2.0
package io.margay.posix;

import java.io.File;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** Users, groups and capabilities of this process, by number. */
public final class Credentials {
    /** Bits of {@link #effectiveCapabilities}: change the group. */
    public static final int CAP_SETGID = 6;
    /** Change the user. */
    public static final int CAP_SETUID = 7;
    /** Change the root directory. */
    public static final int CAP_SYS_CHROOT = 18;

    /** What a thread may do, and what it would pass on; inheritable ones alone give nothing. */
    private static final List<String> CAPABILITIES = List.of("CapPrm", "CapEff", "CapAmb");
    private static final int FIRST_TRY = 256;
    private static final int NGROUPS_MAX = 65_536;
    private static final NativeCall GETUID = NativeCall.of("getuid");
    private static final NativeCall GETEUID = NativeCall.of("geteuid");
    private static final NativeCall GETGID = NativeCall.of("getgid");
    private static final NativeCall GETEGID = NativeCall.of("getegid");
    private static final NativeCall GETGROUPS = NativeCall.of("getgroups");
    private static final NativeCall SETUID = NativeCall.of("setuid");
    private static final NativeCall SETGID = NativeCall.of("setgid");
    private static final NativeCall SETGROUPS = NativeCall.of("setgroups");
    private static final NativeCall GETGROUPLIST = NativeCall.of("getgrouplist");

    private Credentials() {
    }

    /** The real user. */
    public static int uid() {
        return GETUID.call();
    }

    /** The effective user. */
    public static int effectiveUid() {
        return GETEUID.call();
    }

    /** The real group. */
    public static int gid() {
        return GETGID.call();
    }

    /** The effective group. */
    public static int effectiveGid() {
        return GETEGID.call();
    }

    /** The supplementary groups. */
    public static int[] groups() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment list = arena.allocate(ValueLayout.JAVA_INT, NGROUPS_MAX);
            int count = GETGROUPS.call(NGROUPS_MAX, list.address());
            if (count < 0) {
                throw PosixException.last("getgroups(" + NGROUPS_MAX + ")");
            }
            return list.asSlice(0, count * 4L).toArray(ValueLayout.JAVA_INT);
        }
    }

    /** The effective capabilities of the calling thread; bit n is capability n. */
    public static long effectiveCapabilities() {
        return ProcFile.field(ProcFile.read("/proc/thread-self/status"), "CapEff")
            .map(text -> Long.parseUnsignedLong(text, 16))
            .orElseThrow(() -> new PosixException("CapEff of /proc/thread-self/status", Errno.ENOENT));
    }

    /**
     * The groups of a user by the system's group database: {@code gid} and those that list the user.
     *
     * @throws PosixException {@code getgrouplist("user", gid, ...) failed (...)}
     */
    public static int[] groupsOf(String user, int gid) {
        try (Arena arena = Arena.ofConfined()) {
            if (user.indexOf('\0') >= 0) {
                throw new PosixException(groupListCall(user.replace('\0', '?'), gid), Errno.EINVAL);
            }
            MemorySegment name = arena.allocateFrom(user, StandardCharsets.UTF_8);
            MemorySegment count = arena.allocate(ValueLayout.JAVA_INT);
            for (int size = FIRST_TRY; size <= NGROUPS_MAX; size *= NGROUPS_MAX / FIRST_TRY) {
                MemorySegment list = arena.allocate(ValueLayout.JAVA_INT, size);
                count.set(ValueLayout.JAVA_INT, 0, size);
                if (GETGROUPLIST.call(name.address(), gid, list.address(), count.address()) >= 0) {
                    return list.asSlice(0, count.get(ValueLayout.JAVA_INT, 0) * 4L).toArray(ValueLayout.JAVA_INT);
                }
            }
            throw PosixException.last(groupListCall(user, gid));
        }
    }

    /**
     * Takes on group, supplementary groups and user in all threads for good, and verifies it in each.
     *
     * @throws PosixException when the kernel refuses; {@code setgid(65534) failed (...)}
     * @throws IllegalStateException when a thread kept other credentials: the process must not go on then
     */
    public static void apply(int uid, int gid, int[] groups) {
        if (SETGID.call(gid) < 0) {
            throw PosixException.last("setgid", gid);
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment list = arena.allocate(ValueLayout.JAVA_INT, Math.max(1, groups.length));
            MemorySegment.copy(groups, 0, list, ValueLayout.JAVA_INT, 0, groups.length);
            if (SETGROUPS.call(groups.length, list.address()) < 0) {
                throw PosixException.last("setgroups", groups.length);
            }
        }
        if (SETUID.call(uid) < 0) {
            throw PosixException.last("setuid", uid);
        }
        verify(uid, gid, groups);
    }

    /**
     * Verifies the credentials of every thread by the kernel's own account, and that none has kept a capability, unless
     * the user is root. A change of the user clears capabilities only when it leaves uid 0: others have to be given up
     * before the program starts, since each thread has its own.
     *
     * @throws IllegalStateException naming the first thread that differs
     */
    public static void verify(int uid, int gid, int[] groups) {
        String[] tasks = new File("/proc/self/task").list();
        if (tasks == null || tasks.length == 0) {
            throw new IllegalStateException("threads of this process cannot be listed in /proc");
        }
        String user = fourTimes(uid);
        String group = fourTimes(gid);
        int[] expected = sorted(groups);
        for (String task : tasks) {
            String status = statusOf(task);
            if (status.isEmpty()) {
                continue;
            }
            boolean same = ProcFile.field(status, "Uid").filter(user::equals).isPresent()
                && ProcFile.field(status, "Gid").filter(group::equals).isPresent()
                && ProcFile.field(status, "Groups").filter(text -> sameGroups(text, expected)).isPresent();
            if (!same) {
                throw new IllegalStateException("thread " + task + " did not take on uid " + uid + ", gid " + gid
                    + " and groups " + Arrays.toString(groups));
            }
            verifyNone(uid, task, status);
        }
    }

    /**
     * Verifies that no thread has a capability, unless the user is root.
     *
     * @throws IllegalStateException naming the first thread that has
     */
    public static void verifyUnprivileged() {
        String[] tasks = new File("/proc/self/task").list();
        if (tasks == null || tasks.length == 0) {
            throw new IllegalStateException("threads of this process cannot be listed in /proc");
        }
        for (String task : tasks) {
            verifyNone(effectiveUid(), task, statusOf(task));
        }
    }

    private static void verifyNone(int uid, String task, String status) {
        for (String set : uid == 0 || status.isEmpty() ? List.<String>of() : CAPABILITIES) {
            // An old kernel knows no ambient ones.
            if (ProcFile.field(status, set).filter(bits -> Long.parseUnsignedLong(bits, 16) != 0).isPresent()) {
                throw new IllegalStateException("thread " + task + " has kept capabilities (" + set + ")");
            }
        }
    }

    /** Empty for a thread that has ended since the listing; new ones have the credentials of their makers. */
    private static String statusOf(String task) {
        try {
            return ProcFile.read("/proc/self/task/" + task + "/status");
        } catch (PosixException gone) {
            if (gone.errno() == Errno.ENOENT || gone.errno() == Errno.ESRCH) {
                return "";
            }
            throw gone;
        }
    }

    private static String fourTimes(int id) {
        String text = Integer.toUnsignedString(id);
        return String.join("\t", text, text, text, text);
    }

    private static boolean sameGroups(String text, int[] expected) {
        int[] found = Stream.of(text.split(" ")).filter(part -> !part.isEmpty())
            .mapToInt(Integer::parseUnsignedInt).toArray();
        return Arrays.equals(sorted(found), expected);
    }

    private static int[] sorted(int[] groups) {
        return Arrays.stream(groups).sorted().distinct().toArray();
    }

    private static String groupListCall(String user, int gid) {
        return "getgrouplist(\"" + user + "\", " + gid + ", ...)";
    }
}
