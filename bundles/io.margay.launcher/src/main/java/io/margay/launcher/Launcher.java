// SPDX-License-Identifier: Apache-2.0
package io.margay.launcher;

import io.margay.process.ProcessContext;
import io.margay.process.ProcessKind;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;

/**
 * Assembles the process that a JVM is for, where that is not ours: starts the kind that the context names, and stops it
 * when the kind or the context goes. At home the main class does the same on the main thread.
 */
@Component(immediate = true, service = {})
public final class Launcher {
    private final BundleContext bundles;
    private final ProcessContext context;
    private ServiceReference<ProcessKind> reference;
    private ProcessKind running;

    /** Waits for the kind. */
    @Activate
    public Launcher(BundleContext bundles, @Reference ProcessContext context) {
        this.bundles = bundles;
        this.context = context;
    }

    /** Starts a kind if it is the one; a failure ends the process with its message. */
    @Reference(service = ProcessKind.class, cardinality = ReferenceCardinality.MULTIPLE,
        policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
    public void bind(ServiceReference<ProcessKind> offered) {
        Object name = offered.getProperty(ProcessKind.NAME);
        if (running != null || name != null && !name.equals(context.kind())) {
            return;
        }
        ProcessKind kind = bundles.getService(offered);
        if (kind == null || !kind.type().is(context.kind())) {
            bundles.ungetService(offered);
            return;
        }
        reference = offered;
        running = kind;
        try {
            kind.start(context);
        } catch (Exception e) {
            context.failed(e);
        }
    }

    /** Stops the kind if it is the one that runs. */
    public void unbind(ServiceReference<ProcessKind> offered) {
        if (offered.equals(reference)) {
            ProcessKind last = running;
            running = null;
            reference = null;
            last.stop();
            bundles.ungetService(offered);
        }
    }
}
