// SPDX-License-Identifier: Apache-2.0
package io.margay.main.internal;

import io.margay.credential.Accounts;
import io.margay.launcher.Launch;
import io.margay.launcher.Role;
import io.margay.log.ErrorLog;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** The role of the main process ({@code spec/processes.md §6}). */
@Component(service = Role.class)
public final class MainRole implements Role {

    private final BundleContext bundles;
    private final Accounts accounts;

    /** Inert until {@link #start}. */
    @Activate
    public MainRole(BundleContext bundles, @Reference Accounts accounts) {
        this.bundles = bundles;
        this.accounts = accounts;
    }

    @Override
    public void start(Launch launch) throws Exception {
        new MainProcess(launch, bundles, accounts, ErrorLog.shared()).start();
    }
}
