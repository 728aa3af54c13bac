// SPDX-License-Identifier: Apache-2.0
package io.margay.listen;

import io.margay.log.ErrorLog;
import java.security.SecureRandom;

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
     * @param material what the options name
     * @throws TlsException when an option cannot be obeyed or a certificate cannot serve
     */
    public TlsService create(TlsOptions options, TlsMaterial material) {
        if (options.randomTickets() && random.length == 0) {
            random = new byte[TicketKeys.SIZE];
            new SecureRandom().nextBytes(random);
        }
        return TlsService.create(options, material, random, log);
    }
}
