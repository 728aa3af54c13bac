// SPDX-License-Identifier: Apache-2.0
package io.margay.isolation;

import java.nio.ByteBuffer;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The order of a start: namespaces, handshake (main writes maps and cgroup), mounts, root, directory, limits, ids,
 * output as the new user, no_new_privs, death signal (a change of ids clears it), mask, seccomp, exec.
 */
final class Compiler {

    private final LaunchPlan plan;
    private final Assembly assembly;
    private final Numbers numbers;
    private final PortSteps ports;

    Compiler(LaunchPlan plan, Assembly assembly) {
        this(plan, assembly, Numbers.of(plan.descriptors(), plan.enter()));
    }

    Compiler(LaunchPlan plan, Assembly assembly, Numbers numbers) {
        this.plan = plan;
        this.assembly = assembly;
        this.numbers = numbers;
        ports = new PortSteps(plan.name(), assembly);
    }

    CallTable compile() {
        failureRoutine();
        descriptors();
        RootSteps root = new RootSteps(plan, assembly, numbers);
        if (plan.namespaces().contains(Namespace.CREDENTIAL)) {
            root.prepare();
        }
        enter();
        unshare(beforeHandshake());
        cloneChild();
        plan.handshake().ifPresent(ports::created);
        unshare(afterHandshake());
        root.add();
        plan.directory().filter(path -> !path.isEmpty()).ifPresent(path -> step("working_directory",
            Failure.warn("chdir(" + path + ") failed %E"), Call.CHDIR, text(path)));
        plan.limits().forEach(this::limit);
        plan.identity().ifPresent(identity -> new IdentitySteps(identity, assembly).add());
        plan.stdout().ifPresent(path -> output("stdout", path, 1));
        plan.stderr().ifPresent(path -> output("stderr", path, 2));
        guards();
        finish();
        return assembly.finish(numbers);
    }

    private Draft step(String setting, Failure failure, Call call, Arg... args) {
        return assembly.step(setting, failure, call, args);
    }

    private Arg text(String value) {
        return Arg.text(assembly.pool(), value);
    }

    private void failureRoutine() {
        assembly.report("failure", numbers);
        exit("failure", 1);
    }

    private void exit(String setting, int status) {
        step(setting, Failure.alert(""), Call.EXIT_GROUP, Arg.num(status)).anyway();
    }

    /** Whoever spawns closes all but the plan's descriptors and these, which the exec shall close. */
    private void descriptors() {
        closeOnExec(numbers.report());
        closeOnExec(numbers.runner());
        numbers.enter().values().forEach(this::closeOnExec);
        plan.handshake().filter(Handshake::passing).ifPresent(handshake -> {
            closeOnExec(handshake.main());
            closeOnExec(handshake.own());
        });
        plan.umask().ifPresent(mask -> step("umask", Failure.alert(""), Call.UMASK,
            Arg.flags(mask, "0" + Integer.toOctalString(mask))).anyway());
    }

    private void closeOnExec(int number) {
        step("descriptors", Failure.alert("fcntl(" + number + ", F_SETFD) failed %E"), Call.FCNTL, Arg.num(number),
            Arg.flags(Kernel.F_SETFD, "F_SETFD"), Arg.flags(Kernel.FD_CLOEXEC, "FD_CLOEXEC"));
    }

    private void enter() {
        if (!numbers.enter().isEmpty()) {
            // Until the exec this is a process of main's user among those of the application: one of them that is
            // root in its credential namespace could trace it otherwise. The exec undoes it.
            step("namespaces", Failure.alert("prctl(PR_SET_DUMPABLE) failed %E"), Call.PRCTL,
                Arg.flags(Kernel.PR_SET_DUMPABLE, "PR_SET_DUMPABLE"), Arg.num(0));
        }
        for (Map.Entry<Namespace, Integer> entry : numbers.enter().entrySet()) {
            Namespace namespace = entry.getKey();
            step("namespaces", Failure.alert("setns(" + namespace.option() + ") failed for " + plan.name() + " %E"),
                Call.SETNS, Arg.num(entry.getValue()), Arg.flags(namespace.flag(), namespace.constant()));
        }
    }

    /** A cgroup namespace begins at the group of the process, so the group must be joined first. */
    private Set<Namespace> beforeHandshake() {
        Set<Namespace> now = EnumSet.noneOf(Namespace.class);
        now.addAll(plan.madeNamespaces());
        now.removeAll(afterHandshake());
        return now;
    }

    private Set<Namespace> afterHandshake() {
        boolean later = plan.cgroup().isPresent() && plan.namespaces().contains(Namespace.CGROUP);
        return later ? EnumSet.of(Namespace.CGROUP) : EnumSet.noneOf(Namespace.class);
    }

    private void unshare(Set<Namespace> namespaces) {
        if (!namespaces.isEmpty()) {
            int flags = namespaces.stream().mapToInt(Namespace::flag).reduce(0, (a, b) -> a | b);
            String names = namespaces.stream().map(Namespace::constant).collect(Collectors.joining("|"));
            step("namespaces", Failure.alert("unshare() failed for " + plan.name() + " %E"), Call.UNSHARE,
                Arg.flags(flags, names));
        }
    }

