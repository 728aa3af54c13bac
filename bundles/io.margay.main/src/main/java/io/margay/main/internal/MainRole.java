// SPDX-License-Identifier: Apache-2.0
package io.margay.main.internal;

import io.margay.credential.Accounts;
import io.margay.isolation.CallTable;
import io.margay.isolation.LaunchPlan;
import io.margay.launcher.Launch;
import io.margay.launcher.Role;
import io.margay.log.ErrorLog;
import io.margay.process.Rehearsal;
import java.util.List;
import java.util.Optional;
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

    @Override
    public void train() {
        // The look-up of an account is the slowest step of a start: it loads jnr.
        accounts.resolve("root", Optional.empty());
        LaunchPlan plan = LaunchPlan.builder("training").program("/bin/true",
            List.of("true")).newPrivileges(false).build();
        CallTable.compile(plan).executable();
        try {
            Rehearsal.run();
        } catch (Exception e) {
            throw new IllegalStateException("the rehearsal failed", e);
        }
    }
}
