// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import io.margay.engine.EventEngine;
import io.margay.log.ErrorLog;
import io.margay.port.MessageType;
import io.margay.port.Ports;
import io.margay.process.CoreChild;
import io.margay.process.CoreRun;
import io.margay.process.ProcessContext;
import io.margay.process.ProcessKind;
import io.margay.process.ProcessType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;

/** A kind of process that exists in tests only: its bundle brings all that main has to know of it. */
public final class TestKind implements BundleActivator, ProcessKind {
    private static final String TYPE = "OSGI-INF/margay/process/counter.json";
    private static final int OWNER = 100;

    private BundleContext context;
    private Optional<CoreRun> run = Optional.empty();

    /** {@return a file with the bundle} */
    static Path bundle(Path file) throws IOException {
        return Guests.bundle(file, Map.of("Bundle-SymbolicName", "io.margay.it.counter", "Bundle-Version", "1.0.0",
            "Bundle-Activator", TestKind.class.getName(), "Margay-Process", TYPE, "Provide-Capability",
            "io.margay.extension; kind=process; name=counter; api:Version=1.0", "Import-Package",
            "org.osgi.framework, io.margay.engine, io.margay.log, io.margay.port, io.margay.process"),
            Map.of(TYPE, """
                {"name": "counter", "number": 77, "restart": true, "feature": "counter", "ports": ["main"],
                 "sends": {"main": ["PROCESS_READY"]}}""", "OSGI-INF/margay/feature/counter.json", """
                {"bundles": ["g:netty-common:0", "g:netty-buffer:0", "g:netty-resolver:0", "g:netty-transport:0",
                 "g:netty-transport-native-unix-common:0", "g:netty-transport-classes-epoll:0",
                 "g:org.osgi.util.function:0", "g:org.osgi.util.promise:0", "g:org.osgi.service.component:0",
                 "g:org.apache.felix.scr:0", "g:io.margay.posix:0", "g:io.margay.log:0", "g:io.margay.engine:0",
                 "g:io.margay.conf:0", "g:io.margay.status:0", "g:io.margay.port:0", "g:io.margay.process:0"]}"""),
            TestKind.class, Idle.class);
    }

    @Override
    public void start(BundleContext bundles) {
        context = bundles;
        bundles.registerService(ProcessKind.class, this, null);
    }

    @Override
    public void stop(BundleContext bundles) {
        stop();
    }

    @Override
    public ProcessType type() {
        return ProcessType.read(TestKind.class, "/" + TYPE);
    }

    @Override
    public void start(ProcessContext process) {
        EventEngine engine = context.getService(context.getServiceReference(EventEngine.class));
        Ports ports = context.getService(context.getServiceReference(Ports.class));
        ErrorLog log = context.getService(context.getServiceReference(ErrorLog.class));
        run = Optional.of(CoreRun.start(process, type(), OWNER, engine, ports, log,
            (child, journal) -> new Idle(child, process)));
    }

    @Override
    public void stop() {
        run.ifPresent(CoreRun::stop);
        run = Optional.empty();
    }

    /** Does nothing but live. */
    private record Idle(CoreChild child, ProcessContext process) implements CoreRun.Part {
        @Override
        public void begin() {
            child.dispatcher().on(MessageType.QUIT, message -> process.exit(0));
            child.open(process::exit);
        }

        @Override
        public CompletionStage<?> end() {
            return CompletableFuture.completedFuture(null);
        }
    }
}
