// SPDX-License-Identifier: Apache-2.0
package io.margay.listen;

import io.margay.log.ErrorLog;
import io.netty.handler.ssl.OpenSsl;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * Makes what listeners need for TLS, with the keys of session tickets that belong to this process. Nothing of TLS is
 * loaded before the first use. One at a time calls it, on any thread.
 */
public final class TlsFactory {
    private final ErrorLog log;
    private final LongSupplier clock;
    private final BooleanSupplier boringSsl;
    private final Staplers staplers;
    private final HandshakeAnswers answers;
    private boolean told;
    private Optional<TicketRing> tickets = Optional.empty();

    /** Creates a factory at the start of the process; {@code log} takes what is odd about certificates. */
    public TlsFactory(ErrorLog log) {
        this(log, new HandshakeAnswers(log));
    }

    /** The same, with those who prove something by handshakes. */
    public TlsFactory(ErrorLog log, HandshakeAnswers answers) {
        this(log, answers, System::nanoTime, OpenSsl::isAvailable);
    }

    /**
     * The same for tests.
     *
     * @param clock nanoseconds, by which keys of tickets change
     * @param boringSsl whether BoringSSL is there
     */
    TlsFactory(ErrorLog log, HandshakeAnswers answers, LongSupplier clock, BooleanSupplier boringSsl) {
        this.log = log;
        this.answers = answers;
        this.boringSsl = boringSsl;
        staplers = new Staplers(log);
        // Read by the JDK when its TLS is used for the first time: no client may begin a handshake anew.
        System.setProperty("jdk.tls.rejectClientInitiatedRenegotiation", "true");
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
        boolean boring = boringSsl.getAsBoolean();
        if (!boring && !told) {
            told = true;
            log.warn("BoringSSL cannot be loaded, so the TLS of the JDK serves: " + OpenSsl.unavailabilityCause());
        }
        return TlsService.create(options, material, service -> boring
            ? new BoringSsl(options, service.choice(), service.trust(), tickets, staplers)
            : new JdkTls(options, service.choice(), service.trust()), new TlsAnswers(answers, boring), log);
    }
}
