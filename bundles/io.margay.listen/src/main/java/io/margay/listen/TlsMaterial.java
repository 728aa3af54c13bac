// SPDX-License-Identifier: Apache-2.0
package io.margay.listen;

import io.margay.certificate.CertificateBundle;
import io.margay.certificate.TrustBundle;
import java.util.List;

/**
 * What the TLS of a listener is made of besides its options.
 *
 * @param certificates for each certificate of the options its content
 * @param authorities for each bundle of authorities of the options its content
 * @param alpn what clients may choose to speak, the best first; when it is empty they are not asked
 */
public record TlsMaterial(List<CertificateBundle> certificates, List<TrustBundle> authorities, List<String> alpn) {

    /** Keeps own lists. */
    public TlsMaterial {
        certificates = List.copyOf(certificates);
        authorities = List.copyOf(authorities);
        alpn = List.copyOf(alpn);
    }
}
