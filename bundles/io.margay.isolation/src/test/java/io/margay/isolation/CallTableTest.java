// SPDX-License-Identifier: Apache-2.0
package io.margay.isolation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.posix.Fd;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Plans as the text of their tables. */
class CallTableTest {

    private static final String EVERYTHING = """
        0 failure write(report, &failure, 16) -> errors ignored
        1 failure exit_group(1) -> errors ignored
        2 descriptors fcntl(5, F_SETFD, FD_CLOEXEC)
        3 descriptors fcntl(6, F_SETFD, FD_CLOEXEC)
        4 umask umask(022) -> errors ignored
        5 namespaces unshare(CLONE_NEWPID|CLONE_NEWNS)
        6 namespaces clone(CLONE_PARENT|SIGCHLD, NULL) -> if 0 go to 8
        7 namespaces exit_group(0) -> errors ignored
        8 handshake sendto(3, &message, 16, MSG_NOSIGNAL, NULL, 0) -> EAGAIN accepted, if done go to 11
        9 handshake ppoll({3, POLLOUT}, 1, NULL, NULL)
        10 handshake go to 8
        11 handshake ppoll({4, POLLIN}, 1, NULL, NULL)
        12 handshake recvfrom(4, &buffer, 64, 0, NULL, NULL) -> if 0 go to 18
        13 handshake look(&buffer.type, 0xff0000) -> if RPC_READY go to 19
        14 handshake look(&buffer.type, 0xff0000) -> if RPC_ERROR go to 18
        15 handshake look(&buffer.type, 0xff0000) -> if QUIT go to 17
        16 handshake go to 11
        17 handshake exit_group(0) -> errors ignored
        18 handshake look(nothing, 0) -> must be 1
        19 namespaces unshare(CLONE_NEWCGROUP)
        20 rootfs mount("none", "/", NULL, MS_REC|MS_PRIVATE, NULL)
        21 rootfs mount("/jail", "/jail", NULL, MS_BIND|MS_REC, NULL)
        22 rootfs fd = openat(AT_FDCWD, "/jail", O_PATH|O_DIRECTORY|O_CLOEXEC, 0)
        23 rootfs copy = look(&fd, 0xffffffff)
        24 rootfs dup3(fd, root, O_CLOEXEC)
        25 rootfs close(copy) -> errors ignored
        26 mount /tmp fd = openat2(root, "tmp", HOW, 24) -> if done go to 30, errors ignored
        27 mount /tmp mkdirat(root, "tmp", 0777) -> EEXIST accepted
        28 mount /tmp fd = openat2(root, "tmp", HOW, 24) -> if done go to 30, errors ignored
        29 mount /tmp fd = openat(root, "tmp", O_PATH|O_DIRECTORY|O_CLOEXEC|O_NOFOLLOW, 0)
        30 mount /tmp copy = look(&fd, 0xffffffff)
        31 mount /tmp dup3(fd, directory, O_CLOEXEC)
        32 mount /tmp close(copy) -> errors ignored
        33 mount /tmp fchdir(directory)
        34 mount /tmp mount("tmpfs", ".", "tmpfs", MS_NOSUID|MS_NODEV|MS_NOEXEC|MS_RELATIME, "size=1m,mode=1777")
        35 rootfs fchdir(root)
        36 rootfs pivot_root(".", ".")
        37 rootfs umount2(".", MNT_DETACH)
        38 rootfs chdir("/")
        39 rootfs close(root) -> errors ignored
        40 rootfs close(directory) -> errors ignored
        41 working_directory chdir("/srv")
        42 limits prlimit64(0, RLIMIT_NOFILE, {1024, unlimited}, NULL)
        43 group setgid(34)
        44 user setgroups(2, [33, 4])
        45 user setuid(33)
        46 user capset({_LINUX_CAPABILITY_VERSION_3}, {})
        47 stdout file = openat(AT_FDCWD, "/log", O_WRONLY|O_APPEND|O_CREAT|O_NOCTTY|O_CLOEXEC, 0666)\
         -> if done go to 50, errors ignored
        48 stdout write(report, &failure, 16) -> errors ignored
        49 stdout go to 51
        50 stdout dup3(file, 1, 0)
        51 new_privs prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        52 death signal prctl(PR_SET_PDEATHSIG, 9)
        53 death signal ppoll({5, 0}, 1, {0, 0}, NULL) -> must be 0
        54 signals rt_sigprocmask(SIG_SETMASK, {}, NULL, 8)
        55 seccomp seccomp(SECCOMP_SET_MODE_FILTER, 0, {2 instructions})
        56 executable execve("/bin/app", [app, -x], [])
        """.replace("HOW", "{O_PATH|O_DIRECTORY|O_CLOEXEC, RESOLVE_IN_ROOT|RESOLVE_NO_MAGICLINKS}");