    /** Only a child is in the pid namespace; as a sibling of this process it is a child of main nevertheless. */
    private void cloneChild() {
        if (plan.clones()) {
            Draft.Label child = new Draft.Label();
            step("namespaces", Failure.alert("clone() failed for " + plan.name() + " %E"), Call.CLONE,
                Arg.flags(Kernel.CLONE_PARENT | Kernel.SIGCHLD, "CLONE_PARENT|SIGCHLD"), Arg.none())
                .jumpIf(0, "0", child);
            exit("namespaces", 0);
            assembly.place(child);
        }
    }

    private void limit(Limit limit) {
        byte[] pair = Pool.buffer(16).putLong(limit.soft()).putLong(limit.hard()).array();
        String shown = "{" + amount(limit.soft()) + ", " + amount(limit.hard()) + "}";
        String name = "RLIMIT_" + limit.resource();
        step("limits", Failure.alert("setrlimit(" + name + ", " + shown + ") failed %E"), Call.PRLIMIT64, Arg.num(0),
            Arg.flags(limit.resource().ordinal(), name), Arg.bytes(assembly.pool(), pair, shown), Arg.none());
    }

    private static String amount(long value) {
        return value == Limit.UNLIMITED ? "unlimited" : Long.toUnsignedString(value);
    }

    /** An output that cannot be opened is reported, but the process starts. */
    private void output(String setting, String path, int number) {
        Draft.Label opened = new Draft.Label();
        Draft.Label done = new Draft.Label();
        Arg.Slot file = new Arg.Slot("file");
        step(setting, Failure.error("open(\"" + path + "\") failed %E"), Call.OPENAT,
            Arg.flags(Kernel.AT_FDCWD, "AT_FDCWD"), text(path),
            Arg.flags(Kernel.O_WRONLY | Kernel.O_APPEND | Kernel.O_CREAT | Kernel.O_NOCTTY | Kernel.O_CLOEXEC,
                "O_WRONLY|O_APPEND|O_CREAT|O_NOCTTY|O_CLOEXEC"), Arg.flags(0666, "0666"))
            .save(file).anyway().jumpOnSuccess(opened);
        assembly.report(setting, numbers);
        assembly.jump(setting, done);
        assembly.place(opened);
        step(setting, Failure.alert("dup2(" + number + ") failed %E"), Call.DUP3, file, Arg.num(number), Arg.num(0));
        assembly.place(done);
    }

    private void guards() {
        if (!plan.newPrivileges()) {
            step("new_privs", Failure.alert("failed to set no_new_privs %E"), Call.PRCTL,
                Arg.flags(Kernel.PR_SET_NO_NEW_PRIVS, "PR_SET_NO_NEW_PRIVS"), Arg.num(1), Arg.num(0), Arg.num(0),
                Arg.num(0));
        }
        if (plan.deathSignal() != 0) {
            step("death signal", Failure.alert("prctl(PR_SET_PDEATHSIG) failed %E"), Call.PRCTL,
                Arg.flags(Kernel.PR_SET_PDEATHSIG, "PR_SET_PDEATHSIG"), Arg.num(plan.deathSignal()));
            // Main may have died before; then nobody reads the report pipe any more and poll says POLLERR.
            step("death signal", Failure.alert(plan.name() + " lost the main process"), Call.PPOLL,
                ports.poll(numbers.report(), (short) 0), Arg.num(1),
                Arg.bytes(assembly.pool(), new byte[16], "{0, 0}"), Arg.none()).only(0);
        }
    }

    private void finish() {
        step("signals", Failure.alert("sigprocmask() failed %E"), Call.RT_SIGPROCMASK,
            Arg.flags(Kernel.SIG_SETMASK, "SIG_SETMASK"), Arg.bytes(assembly.pool(), new byte[8], "{}"), Arg.none(),
            Arg.num(8));
        if (plan.mode() == LaunchPlan.Mode.HOLDER) {
            new HolderSteps(plan, assembly, numbers, ports).add();
            return;
        }
        if (plan.seccomp().length > 0) {
            seccomp();
        }
        step("executable", Failure.alert("execve(" + plan.executable() + ") failed %E"), Call.EXECVE,
            text(plan.executable()), Arg.strings(assembly.pool(), plan.arguments(), plan.arguments().toString()),
            Arg.strings(assembly.pool(),
                plan.environment().entrySet().stream().map(e -> e.getKey() + "=" + e.getValue()).toList(),
                plan.environment().keySet().toString()));
    }

    private void seccomp() {
        ByteBuffer program = Pool.buffer(16).putShort((short) (plan.seccomp().length / 8));
        Pool.Entry filter = assembly.pool().bytes(plan.seccomp());
        step("seccomp", Failure.alert("seccomp() failed %E"), Call.SECCOMP,
            Arg.flags(Kernel.SECCOMP_SET_MODE_FILTER, "SECCOMP_SET_MODE_FILTER"), Arg.num(0),
            new Arg.Data(assembly.pool().pointingStructure(program.array(), 8, filter),
                "{" + plan.seccomp().length / 8 + " instructions}"));
    }
}
