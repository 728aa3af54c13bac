// SPDX-License-Identifier: Apache-2.0
package io.margay.certificate.internal;

import io.margay.certificate.BundleException;
import io.margay.certificate.CertificateBundle;
import io.margay.certificate.CertificateReader;
import org.osgi.service.component.annotations.Component;

/** Reads bundles in PEM. */
@Component
public final class PemReader implements CertificateReader {

    @Override
    public CertificateBundle read(byte[] pem) throws BundleException {
        return CertificateBundle.parse(pem);
    }
}
