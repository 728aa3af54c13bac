// SPDX-License-Identifier: Apache-2.0
package io.margay.main.internal;

import io.margay.credential.Accounts;
import io.margay.engine.EventEngine;
import io.margay.isolation.Runners;
import io.margay.log.ErrorLog;
import io.margay.log.Level;
import io.margay.port.Ports;
import io.margay.process.HostProcess;
import io.margay.process.ProcessContext;
import io.margay.process.ProcessKind;
import io.margay.process.ProcessKindCollector;
import io.margay.process.ProcessType;
import io.margay.store.StateStore;
import java.util.Optional;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** The kind of the main process ({@code spec/processes.md §6}). */
@Component(service = ProcessKind.class, property = ProcessKind.NAME + "=main")
public final class MainKind implements ProcessKind {

    private static final ProcessType TYPE =
        ProcessType.read(MainKind.class, "/OSGI-INF/margay/process/main.json");

    private final BundleContext bundles;
    private final Accounts accounts;
    private final ProcessKindCollector kinds;
    private final Runners runners;
    private final EventEngine engine;
    private final Ports ports;
    private final StateStore store;
    private final ErrorLog log;
    private Optional<MainProcess> process = Optional.empty();

    /** Inert until {@link #start}. */
    @Activate
    public MainKind(BundleContext bundles, @Reference Accounts accounts, @Reference ProcessKindCollector kinds,
            @Reference Runners runners, @Reference EventEngine engine, @Reference Ports ports,
            @Reference StateStore store, @Reference ErrorLog log) {
        this.bundles = bundles;
        this.accounts = accounts;
        this.kinds = kinds;
        this.runners = runners;
        this.engine = engine;
        this.ports = ports;
        this.store = store;
        this.log = log;
    }

    @Override
    public ProcessType type() {
        return TYPE;
    }

    @Override
    public void start(ProcessContext context) throws Exception {
        MainProcess main = new MainProcess(context, kinds, bundles, accounts, runners, engine, ports, store,
            lines(context));
        synchronized (this) {
            process = Optional.of(main);
        }
        main.start();
    }

    /** The log of this process, which in a JVM of somebody else is not standard error. */
    private ErrorLog lines(ProcessContext context) {
        return context.host().log() == HostProcess.STANDARD_ERROR ? log
            : ErrorLog.on(context.host().log(), log.writes(Level.DEBUG) ? Level.DEBUG : Level.INFO);
    }

    @Override
    public void stop() {
        taken().ifPresent(MainProcess::stop);
    }

    /** Who stops it first, does. */
    private synchronized Optional<MainProcess> taken() {
        Optional<MainProcess> last = process;
        process = Optional.empty();
        return last;
    }
}
