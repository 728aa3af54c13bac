// SPDX-License-Identifier: Apache-2.0
package io.margay.prototype;

import io.margay.conf.ConfObject;
import io.margay.conf.ConfWriter;
import io.margay.isolation.Handshake;
import io.margay.isolation.Isolation;
import io.margay.isolation.LaunchPlan;
import io.margay.isolation.Mount;
import io.margay.isolation.Mounts;
import io.margay.isolation.Notice;
import io.margay.lang.AppSpec;
import io.margay.lang.InstalledModule;
import io.margay.lang.LanguageModule;
import io.margay.lang.LanguageMount;
import io.margay.lang.PrototypeLaunch;
import io.margay.port.Header;
import io.margay.port.MessageType;
import io.margay.process.ProcessType;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/** Joins what the language needs with what the configuration says to one launch plan. */
record PrototypePlan(AppSpec app, InstalledModule module, LanguageModule language, Host host, Isolation isolation,
    int mainPid,
                     int stream) {

    /** The variable that tells the runtime its descriptors. */
    static final String INIT = "MARGAY_INIT";

    LaunchPlan build(PlanFds fds, Consumer<Notice> log) {
        PrototypeLaunch launch = language.prototype(app, module, host.environment());
        launch.resources().forEach(resource -> fds.content(resource.name(), resource.content()));
        LaunchPlan.Builder plan = LaunchPlan.builder(ProcessType.PROTOTYPE.name(app.name()))
            .program(launch.argv().getFirst(), launch.argv())
            .environment(launch.environment());
        boolean daemon = host.server().daemon();
        ConfObject.Builder init = ConfObject.builder().put("name", app.name()).put("version", host.version())
            .put("parent", mainPid).put("daemon", daemon);
        fds.into(plan, init, daemon);
        List<Mount> mounts = Mounts.of(isolation.automount(),
            module.mounts().stream().map(PrototypePlan::bind).toList(), log);
        isolation.apply(plan, mounts);
        plan.environment(INIT, new String(ConfWriter.compact(init.build()), StandardCharsets.UTF_8));
        plan.handshake(new Handshake(fds.number("main"), fds.number("read"), createdMessage()));
        return plan.build();
    }

    /** A library may have another path inside, where links of the host do not exist. */
    private static Mount bind(LanguageMount mount) {
        return new Mount(Mount.Type.BIND, mount.source(), mount.target(), Set.of(), "");
    }

    private byte[] createdMessage() {
        ByteBuffer message = ByteBuffer.allocate(Header.SIZE);
        Header.last(MessageType.PROCESS_CREATED, stream, 0).encode(message);
        return message.array();
    }
}
