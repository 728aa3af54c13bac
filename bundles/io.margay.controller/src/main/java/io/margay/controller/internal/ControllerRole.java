// SPDX-License-Identifier: Apache-2.0
package io.margay.controller.internal;

import io.margay.engine.EventLoop;
import io.margay.engine.EventLoops;
import io.margay.launcher.Launch;
import io.margay.launcher.Role;
import io.margay.log.ErrorLog;
import io.margay.process.StartException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** The role of the controller process. */
@Component(service = Role.class)
public final class ControllerRole implements Role {

    private final BundleContext bundles;

    /** Inert until {@link #start}. */
    @Activate
    public ControllerRole(BundleContext bundles) {
        this.bundles = bundles;
    }

    @Override
    public void start(Launch launch) {
        ErrorLog log = ErrorLog.shared();
        EventLoop loop = EventLoops.create("controller", 1, log::failure).loop(0);
        CompletableFuture<Void> begun = new CompletableFuture<>();
        loop.execute(() -> {
            try {
                new ControllerProcess(launch, bundles, loop, log).begin();
                begun.complete(null);
            } catch (RuntimeException e) {
                begun.completeExceptionally(e);
            }
        });
        try {
            begun.join();
        } catch (CompletionException e) {
            throw new StartException("controller failed to start: " + e.getCause().getMessage(), e.getCause());
        }
    }
}
