// SPDX-License-Identifier: Apache-2.0
package io.margay.prototype;

import io.margay.isolation.Handshake;
import io.margay.isolation.HolderNamespaces;
import io.margay.isolation.Isolation;
import io.margay.isolation.LaunchPlan;
import io.margay.isolation.Mount;
import io.margay.isolation.Mounts;
import io.margay.isolation.Notice;
import io.margay.lang.AppSpec;
import io.margay.lang.InstalledModule;
import io.margay.lang.Language;
import io.margay.lang.LanguageMount;
import io.margay.lang.Launch;
import io.margay.port.Header;
import io.margay.port.MessageType;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** Joins what the language needs with what the configuration says to one launch plan. */
record PrototypePlan(String name, AppSpec app, InstalledModule module, Launch launch, Host host,
                     Isolation isolation, int mainPid, int stream) {

    private record StartFacts(Map<String, Integer> descriptors, String application, String version, int mainPid,
                              int stream, boolean daemon) implements Launch.Facts {
    }

    /** Asks the language. */
    static Launch launch(AppSpec app, InstalledModule module, Language language, Host host) {
        Launch.Builder description = Launch.builder(host.environment());
        language.launch(app, module, description);
        Launch launch = description.build();
        boolean speaks = launch.readiness() == Launch.Readiness.MESSAGE;
        if (speaks != (launch.prototype() == Launch.Prototype.FORKS)) {
            throw new IllegalStateException("the language \"" + language.type() + "\" asks for a prototype of kind "
                + launch.prototype() + " that is ready by " + launch.readiness() + ", which main cannot start");
        }
        return launch;
    }

    /** What is mounted below a root of its own. */
    static List<Mount> mounts(InstalledModule module, Launch launch, Isolation isolation, Consumer<Notice> log) {
        return Mounts.of(isolation.automount(),
            Stream.concat(module.mounts().stream(), launch.mounts().stream()).map(PrototypePlan::bind).toList(), log);
    }

    /** With the namespaces of a holder, the process enters them; without, it makes its own. */
    LaunchPlan build(PlanFds fds, List<Mount> mounts, Optional<HolderNamespaces> holder) {
        LaunchPlan.Builder plan = LaunchPlan.builder(name)
            .program(launch.argv().getFirst(), launch.argv())
            .environment(launch.environment())
            .deathSignal(launch.orphanSignal());
        boolean daemon = host.server().daemon();
        Map<String, Integer> numbers = fds.into(plan, launch, daemon);
        if (holder.isPresent()) {
            isolation.enter(plan, holder.get());
        } else {
            isolation.apply(plan, mounts);
        }
        byte[] created = message(MessageType.PROCESS_CREATED, stream);
        int up = numbers.get("main");
        int down = numbers.get("read");
        if (launch.prototype() == Launch.Prototype.FORKS) {
            // Its workers open them; its own lines belong into the log of the server.
            plan.ownOutput().handshake(new Handshake(up, down, created));
        } else {
            plan.handshake(Handshake.hidden(up, down, created));
            numbers.keySet().removeAll(List.of("main", "read"));
        }
        Launch.Facts facts = new StartFacts(numbers, app.title(), host.version(), mainPid, stream, daemon);
        launch.announcements().forEach((variable, value) -> plan.environment(variable, value.apply(facts)));
        return plan.build();
    }

    /** A library may have another path inside, where links of the host do not exist. */
    private static Mount bind(LanguageMount mount) {
        return new Mount(Mount.Type.BIND, mount.source(), mount.target(), Set.of(), "");
    }

    /** A message of a start that is nothing but a header. */
    static byte[] message(int type, int stream) {
        ByteBuffer message = ByteBuffer.allocate(Header.SIZE);
        Header.last(type, stream, 0).encode(message);
        return message.array();
    }
}
