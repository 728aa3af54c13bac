// SPDX-License-Identifier: Apache-2.0
package io.margay.control.acme;

import java.security.KeyPair;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import org.shredzone.acme4j.Authorization;
import org.shredzone.acme4j.Login;
import org.shredzone.acme4j.Order;
import org.shredzone.acme4j.PollableResource;
import org.shredzone.acme4j.Problem;
import org.shredzone.acme4j.Status;
import org.shredzone.acme4j.challenge.Challenge;
import org.shredzone.acme4j.challenge.Http01Challenge;
import org.shredzone.acme4j.challenge.TlsAlpn01Challenge;
import org.shredzone.acme4j.connector.Connection;
import org.shredzone.acme4j.toolbox.AcmeUtils;
import org.shredzone.acme4j.toolbox.JSONBuilder;

/** Gets one certificate: account, order, challenges, request, download. Waits, for some minutes at most. */
final class AcmeOrder {
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final long FIRST_MILLIS = 500;
    private static final long LONGEST_MILLIS = 15_000;
    private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9_-]{1,256}");

    /**
     * What an authority wants to see.
     *
     * @param tls whether by a handshake, else over HTTP
     * @param name what it asks for: a domain, or a token
     */
    record Proof(boolean tls, String name) {
    }

    /** What an order needs of the server. Called on the thread of the order; may wait. */
    interface Site {

        /** The key of the account, which is made with the first order. */
        KeyPair account(AcmeOptions options) throws OrderException, InterruptedException;

        /** Whom to trust, if not those whom the JDK trusts. */
        Optional<SSLContext> trust(AcmeOptions options) throws OrderException, InterruptedException;

        /** Has an answer given to who asks for a proof. */
        void publish(Proof proof, String answer) throws OrderException, InterruptedException;

        /** It is not needed any more. */
        void withdraw(Proof proof) throws OrderException, InterruptedException;

        /** Lets some time pass. */
        void pause(Duration time) throws OrderException, InterruptedException;
    }

    private final AcmeOptions options;
    private final Site site;
    private final Clock clock;
    private final Instant deadline;

    AcmeOrder(AcmeOptions options, Site site, Clock clock) {
        this.options = options;
        this.site = site;
        this.clock = clock;
        this.deadline = clock.instant().plus(PATIENCE);
    }

    /**
     * Gets it.
     *
     * @param old what it is to take the place of
     * @return the key and the chain, in PEM
     */
    String run(Optional<X509Certificate> old) throws OrderException, InterruptedException {
        KeyPair account = site.account(options);
        try (AcmeAuthority authority = new AcmeAuthority(options.directory(), site.trust(options), clock)) {
            Login login = authority.login(account, options.contact(), options.external());
            Order order = authority.order(login, options.domains(), old);
            for (Authorization authorization : authority.ask(order::getAuthorizations)) {
                prove(authority, authorization);
            }
            KeyPair keys = CertificateWriter.keys(options.rsa());
            finish(authority, login, order, CertificateWriter.request(keys, options.domains()));
            await(authority, order, "order", Set.of(Status.PENDING, Status.READY, Status.PROCESSING), order::getError);
            StringBuilder pem = new StringBuilder(CertificateWriter.pem("PRIVATE KEY", keys.getPrivate().getEncoded()));
            for (X509Certificate each : authority.ask(() -> order.getCertificate().getCertificateChain())) {
                pem.append(CertificateWriter.pem("CERTIFICATE", each.getEncoded()));
            }
            return pem.toString();
        } catch (CertificateEncodingException e) {
            throw new OrderException("the authority's certificate cannot be used: " + e.getMessage(), e);
        }
    }

    /** When the certificate that is there is to be renewed, if the authority says so. */
    Optional<RenewalWindow> window(X509Certificate leaf) throws OrderException, InterruptedException {
        try (AcmeAuthority authority = new AcmeAuthority(options.directory(), site.trust(options), clock)) {
            return authority.window(leaf, clock);
        }
    }

    /** As {@code Order.execute} does, of which only another form wants BouncyCastle, but to be compiled as well. */
    private static void finish(AcmeAuthority authority, Login login, Order order, byte[] request)
            throws OrderException, InterruptedException {
        authority.ask(() -> {
            try (Connection connection = login.getSession().connect()) {
                return connection.sendSignedRequest(order.getFinalizeLocation(),
                    new JSONBuilder().putBase64("csr", request), login);
            }
        });
    }

    private void prove(AcmeAuthority authority, Authorization authorization)
            throws OrderException, InterruptedException {
        String domain = OrderException.shown(authority.ask(() -> {
            authorization.fetch();
            return authorization.getIdentifier().getValue();
        }));
        if (authority.ask(authorization::getStatus) == Status.VALID) {
            return;
        }
        String type = options.tls() ? TlsAlpn01Challenge.TYPE : Http01Challenge.TYPE;
        Challenge challenge = authority.ask(() -> authorization.findChallenge(type))
            .orElseThrow(() -> new OrderException("the authority offers no " + type + " for \"" + domain + "\""));
        Proof proof;
        if (challenge instanceof TlsAlpn01Challenge handshake) {
            proof = new Proof(true, domain.toLowerCase(Locale.ROOT));
            site.publish(proof, authority.ask(() -> AcmeUtils.base64UrlEncode(handshake.getAcmeValidation())));
        } else {
            Http01Challenge answer = (Http01Challenge) challenge;
            proof = new Proof(false, authority.ask(answer::getToken));
            if (!TOKEN.matcher(proof.name()).matches()) {
                throw new OrderException("the authority's token for \"" + domain + "\" is malformed");
            }
            site.publish(proof, authority.ask(answer::getAuthorization));
        }
        try {
            authority.ask(() -> {
                challenge.trigger();
                return true;
            });
            await(authority, authorization, "\"" + domain + "\"", Set.of(Status.PENDING, Status.PROCESSING), () ->
                authorization.findChallenge(type).flatMap(Challenge::getError));
        } finally {
            site.withdraw(proof);
        }
    }

    /** Asks again and again, ever less often, until something is not under way any more. */
    private void await(AcmeAuthority authority, PollableResource resource, String what, Set<Status> underWay,
            Supplier<Optional<Problem>> problem) throws OrderException, InterruptedException {
        long pause = FIRST_MILLIS;
        while (true) {
            Optional<Instant> retry = authority.ask(resource::fetch);
            Status status = authority.ask(resource::getStatus);
            if (status == Status.VALID) {
                return;
            }
            if (!underWay.contains(status)) {
                throw new OrderException(what + " is " + status.toString().toLowerCase(Locale.ROOT)
                    + authority.ask(problem::get).map(AcmeAuthority::text).orElse(""));
            }
            Instant next = clock.instant().plusMillis(pause);
            next = retry.filter(next::isBefore).orElse(next);
            if (next.isAfter(deadline)) {
                throw new OrderException(what + " is still " + status.toString().toLowerCase(Locale.ROOT)
                    + " after " + PATIENCE.toMinutes() + " minutes");
            }
            site.pause(retry.isPresent() ? Duration.between(clock.instant(), next) : Duration.ofMillis(pause));
            pause = Math.min(pause * 2, LONGEST_MILLIS);
        }
    }
}
