// SPDX-License-Identifier: Apache-2.0
package io.margay.control.acme;

import java.net.MalformedURLException;
import java.net.URI;
import java.net.URL;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import javax.net.ssl.SSLContext;
import org.shredzone.acme4j.Account;
import org.shredzone.acme4j.AccountBuilder;
import org.shredzone.acme4j.Login;
import org.shredzone.acme4j.Order;
import org.shredzone.acme4j.OrderBuilder;
import org.shredzone.acme4j.Problem;
import org.shredzone.acme4j.Session;
import org.shredzone.acme4j.connector.Connection;
import org.shredzone.acme4j.connector.NetworkSettings;
import org.shredzone.acme4j.connector.Resource;
import org.shredzone.acme4j.exception.AcmeException;
import org.shredzone.acme4j.exception.AcmeLazyLoadingException;
import org.shredzone.acme4j.exception.AcmeNetworkException;
import org.shredzone.acme4j.exception.AcmeRateLimitedException;
import org.shredzone.acme4j.exception.AcmeServerException;
import org.shredzone.acme4j.provider.GenericAcmeProvider;
import org.shredzone.acme4j.toolbox.JSON;

/** One authority, by acme4j, whose faults are told in words for the user. Waits; on one thread. */
final class AcmeAuthority implements AutoCloseable {
    private static final int BAD = 400;
    private static final int SHORTEST_KEY = 32;
    private static final String HMAC = "HMAC";
    /** As often as RFC 9773 §4.3.2 wants it where the authority does not say. */
    private static final Duration LOOK = Duration.ofHours(6);

    private final AcmeConnection connection;
    private final Session session;

    /**
     * Connects to nobody yet.
     *
     * @param trust who is trusted; empty for those whom the JDK trusts
     */
    AcmeAuthority(URI directory, Optional<SSLContext> trust, Clock clock) {
        connection = new AcmeConnection(trust, clock);
        session = new Session(directory, new Provider(connection));
    }

    /** Lets a session use one connection for all, and read the directory once. */
    private static final class Provider extends GenericAcmeProvider {
        private final AcmeConnection connection;

        Provider(AcmeConnection connection) {
            this.connection = connection;
        }

        @Override
        public Connection connect(URI server, NetworkSettings settings) {
            return connection;
        }

        @Override
        public JSON directory(Session session, URI server) throws AcmeException {
            return session.hasDirectory() ? null : super.directory(session, server);
        }
    }

    /** Something that is asked of the authority. */
    @FunctionalInterface
    interface Question<T> {
        /** Asks. */
        T ask() throws AcmeException;
    }

    /** Asks something of the authority, or of what acme4j knows of it: whatever that throws, it was not sound. */
    <T> T ask(Question<T> question) throws OrderException, InterruptedException {
        try {
            return question.ask();
        } catch (AcmeException | RuntimeException e) {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            throw told(e instanceof AcmeLazyLoadingException ? e.getCause() : e);
        }
    }

    private OrderException told(Throwable failure) {
        String text = failure instanceof AcmeNetworkException && failure.getCause() instanceof
            AcmeConnection.Unreachable reason ? reason.getMessage()
            : connection.status() < BAD ? "the authority's answer makes no sense: "
                + OrderException.shown(String.valueOf(failure.getMessage()))
            : "the authority answers " + connection.status()
                + (failure instanceof AcmeServerException refusal ? text(refusal.getProblem()) : "");
        return new OrderException(text, failure, connection.pause());
    }

    /** What a problem document says (RFC 7807), with a separator in front. */
    static String text(Problem problem) {
        String type = problem.getType().toString();
        return OrderException.shown(' ' + type.substring(type.lastIndexOf(':') + 1)
            + problem.getDetail().map(detail -> ": " + detail).orElse(""));
    }

    /** Opens the account of the key, or finds it, and sees that it can be reached. */
    Login login(KeyPair keys, List<String> contact, Optional<AcmeOptions.External> external)
            throws OrderException, InterruptedException {
        if (external.isEmpty() && ask(() -> session.getMetadata().isExternalAccountRequired())) {
            throw new OrderException("the authority wants an account that you have there already: set "
                + "\"external_account\"");
        }
        AccountBuilder wanted = new AccountBuilder().useKeyPair(keys).agreeToTermsOfService();
        external.ifPresent(elsewhere -> wanted.withKeyIdentifier(elsewhere.keyId(),
            hmac(elsewhere.secret())).withMacAlgorithm("HS256"));
        List<URI> addresses = contact.stream().map(URI::create).toList();
        return ask(() -> {
            addresses.forEach(wanted::addContact);
            Login login = wanted.createLogin(session);
            Account account = login.getAccount();
            // One that was there already keeps what it had.
            if (!account.getContacts().equals(addresses)) {
                Account.EditableAccount change = account.modify();
                change.getContacts().clear();
                change.getContacts().addAll(addresses);
                change.commit();
            }
            return login;
        });
    }

    /**
     * Orders a certificate.
     *
     * @param old what it is to take the place of, which is said where the authority speaks of renewals (RFC 9773 §5)
     */
    Order order(Login login, List<String> domains, Optional<X509Certificate> old)
            throws OrderException, InterruptedException {
        Optional<String> id = ask(() -> session.resourceUrlOptional(Resource.RENEWAL_INFO)).isPresent()
            ? old.flatMap(RenewalId::of) : Optional.empty();
        return ask(() -> {
            try {
                OrderBuilder wanted = login.newOrder().domains(domains);
                id.ifPresent(wanted::replaces);
                return wanted.create();
            } catch (AcmeRateLimitedException e) {
                throw e;
            } catch (AcmeServerException e) {
                if (id.isEmpty()) {
                    throw e;
                }
                // It was replaced already, or is of another account: a certificate is wanted all the same.
                return login.newOrder().domains(domains).create();
            }
        });
    }

    /**
     * When a certificate is to be renewed; who asks needs no account.
     *
     * @return empty when the authority does not say such things, or not of this certificate
     */
    Optional<RenewalWindow> window(X509Certificate leaf, Clock clock) throws OrderException, InterruptedException {
        Optional<URL> place = ask(() -> session.resourceUrlOptional(Resource.RENEWAL_INFO));
        Optional<String> id = RenewalId.of(leaf);
        if (place.isEmpty() || id.isEmpty()) {
            return Optional.empty();
        }
        return ask(() -> {
            JSON told;
            Instant look;
            try (Connection asked = session.connect()) {
                asked.sendRequest(URI.create(place.get() + "/" + id.get()).toURL(), session, null);
                told = asked.readJsonResponse();
                look = asked.getRetryAfter().orElse(clock.instant().plus(LOOK));
            } catch (MalformedURLException e) {
                throw new AcmeException("no URL", e);
            }
            JSON window = told.get("suggestedWindow").asObject();
            return Optional.of(new RenewalWindow(window.get("start").asInstant(), window.get("end").asInstant(), look));
        });
    }

    /** One that is shorter than acme4j takes means the same with zeros at its end (RFC 2104 §2). */
    private static SecretKey hmac(byte[] secret) {
        return new SecretKeySpec(Arrays.copyOf(secret, Math.max(secret.length, SHORTEST_KEY)), HMAC);
    }

    /** Cuts what is under way. */
    @Override
    public void close() {
        connection.shutdown();
    }
}
