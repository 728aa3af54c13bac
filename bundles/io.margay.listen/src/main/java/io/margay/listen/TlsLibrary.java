// SPDX-License-Identifier: Apache-2.0
package io.margay.listen;

import io.margay.certificate.CertificateBundle;
import io.netty.handler.ssl.SslContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;

/** What makes handshakes for one {@link TlsService}: an implementation of TLS, with the options of a listener. */
interface TlsLibrary {

    /**
     * Makes what the connections of a certificate have in common.
     *
     * @throws SSLException when the certificate cannot be used
     * @throws TlsException when an option cannot be obeyed
     */
    SslContext context(CertificateBundle bundle) throws SSLException;

    /**
     * Tells a new connection what its context could not be told.
     *
     * @throws TlsException when an option cannot be obeyed
     */
    void prepare(SSLEngine engine);

    /** Whether a handshake that has ended took up an earlier session again; true if that cannot be known. */
    boolean isResumed(SSLEngine engine);
}
