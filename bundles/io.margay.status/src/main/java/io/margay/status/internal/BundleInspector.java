// SPDX-License-Identifier: Apache-2.0
package io.margay.status.internal;

import io.margay.conf.Conf;
import io.margay.conf.ConfObject;
import io.margay.status.Inspector;
import io.margay.status.Listing;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** The bundles of this process. */
@Component
public final class BundleInspector implements Inspector {

    private final BundleContext context;

    /** Inspects the framework of this context. */
    @Activate
    public BundleInspector(BundleContext context) {
        this.context = context;
    }

    @Override
    public String name() {
        return "bundles";
    }

    @Override
    public Conf dump() {
        Listing bundles = new Listing();
        for (Bundle bundle : context.getBundles()) {
            String name = bundle.getSymbolicName();
            bundles.add(ConfObject.builder().put("id", bundle.getBundleId()).put("name", name == null ? "" : name)
                .put("version", bundle.getVersion().toString()).put("state", state(bundle.getState())).build());
        }
        return bundles.under("bundles");
    }

    private static String state(int state) {
        return switch (state) {
            case Bundle.ACTIVE -> "active";
            case Bundle.RESOLVED -> "resolved";
            case Bundle.INSTALLED -> "installed";
            case Bundle.STARTING -> "starting";
            case Bundle.STOPPING -> "stopping";
            default -> "uninstalled";
        };
    }
}
