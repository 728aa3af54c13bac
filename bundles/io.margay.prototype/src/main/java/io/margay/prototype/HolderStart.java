// SPDX-License-Identifier: Apache-2.0
package io.margay.prototype;

import io.margay.isolation.Handshake;
import io.margay.isolation.Isolation;
import io.margay.isolation.LaunchPlan;
import io.margay.isolation.Mount;
import io.margay.isolation.Started;
import io.margay.port.MessageType;
import io.margay.posix.Fd;
import io.margay.posix.Signals;
import io.margay.process.ProcessEntry;
import java.util.List;
import java.util.function.Consumer;

/** The start of a holder: a prototype that runs no program. Used on main's loop. */
final class HolderStart extends ProcessStart {

    private static final int MAIN = 3;
    private static final int OWN = 4;

    private final Isolation isolation;
    private final List<Mount> mounts;
    private final Consumer<ProcessEntry> registered;
    private final Consumer<String> ended;

    /**
     * Prepares a start.
     *
     * @param order what the first worker was ordered by
     * @param stream of this start
     * @param registered told of the process when it is known
     * @param ended told when it is over, with a reason if it failed
     */
    HolderStart(Prototypes.Tools tools, PrototypeStart.Order order, int stream, Isolation isolation,
            List<Mount> mounts, Consumer<ProcessEntry> registered, Consumer<String> ended) {
        super(tools, order.app(), stream, order.orderer());
        this.isolation = isolation;
        this.mounts = mounts;
        this.registered = registered;
        this.ended = ended;
    }

    @Override
    String kind() {
        return "prototype";
    }

    @Override
    Started start(Fd own, Fd main) {
        LaunchPlan.Builder made = LaunchPlan.builder(name()).holder("unit: " + name()).deathSignal(Signals.SIGKILL)
            .descriptor(MAIN, main).descriptor(OWN, own)
            .handshake(new Handshake(MAIN, OWN, PrototypePlan.message(MessageType.PROCESS_CREATED, stream()),
                PrototypePlan.message(MessageType.PROCESS_READY, stream())));
        // It writes nothing: the files of the outputs are the workers'.
        Started started = run(isolation.apply(made, mounts).ownOutput().build());
        tools().debug().accept("plan of " + name() + ":\n" + started.journey().text());
        return started;
    }

    @Override
    void registered(ProcessEntry process) {
        process.onExit(port()::close);
        registered.accept(process);
    }

    /** It says itself that it is ready. */
    @Override
    void done(ProcessEntry process) {
        // Its message comes by another way than the end of the report.
    }

    @Override
    void ended(String reason) {
        if (reason.isEmpty()) {
            tellStarted();
        }
        ended.accept(reason);
    }
}
