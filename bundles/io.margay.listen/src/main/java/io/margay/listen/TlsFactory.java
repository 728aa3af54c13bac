// SPDX-License-Identifier: Apache-2.0
package io.margay.listen;

import io.margay.certificate.CertificateBundle;
import io.margay.log.ErrorLog;
import java.security.SecureRandom;
import java.util.List;

/**
 * Makes what listeners need for TLS, with the key of session tickets that belongs to this process. Nothing of TLS is
 * loaded before the first use. One at a time calls it, on any thread.
 */
public final class TlsFactory {
    private final ErrorLog log;
    private byte[] random = {};

    /** Creates a factory at the start of the process; {@code log} takes what is odd about certificates. */
    public TlsFactory(ErrorLog log) {
        this.log = log;
        KeptDescriptors.open(log);
    }

    /**
     * Makes a service.
     *
     * @param options of the listener
     * @param bundles for each certificate of the options its content
     * @param alpn what clients may choose to speak, the best first; when it is empty they are not asked
     * @throws TlsException when an option cannot be obeyed or a certificate cannot serve
     */
    public TlsService create(TlsOptions options, List<CertificateBundle> bundles, List<String> alpn) {
        if (options.randomTickets() && random.length == 0) {
            random = new byte[TicketKeys.SIZE];
            new SecureRandom().nextBytes(random);
        }
        return TlsService.create(options, bundles, alpn, random, log);
    }
}
