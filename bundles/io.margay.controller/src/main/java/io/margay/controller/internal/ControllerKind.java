// SPDX-License-Identifier: Apache-2.0
package io.margay.controller.internal;

import io.margay.certificate.CertificateReader;
import io.margay.control.ControlResources;
import io.margay.controller.ConfigPlane;
import io.margay.engine.EventEngine;
import io.margay.log.ErrorLog;
import io.margay.port.Ports;
import io.margay.port.Rpc;
import io.margay.process.CoreRun;
import io.margay.process.ProcessContext;
import io.margay.process.ProcessKind;
import io.margay.process.ProcessType;
import io.margay.schema.Options;
import io.margay.script.ScriptChecker;
import java.util.Optional;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** The kind of the controller process. */
@Component(service = ProcessKind.class, property = ProcessKind.NAME + "=controller")
public final class ControllerKind implements ProcessKind {

    private static final ProcessType TYPE =
        ProcessType.read(ControllerKind.class, "/OSGI-INF/margay/process/controller.json");

    private final Services services;
    private final EventEngine engine;
    private final Ports ports;
    private final ErrorLog log;
    private Optional<CoreRun> run = Optional.empty();

    /** Inert until {@link #start}. */
    @Activate
    public ControllerKind(BundleContext bundles, @Reference Options options, @Reference ConfigPlane plane,
            @Reference ControlResources resources, @Reference CertificateReader certificates,
            @Reference ScriptChecker scripts, @Reference EventEngine engine,
            @Reference Ports ports, @Reference ErrorLog log) {
        this.services = new Services(bundles, options, plane, resources, certificates, scripts);
        this.engine = engine;
        this.ports = ports;
        this.log = log;
    }

    @Override
    public ProcessType type() {
        return TYPE;
    }

    @Override
    public void start(ProcessContext context) {
        run = Optional.of(CoreRun.start(context, TYPE, Rpc.OWNER_CONTROLLER, engine, ports, log, (child, journal) -> {
            services.options().whenUnusable(journal::alert);
            child.showPorts(services.bundles());
            return new ControllerProcess(context, child, services, journal);
        }));
    }

    @Override
    public void stop() {
        run.ifPresent(CoreRun::stop);
        run = Optional.empty();
    }
}
