// SPDX-License-Identifier: Apache-2.0
package io.margay.status.internal;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfObject;
import io.margay.status.Inspector;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.osgi.framework.BundleContext;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.service.component.ComponentContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;

/**
 * The inspector {@code health}: what the Felix Health Checks of bundles in this process have found. Their interface is
 * met by its name, so that nothing of it has to be there where nobody has a check. A check may take its time: it runs
 * on a thread of its own, and what is shown is its last result; {@code pending} while there is none.
 */
@Component(service = Inspector.class)
public final class HealthInspector implements Inspector {

    private static final int THREADS = 2;

    private final BundleContext bundles;
    private final ServiceReference<?> self;
    private final Map<ServiceReference<?>, CheckRun> checks = new HashMap<>();
    private Optional<ExecutorService> executor = Optional.empty();

    /** Runs nothing yet. */
    @Activate
    public HealthInspector(BundleContext bundles, ComponentContext component) {
        this.bundles = bundles;
        this.self = component.getServiceReference();
    }

    @Override
    public String name() {
        return "health";
    }

    @Override
    public synchronized Conf dump() {
        List<ServiceReference<?>> references = references();
        checks.keySet().retainAll(references);
        if (!references.isEmpty() && executor.isEmpty()) {
            // Who asks gives the service back at once; the results are to stay.
            bundles.getService(self);
            executor = Optional.of(Executors.newFixedThreadPool(THREADS, task ->
                Thread.ofPlatform().daemon().name("health").unstarted(task)));
        }
        List<Conf> found = new ArrayList<>();
        for (ServiceReference<?> reference : references.subList(0, Math.min(references.size(), Inspector.MOST))) {
            CheckRun check = checks.computeIfAbsent(reference, made -> new CheckRun(bundles, made));
            check.refresh(executor.orElseThrow());
            found.add(check.toConf());
        }
        return ConfObject.builder().put("checks", new ConfArray(found)).build();
    }

    private List<ServiceReference<?>> references() {
        try {
            // All, since a bundle may bring the interface along.
            ServiceReference<?>[] all = bundles.getAllServiceReferences(CheckRun.INTERFACE, null);
            return all == null ? List.of() : List.of(all).stream().sorted().toList();
        } catch (InvalidSyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Checks that run are interrupted. */
    @Deactivate
    synchronized void stop() {
        executor.ifPresent(ExecutorService::shutdownNow);
        executor = Optional.empty();
    }
}
