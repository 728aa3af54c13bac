// SPDX-License-Identifier: Apache-2.0
package io.margay.launcher;

import io.margay.credential.Accounts;
import io.margay.process.ProcessContext;
import io.margay.process.StartException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleEvent;
import org.osgi.framework.BundleListener;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicyOption;

/**
 * Makes the JVM of a container that somebody else has started main, as long as there is a configuration for it: it
 * makes a home for the children of the bundles that are installed, and offers a {@link ProcessContext}, for which
 * {@link Launcher} starts the server. When one of these bundles changes, the server begins anew; one that is missing is
 * waited for. At home such a configuration changes nothing.
 */
@Component(immediate = true, service = {}, configurationPid = Guest.PID,
    configurationPolicy = ConfigurationPolicy.REQUIRE)
public final class Guest {
    /** The configuration; {@code OSGI-INF/metatype/main.xml} describes it for consoles. */
    static final String PID = "io.margay.main";

    private static final int CHANGES = BundleEvent.INSTALLED | BundleEvent.UPDATED | BundleEvent.UNINSTALLED;
    /** Longer than main takes to end by force. */
    private static final long STOP_SECONDS = 20;

    private final BundleContext context;
    private final Map<String, Object> properties;
    private final Accounts accounts;
    private final HostLog log;
    private final ExecutorService thread =
        Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().name("margay-guest").factory());
    private final BundleListener listener = this::changed;
    private Optional<Running> running = Optional.empty();
    private Map<Long, Long> seen = Map.of();
    private Set<String> waiting = Set.of();

    /** A server that was started, with what belongs to it. */
    private record Running(PrivateDirectory temporary, GuestProcess host,
                           ServiceRegistration<ProcessContext> registration) {
    }

    /**
     * Starts the server, on a thread of its own.
     *
     * @param accounts not there in a process that is at home and no main, where this component is not wanted either
     */
    @Activate
    public Guest(BundleContext context, Map<String, Object> properties,
            @Reference(cardinality = ReferenceCardinality.OPTIONAL, policyOption = ReferencePolicyOption.GREEDY)
            Accounts accounts) {
        this.context = context;
        this.properties = Map.copyOf(properties);
        this.accounts = accounts;
        this.log = new HostLog(context);
        if (context.getProperty("margay.role") != null) {
            // The web console offers this configuration at home too; a second server in this JVM is no answer to it.
            log.warn("this process is part of a server already, whose options are in config/" + PID
                + ConfigurationFile.ENDING + "; nothing is changed");
            return;
        }
        context.addBundleListener(listener);
        thread.execute(this::look);
    }

    /** Ends the server and waits until all is given back. */
    @Deactivate
    void stop() {
        context.removeBundleListener(listener);
        thread.execute(this::end);
        thread.shutdown();
        try {
            if (!thread.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS)) {
                log.error("the server has not ended in " + STOP_SECONDS + " seconds");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (context.getBundle().getState() == Bundle.STOPPING) {
            // Else only the configuration goes, and another one may come.
            GuestJars.remove(context);
        }
    }

    private void changed(BundleEvent event) {
        if ((event.getType() & CHANGES) != 0) {
            later(this::look);
        }
    }

    private void later(Runnable work) {
        try {
            thread.execute(work);
        } catch (RejectedExecutionException e) {
            // It ends, and that is the last thing it does.
            return;
        }
    }

    /** Starts with what there is now, unless it has been seen already. */
    private void look() {
        if (accounts == null) {
            log.warn("this bundle is not installed or not started: io.margay.credential");
            return;
        }
        try {
            GuestBundles bundles = GuestBundles.of(context);
            if (!bundles.missing().isEmpty()) {
                end();
                seen = Map.of();
                if (!bundles.missing().equals(waiting)) {
                    waiting = bundles.missing();
                    log.warn("these bundles are not installed: " + String.join(", ", waiting));
                }
            } else if (!bundles.state().equals(seen)) {
                end();
                waiting = Set.of();
                seen = bundles.state();
                begin(bundles);
            }
        } catch (StartException | IOException e) {
            log.error(Trouble.describe(e));
        } catch (RuntimeException e) {
            // Somebody uninstalls bundles meanwhile, which is told of as well.
            log.error("the server cannot be started: " + e);
        }
    }

    private void begin(GuestBundles bundles) throws IOException {
        CommandLine options = GuestSettings.read(properties, Path.of("").toAbsolutePath(), accounts);
        PrivateDirectory temporary = PrivateDirectory.createShared(options.temporaryDirectory());
        GuestProcess host = new GuestProcess();
        try {
            PrivateDirectory.make(temporary.path().resolve("main"));
            GuestHome home = GuestHome.make(temporary.path().resolve("home"), bundles, GuestJars.of(context));
            ProcessContext made = new GuestContext(options, temporary.path(), home, host, this::ended);
            running = Optional.of(new Running(temporary, host,
                context.registerService(ProcessContext.class, made, null)));
        } catch (IOException | RuntimeException e) {
            host.close();
            temporary.close();
            throw e;
        }
    }

    /** The server has ended by itself; it is not started again before something changes. */
    private void ended(Optional<Throwable> reason) {
        reason.ifPresent(failure -> log.error(Trouble.describe(failure)));
        later(this::end);
    }

    private void end() {
        running.ifPresent(server -> {
            running = Optional.empty();
            // The launcher stops the server meanwhile.
            server.registration().unregister();
            server.host().close();
            server.temporary().close();
        });
    }
}
