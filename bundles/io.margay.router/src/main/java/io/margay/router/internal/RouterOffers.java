// SPDX-License-Identifier: Apache-2.0
package io.margay.router.internal;

import io.margay.certificate.CertificateSource;
import io.margay.conf.ConfObject;
import io.margay.dispatch.PoolHost;
import io.margay.http.HttpLoops;
import io.margay.process.CoreChild;
import io.margay.status.Duty;
import io.margay.status.Inspector;
import java.util.List;
import java.util.function.Supplier;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.ServiceRegistration;

/** The services of the router that bundles work with. On the control loop. */
final class RouterOffers implements AutoCloseable {

    /** The property of inspectors whose object is also a part of the status. */
    private static final String IN_STATUS = "margay.status";

    private final List<ServiceRegistration<?>> offers;
    private final BundleContext bundles;

    /** Registers them. */
    RouterOffers(CoreChild child, BundleContext bundles, RouterParts parts, Succession succession,
            Supplier<Configuration> current) {
        this.bundles = bundles;
        offers = List.of(bundles.registerService(PoolHost.class, parts.pools(), null),
            AccessLogs.offer(child, bundles),
            bundles.registerService(CertificateSource.class, parts.certificates(), null),
            StoredScripts.offer(child, bundles),
            bundles.registerService(HttpLoops.class, new ServingLoops(parts, current), null),
            bundles.registerService(Duty.class, succession.duty(), null),
            bundles.registerService(Inspector.class, new ConnectionInspector(succession::totalsSoFar), null));
    }

    /** The status with what bundles add to it: nothing takes the place of what is there, and nothing empty is added. */
    ConfObject status(ConfObject status) {
        ConfObject.Builder all = ConfObject.builder();
        status.members().forEach(all::put);
        for (ServiceReference<Inspector> reference : Offers.of(bundles, Inspector.class)) {
            Inspector inspector = Boolean.TRUE.equals(reference.getProperty(IN_STATUS))
                ? Offers.get(bundles, Inspector.class, reference) : null;
            if (inspector != null && !status.has(inspector.name()) && inspector.dump() instanceof ConfObject part
                && !part.isEmpty()) {
                all.put(inspector.name(), part);
            }
        }
        return all.build();
    }

    @Override
    public void close() {
        offers.forEach(ServiceRegistration::unregister);
    }
}