    /** Never used as a descriptor, and given up before it could be closed. */
    private final Fd fd = Fd.own(1000);

    @AfterEach
    void release() {
        fd.release();
    }

    private LaunchPlan.Builder program() {
        return LaunchPlan.builder("\"blog\" prototype").program("/bin/app", List.of("app", "-x"));
    }

    private LaunchPlan.Builder handshake(LaunchPlan.Builder plan) {
        return plan.descriptor(3, fd).descriptor(4, fd)
            .handshake(new Handshake(3, 4, Launch.message(18), Launch.message(19)));
    }

    private static String text(LaunchPlan plan) {
        return CallTable.compile(plan, Architecture.X86_64).text().lines().map(line -> line.replaceAll(" +", " "))
            .map(String::strip).collect(Collectors.joining("\n", "", "\n"));
    }

    /** The steps of one setting, without those of every plan. */
    private String steps(String setting, Consumer<LaunchPlan.Builder> change) {
        LaunchPlan.Builder plan = program();
        change.accept(plan);
        return CallTable.compile(plan.build(), Architecture.X86_64).steps().stream()
            .filter(step -> step.setting().equals(setting)).map(Step::call).collect(Collectors.joining("\n"));
    }

    @Test
    void plainProgram() {
        assertEquals("""
            0 failure write(report, &failure, 16) -> errors ignored
            1 failure exit_group(1) -> errors ignored
            2 descriptors fcntl(3, F_SETFD, FD_CLOEXEC)
            3 descriptors fcntl(4, F_SETFD, FD_CLOEXEC)
            4 signals rt_sigprocmask(SIG_SETMASK, {}, NULL, 8)
            5 executable execve("/bin/app", [app, -x], [SECRET])
            """, text(program().environment("SECRET", "do not print").build()));
    }

    @Test
    void everythingInItsOrder() {
        LaunchPlan plan = handshake(program()).directory("/srv").umask(022)
            .namespaces(EnumSet.of(Namespace.PID, Namespace.MOUNT, Namespace.CGROUP)).cgroup("blog").root("/jail")
            .mounts(Mounts.of(new Automount(false, true, false), List.of(), notice -> { }))
            .limit(new Limit(Limit.Resource.NOFILE, 1024, Limit.UNLIMITED))
            .identity(new Identity("www", 33, 34, Optional.of(new int[] {33, 4}))).stdout("/log")
            .newPrivileges(false).deathSignal(9).seccomp(new byte[16]).build();
        assertEquals(EVERYTHING, text(plan));
    }

    @Test
    void holder() {
        LaunchPlan plan = handshake(LaunchPlan.builder("h").holder("unit: h")).build();
        String text = text(plan);
        assertEquals("""
            15 signals rt_sigprocmask(SIG_SETMASK, {}, NULL, 8)
            16 holder rt_sigaction(SIGCHLD, {SIG_IGN}, NULL, 8)
            17 holder prctl(PR_SET_DUMPABLE, 1)
            18 holder prctl(PR_SET_NAME, "unit") -> errors ignored
            19 handshake sendto(3, &message, 16, MSG_NOSIGNAL, NULL, 0) -> EAGAIN accepted, if done go to 22
            20 handshake ppoll({3, POLLOUT}, 1, NULL, NULL)
            21 handshake go to 19
            22 holder close(3) -> errors ignored
            23 holder close(6) -> errors ignored
            24 holder close(5) -> errors ignored
            25 handshake ppoll({4, POLLIN}, 1, NULL, NULL)
            26 handshake recvfrom(4, &buffer, 64, 0, NULL, NULL) -> if 0 go to 29
            27 handshake look(&buffer.type, 0xff0000) -> if QUIT go to 29
            28 handshake go to 25
            29 handshake exit_group(0) -> errors ignored
            """, text.substring(text.indexOf("15 signals")));
        assertFalse(text.contains("execve"));
    }

