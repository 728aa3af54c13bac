// SPDX-License-Identifier: Apache-2.0
package io.margay.isolation;

/** The end of a holder's start: it keeps namespaces alive and reaps what is orphaned in them. */
final class HolderSteps {

    private static final String SETTING = "holder";

    private final LaunchPlan plan;
    private final Assembly assembly;
    private final Numbers numbers;
    private final PortSteps ports;

    HolderSteps(LaunchPlan plan, Assembly assembly, Numbers numbers, PortSteps ports) {
        this.plan = plan;
        this.assembly = assembly;
        this.numbers = numbers;
        this.ports = ports;
    }

    void add() {
        byte[] ignore = Pool.buffer(32).putLong(Kernel.SIG_IGN).array();
        assembly.step(SETTING, Failure.alert("sigaction(SIGCHLD) failed %E"), Call.RT_SIGACTION,
            Arg.flags(Kernel.SIGCHLD, "SIGCHLD"), Arg.bytes(assembly.pool(), ignore, "{SIG_IGN}"), Arg.none(),
            Arg.num(8));
        // Without it a server that is not root could not open /proc/<pid>/ns: the change of ids closes it.
        assembly.step(SETTING, Failure.alert("prctl(PR_SET_DUMPABLE) failed %E"), Call.PRCTL,
            Arg.flags(Kernel.PR_SET_DUMPABLE, "PR_SET_DUMPABLE"), Arg.num(1));
        assembly.step(SETTING, Failure.alert(""), Call.PRCTL, Arg.flags(Kernel.PR_SET_NAME, "PR_SET_NAME"),
            Arg.text(assembly.pool(), "unit")).anyway();
        plan.handshake().filter(handshake -> handshake.ready().length > 0).ifPresent(ports::ready);
        // Nothing more is said to main: whoever gets hold of this process, as its user may, cannot speak for it.
        plan.handshake().ifPresent(handshake -> close(handshake.main()));
        // No exec closes these. The end of the report tells main that all went well.
        close(numbers.runner());
        close(numbers.report());
        plan.handshake().ifPresentOrElse(handshake -> ports.waitForQuit(handshake.own()), this::waitForEver);
    }

    private void close(int number) {
        assembly.step(SETTING, Failure.alert(""), Call.CLOSE, Arg.num(number)).anyway();
    }

    private void waitForEver() {
        Draft.Label again = new Draft.Label();
        assembly.place(again);
        assembly.step(SETTING, Failure.alert(""), Call.PPOLL, Arg.none(), Arg.num(0), Arg.none(), Arg.none()).anyway();
        assembly.jump(SETTING, again);
    }
}
