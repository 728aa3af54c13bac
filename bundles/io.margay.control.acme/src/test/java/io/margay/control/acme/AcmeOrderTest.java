// SPDX-License-Identifier: Apache-2.0
package io.margay.control.acme;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import io.margay.certificate.CertificateBundle;
import io.margay.certificate.CertificateNames;
import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.testing.AcmeServer;
import io.margay.testing.RouteSite;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Orders at an authority that refuses nonces, checks signatures and really asks for answers. */
@Timeout(120)
class AcmeOrderTest {
    @TempDir
    private static Path directory;

    private final List<Duration> pauses = new CopyOnWriteArrayList<>();
    private final Map<String, String> tokens = new ConcurrentHashMap<>();
    private final KeyPair account = CertificateWriter.keys(false);
    private AcmeServer authority;
    private HttpServer site;

    @BeforeEach
    void start() throws Exception {
        authority = new AcmeServer(directory);
        site = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        site.createContext("/.well-known/acme-challenge/", exchange -> {
            String path = exchange.getRequestURI().getPath();
            byte[] answer = tokens.getOrDefault(path.substring(path.lastIndexOf('/') + 1), "none")
                .getBytes(StandardCharsets.US_ASCII);
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        site.start();
        authority.validateAt(site.getAddress().getPort());
    }

    @AfterEach
    void stop() {
        authority.close();
        site.stop(0);
    }

    private SSLContext trust() {
        try {
            KeyStore trusted = KeyStore.getInstance("PKCS12");
            trusted.load(null, null);
            trusted.setCertificateEntry("root", root());
            TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            managers.init(trusted);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, managers.getTrustManagers(), null);
            return context;
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private X509Certificate root() throws Exception {
        return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(
            new ByteArrayInputStream(authority.root().getBytes(StandardCharsets.US_ASCII)));
    }

    /** Trusts the authority, and answers what it is told to answer. */
    private final class Here implements AcmeOrder.Site {
        private final boolean publishes;
        private final boolean trusts;

        Here(boolean publishes, boolean trusts) {
            this.publishes = publishes;
            this.trusts = trusts;
        }

        @Override
        public KeyPair account(AcmeOptions options) {
            return account;
        }

        @Override
        public Optional<SSLContext> trust(AcmeOptions options) {
            return trusts ? Optional.of(AcmeOrderTest.this.trust()) : Optional.empty();
        }

        @Override
        public void publish(AcmeOrder.Proof proof, String answer) {
            if (publishes) {
                tokens.put(proof.name(), answer);
            }
        }

        @Override
        public void pause(Duration time) {
            pauses.add(time);
        }

        @Override
        public void withdraw(AcmeOrder.Proof proof) {
            tokens.remove(proof.name());
        }
    }

    private AcmeOrder order(String options) throws Exception {
        return order(new Here(true, true), options);
    }

    private String order(boolean publishes, boolean trusts, String options) throws Exception {
        return order(new Here(publishes, trusts), options).run(Optional.empty());
    }

    private AcmeOrder order(Here here, String options) throws Exception {
        AcmeOptions read = AcmeOptions.read(RouteSite.conf("{'site': {'domains': ['a.example', 'B.example'], "
            + "'terms_of_service_agreed': true, 'directory': '" + authority.url() + "'" + options + "}}")).get("site");
        return new AcmeOrder(read, here, Clock.systemUTC());
    }

    private OrderException refused(boolean publishes, boolean trusts, String options) {
        return assertThrows(OrderException.class, () -> order(publishes, trusts, options));
    }

    @ParameterizedTest
    @CsvSource({"'', EC", "', ''key_type'': ''RSA-2048''', RSA"})
    void aCertificate(String options, String algorithm) throws Exception {
        authority.life(Duration.ofDays(2), Duration.ofDays(7));
        CertificateBundle bundle = CertificateBundle.parse(order(true, true, options)
            .getBytes(StandardCharsets.US_ASCII));
        assertEquals(algorithm, bundle.key().getAlgorithm());
        assertEquals(Set.of("a.example", "b.example"), Set.copyOf(CertificateNames.serverNames(bundle.leaf())));
        bundle.leaf().verify(root().getPublicKey());
        assertEquals(2, bundle.chain().size());
        assertEquals(Duration.ofDays(9), Duration.between(bundle.leaf().getNotBefore().toInstant(),
            bundle.leaf().getNotAfter().toInstant()));
        assertEquals(Map.of(), tokens, "nothing is answered any more");
        assertEquals(List.of(Duration.ofMillis(500)), pauses, "the order is not done at the first look");
    }

    @Test
    void theAuthoritySaysWhenItIsToBeRenewed() throws Exception {
        Instant start = Instant.parse("2030-01-02T03:04:05Z");
        X509Certificate leaf = CertificateBundle.parse(order(true, true, "").getBytes(StandardCharsets.US_ASCII))
            .leaf();
        assertEquals(Optional.empty(), order("").window(leaf), "this authority says no such things");
        authority.suggest(start, start.plusSeconds(60));
        RenewalWindow window = order("").window(leaf).orElseThrow();
        assertEquals(start, window.start());
        assertEquals(start.plusSeconds(60), window.end());
        order(true, true, "");
        assertEquals("the authority answers 404 malformed: there is no such certificate",
            assertThrows(OrderException.class, () -> order("").window(leaf)).getMessage());
    }

    @Test
    void theAuthorityIsToldWhatIsReplaced() throws Exception {
        X509Certificate first = CertificateBundle.parse(order("").run(Optional.empty())
            .getBytes(StandardCharsets.US_ASCII)).leaf();
        order("").run(Optional.of(first));
        assertEquals(List.of(), authority.replaced(), "this authority knows of no such things");
        Instant start = Instant.parse("2030-01-02T03:04:05Z");
        authority.suggest(start, start.plusSeconds(60));
        order("").run(Optional.of(first));
        assertEquals(List.of(RenewalId.of(first).orElseThrow()), authority.replaced());
        order("").run(Optional.of(first));
        assertEquals(1, authority.replaced().size(), "it was replaced already; there is a certificate nevertheless");
        assertEquals(4, authority.issued());
        authority.refuse(120);
        assertEquals("the authority answers 429 rateLimited: too many orders",
            assertThrows(OrderException.class, () -> order("").run(Optional.of(first))).getMessage());
    }

    @Test
    void oneAccountWhoseContactIsKeptUpToDate() throws Exception {
        order(true, true, "");
        order(true, true, ", 'contact': 'mailto:me@a.example'");
        assertEquals(1, authority.accounts());
        assertEquals(List.of(new ConfArray(List.of(Conf.of("mailto:me@a.example")))), authority.contacts());
    }

    @Test
    void anAccountElsewhere() throws Exception {
        byte[] key = "a secret of the authority".getBytes(StandardCharsets.US_ASCII);
        authority.external(key);
        assertTrue(refused(true, true, "").getMessage().contains("set \"external_account\""));
        String given = ", 'external_account': {'key_id': 'me', 'key': '%s'}";
        String wrong = refused(true, true, given.formatted("AAAA")).getMessage();
        assertEquals("the authority answers 403 unauthorized: the binding is wrong", wrong);
        order(true, true, given.formatted(Base64.getUrlEncoder().withoutPadding().encodeToString(key)));
        assertEquals(1, authority.issued());
    }

    @Test
    void whatGoesWrongIsTold() throws IOException {
        assertEquals("\"a.example\" is invalid incorrectResponse: the answer is HTTP/1.1 200 OK",
            refused(false, true, "").getMessage());
        authority.validateAt(1);
        assertTrue(refused(true, true, "").getMessage().startsWith("\"a.example\" is invalid connection: "));
        assertTrue(refused(true, false, "").getMessage().startsWith("127.0.0.1 cannot be asked: "),
            "it is not trusted");
        assertEquals(Map.of(), tokens);
        authority.refuse(120);
        OrderException busy = refused(true, true, "");
        assertEquals("the authority answers 429 rateLimited: too many orders", busy.getMessage());
        assertEquals(Duration.ofSeconds(120), busy.retryAfter());
        authority.close();
        assertTrue(refused(true, true, "").getMessage().startsWith("127.0.0.1 cannot be asked: "));
        assertEquals(0, authority.issued());
    }
}