    @Test
    void holderWithoutPorts() {
        String text = text(LaunchPlan.builder("h").holder("unit: h").build());
        assertTrue(text.endsWith("10 holder ppoll(NULL, 0, NULL, NULL) -> errors ignored\n11 holder go to 10\n"), text);
    }

    @Test
    void namespacesAreEnteredUsersFirst() {
        assertEquals("prctl(PR_SET_DUMPABLE, 0)\n"
            + "setns(5, CLONE_NEWUSER)\nsetns(6, CLONE_NEWPID)\nsetns(7, CLONE_NEWNS)\n"
            + "clone(CLONE_PARENT|SIGCHLD, NULL)\nexit_group(0)",
            steps("namespaces", plan -> plan.enter(
                Map.of(Namespace.MOUNT, fd, Namespace.PID, fd, Namespace.CREDENTIAL, fd))));
    }

    @Test
    void cgroupNamespaceIsMadeAtOnceWithoutACgroup() {
        assertEquals("unshare(CLONE_NEWNET|CLONE_NEWCGROUP)", steps("namespaces",
            plan -> plan.namespaces(Set.of(Namespace.CGROUP, Namespace.NETWORK))));
    }

    @Test
    void rootWithoutMountNamespaceIsChanged() {
        String text = steps("rootfs", plan -> plan.root("/jail"));
        assertTrue(text.contains("fchdir(root)\nchroot(\".\")\nchdir(\"/\")"), text);
        assertFalse(text.contains("pivot_root"), text);
    }

    @Test
    void rootKeepsItsCapabilities() {
        assertEquals("setgroups(0, [])\nsetuid(0)",
            steps("user", plan -> plan.identity(new Identity("root", 0, 0, Optional.of(new int[0])))));
    }

    @Test
    void groupsOfTheServerStayWhereItMayNotSetThem() {
        assertEquals("setuid(4294967295)\ncapset({_LINUX_CAPABILITY_VERSION_3}, {})",
            steps("user", plan -> plan.identity(new Identity("x", -1, 0, Optional.empty()))));
    }

    @Test
    void controlCharactersArePrintedAsNumbers() {
        assertEquals("chdir(\"/a\\x0ab\\x22\\x5c\")",
            steps("working_directory", plan -> plan.directory("/a\nb\"\\")));
    }

    @ParameterizedTest
    @EnumSource(Architecture.class)
    void memoryOfAStep(Architecture architecture) {
        LaunchPlan plan = program().directory("/srv").build();
        byte[] image = CallTable.compile(plan, architecture).executable();
        ByteBuffer data = Pool.buffer(image.length).put(image).position(0x10000).slice()
            .order(ByteOrder.LITTLE_ENDIAN);
        int step = Assembly.TABLE + 4 * Assembly.STEP;
        assertEquals(architecture == Architecture.X86_64 ? 80 : 49, data.getInt(step), "chdir");
        assertEquals(Draft.FAIL_ON_ERROR, data.getInt(step + 4));
        int path = (int) (data.getLong(step + 8) - Assembly.DATA);
        byte[] text = new byte[5];
        data.get(path, text);
        assertEquals("/srv\0", new String(text, StandardCharsets.US_ASCII));
        int exec = step + 2 * Assembly.STEP;
        int vector = (int) (data.getLong(exec + 16) - Assembly.DATA);
        int first = (int) (data.getLong(vector) - Assembly.DATA);
        assertEquals('a', data.get(first));
        assertEquals(0, data.getLong(vector + 16), "end of argv");
    }
}
