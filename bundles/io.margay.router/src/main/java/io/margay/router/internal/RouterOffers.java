// SPDX-License-Identifier: Apache-2.0
package io.margay.router.internal;

import io.margay.certificate.CertificateSource;
import io.margay.dispatch.PoolHost;
import io.margay.http.HttpLoops;
import io.margay.process.CoreChild;
import io.margay.status.Duty;
import io.margay.status.Inspector;
import java.util.List;
import java.util.function.Supplier;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceRegistration;

/** The services of the router that bundles work with. On the control loop. */
final class RouterOffers implements AutoCloseable {

    private final List<ServiceRegistration<?>> offers;

    /** Registers them. */
    RouterOffers(CoreChild child, BundleContext bundles, RouterParts parts, Succession succession,
            Supplier<Configuration> current) {
        offers = List.of(bundles.registerService(PoolHost.class, parts.pools(), null),
            AccessLogs.offer(child, bundles),
            bundles.registerService(CertificateSource.class, parts.certificates(), null),
            bundles.registerService(HttpLoops.class, new ServingLoops(parts, current), null),
            bundles.registerService(Duty.class, succession.duty(), null),
            bundles.registerService(Inspector.class, new ConnectionInspector(succession::totalsSoFar), null));
    }

    @Override
    public void close() {
        offers.forEach(ServiceRegistration::unregister);
    }
}
