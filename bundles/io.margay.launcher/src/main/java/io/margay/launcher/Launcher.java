// SPDX-License-Identifier: Apache-2.0
package io.margay.launcher;

import io.margay.process.ProcessContext;
import io.margay.process.ProcessKind;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;

/**
 * Assembles the process that this JVM is for: starts the kind that the context names, and stops it when the kind or
 * the context goes. At home the context comes when every bundle is active, and the start happens on the main thread.
 */
@Component(immediate = true, service = {})
public final class Launcher {
    private final ProcessContext context;
    private ProcessKind running;

    /** Waits for the kind. */
    @Activate
    public Launcher(@Reference ProcessContext context) {
        this.context = context;
    }

    /** Starts a kind if it is the one; a failure ends the process with its message. */
    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC,
        policyOption = ReferencePolicyOption.GREEDY)
    public void bind(ProcessKind kind) {
        if (running != null || context.training() || !kind.type().is(context.kind())) {
            return;
        }
        running = kind;
        try {
            kind.start(context);
        } catch (Exception e) {
            context.failed(e);
        }
    }

    /** Stops the kind if it is the one that runs. */
    public void unbind(ProcessKind kind) {
        if (running == kind) {
            running = null;
            kind.stop();
        }
    }
}
