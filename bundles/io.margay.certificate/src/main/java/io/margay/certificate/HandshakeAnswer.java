// SPDX-License-Identifier: Apache-2.0
package io.margay.certificate;

import java.util.Optional;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Service: proves something to clients of any listener with TLS by a handshake alone. A client that offers its protocol
 * and no other (RFC 7301) gets the certificate of this service for the host that it names, and then the end of the
 * connection. On any thread, several at a time; MUST not block.
 */
@ConsumerType
public interface HandshakeAnswer {

    /** What a client offers to get it, such as {@code acme-tls/1}; always the same. */
    String protocol();

    /** Whether there is anything to prove now; while there is not, no handshake costs more. */
    boolean isAwake();

    /**
     * The certificate for a host.
     *
     * @param host as the client names it, in lower case; empty when it names none
     * @return empty for those who are served as ever, and who have not agreed on a protocol then
     */
    Optional<CertificateBundle> certificate(String host);
}
