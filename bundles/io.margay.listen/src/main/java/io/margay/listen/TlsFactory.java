// SPDX-License-Identifier: Apache-2.0
package io.margay.listen;

import io.margay.log.ErrorLog;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Makes what listeners need for TLS, with the keys of session tickets that belong to this process. Nothing of TLS is
 * loaded before the first use. One at a time calls it, on any thread.
 */
public final class TlsFactory {
    private final ErrorLog log;
    private final LongSupplier clock;
    private Optional<TicketRing> tickets = Optional.empty();

    /** Creates a factory at the start of the process; {@code log} takes what is odd about certificates. */
    public TlsFactory(ErrorLog log) {
        this(log, System::nanoTime);
    }

    /** The same with another clock, in nanoseconds, by which keys of tickets change. */
    TlsFactory(ErrorLog log, LongSupplier clock) {
        this.log = log;
        this.clock = clock;
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
        if (options.randomTickets() && tickets.isEmpty()) {
            tickets = Optional.of(new TicketRing(clock));
        }
        return TlsService.create(options, material, tickets, log);
    }
}
