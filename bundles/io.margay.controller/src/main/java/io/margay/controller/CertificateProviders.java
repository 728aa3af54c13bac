// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

import io.margay.control.CertificateProvider;
import java.util.Map;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;

/**
 * Introduces those who get certificates to the configuration plane. They need what that offers, so it cannot wait for
 * them itself.
 */
@Component(immediate = true, service = CertificateProviders.class)
public final class CertificateProviders {
    private final ConfigPlane plane;

    /** Knows nobody yet. */
    @Activate
    public CertificateProviders(@Reference ConfigPlane plane) {
        this.plane = plane;
    }

    /** One has come; on any thread. */
    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC, unbind = "remove")
    void add(CertificateProvider provider, Map<String, Object> properties) {
        plane.provides(provider, (Long) properties.getOrDefault("service.bundleid", 0L));
    }

    void remove(CertificateProvider provider) {
        plane.providesNoMore(provider);
    }
}
