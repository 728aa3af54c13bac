// SPDX-License-Identifier: Apache-2.0
package io.margay.router.internal;

import io.margay.certificate.CertificateReader;
import io.margay.certificate.HandshakeAnswer;
import io.margay.engine.EventEngine;
import io.margay.listen.HandshakeAnswers;
import io.margay.log.ErrorLog;
import io.margay.port.Ports;
import io.margay.port.Rpc;
import io.margay.process.CoreRun;
import io.margay.process.InspectAnswers;
import io.margay.process.ProcessContext;
import io.margay.process.ProcessKind;
import io.margay.process.ProcessType;
import io.margay.route.ExtensionSource;
import java.util.Optional;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;

/** The kind of the router process. */
@Component(service = ProcessKind.class, property = ProcessKind.NAME + "=router")
public final class RouterKind implements ProcessKind {

    private static final ProcessType TYPE =
        ProcessType.read(RouterKind.class, "/OSGI-INF/margay/process/router.json");

    private final BundleContext bundles;
    private final ExtensionSource extensions;
    private final CertificateReader certificates;
    private final EventEngine engine;
    private final Ports ports;
    private final ErrorLog log;
    private final HandshakeAnswers answers;
    private Optional<CoreRun> run = Optional.empty();

    /** Inert until {@link #start}. */
    @Activate
    public RouterKind(BundleContext bundles, @Reference ExtensionSource extensions,
            @Reference CertificateReader certificates, @Reference EventEngine engine,
            @Reference Ports ports, @Reference ErrorLog log) {
        this.bundles = bundles;
        this.extensions = extensions;
        this.certificates = certificates;
        this.engine = engine;
        this.ports = ports;
        this.log = log;
        answers = new HandshakeAnswers(log);
    }

    /** Somebody proves things by handshakes from now on; on any thread. */
    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC, unbind = "forget")
    void answer(HandshakeAnswer answer) {
        answers.add(answer);
    }

    void forget(HandshakeAnswer answer) {
        answers.remove(answer);
    }

    @Override
    public ProcessType type() {
        return TYPE;
    }

    @Override
    public void start(ProcessContext context) {
        run = Optional.of(CoreRun.start(context, TYPE, Rpc.OWNER_ROUTER, engine, ports, log, (child, journal) -> {
            new InspectAnswers(bundles, child.self()).in(child);
            child.showPorts(bundles);
            return new RouterProcess(context, child, bundles, extensions, certificates, answers, log, journal, number ->
                engine.loops("router-" + number, 1, log::failure));
        }));
    }

    @Override
    public void stop() {
        run.ifPresent(CoreRun::stop);
        run = Optional.empty();
    }
}
