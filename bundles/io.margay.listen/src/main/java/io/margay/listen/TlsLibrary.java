// SPDX-License-Identifier: Apache-2.0
package io.margay.listen;

import io.margay.certificate.CertificateBundle;
import io.netty.handler.ssl.SslContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;

/** What makes handshakes for one {@link TlsService}: an implementation of TLS, with the options of a listener. */
interface TlsLibrary {

    /**
     * Makes what the connections of a certificate have in common; called for each, one after the other.
     *
     * @param name of the certificate, for messages
     * @throws SSLException when the certificate cannot be used
     * @throws TlsException when an option cannot be obeyed
     */
    SslContext context(String name, CertificateBundle bundle) throws SSLException;

    /**
     * Tells a new connection what its context could not be told. On any thread, several at a time.
     *
     * @param place of its certificate among those for which contexts were made
     * @throws TlsException when an option cannot be obeyed
     */
    void prepare(SSLEngine engine, int place);

    /**
     * Whether a handshake that has ended took up an earlier session again.
     *
     * @param begun when it began, as {@link System#currentTimeMillis} tells
     */
    boolean isResumed(SSLEngine engine, long begun);

    /** Whether {@link #isResumed} can be relied upon. */
    boolean isSureOfThat();

    /** Lets go what is held besides contexts; new connections may still come to be. */
    void close();
}
