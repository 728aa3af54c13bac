// SPDX-License-Identifier: Apache-2.0
package io.margay.filter.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.margay.certificate.CertificateBundle;
import io.margay.certificate.TrustBundle;
import io.margay.testing.TestAuthority;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Keys from a server with a certificate that the Java runtime does not trust. */
@Timeout(60)
class KeyServerTest {
    @TempDir
    private static Path directory;
    private static TestAuthority other;
    private static HttpsServer server;

    @BeforeAll
    static void start() throws Exception {
        other = TestAuthority.root(directory, "other");
        other.openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=keys", "-days", "9", "-addext",
            "subjectAltName=IP:127.0.0.1", "-addext", "keyUsage=critical,keyCertSign,digitalSignature", "-keyout",
            "own.key", "-out", "own.crt");
        KeyPair published = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        byte[] answer = ("{'keys': [" + Signer.jwk(published, "") + "]}").replace('\'', '"')
            .getBytes(StandardCharsets.UTF_8);
        CertificateBundle own = CertificateBundle.parse(bytes("own.crt", "own.key"));
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry("own", own.key(), new char[0], own.chain().toArray(Certificate[]::new));
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(store, new char[0]);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        server = HttpsServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 5);
        server.setHttpsConfigurator(new HttpsConfigurator(context));
        server.createContext("/", exchange -> {
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        server.start();
    }

    @AfterAll
    static void stop() {
        server.stop(0);
    }

    private static byte[] bytes(String... files) {
        return other.join(files).getBytes(StandardCharsets.UTF_8);
    }

    private static Optional<TokenKeys> load(Optional<Authorities> trusted) throws IOException {
        return new KeyServer(URI.create("https://127.0.0.1:" + server.getAddress().getPort() + "/"), trusted).load();
    }

    private static Optional<Authorities> trusting(String file) throws Exception {
        return Optional.of(new Authorities("ca", CompletableFuture.completedFuture(TrustBundle.parse(bytes(file)))));
    }

    @Test
    void onlyWhoIsTrustedIsBelieved() throws Exception {
        assertTrue(load(trusting("own.crt")).isPresent());
        assertThrows(IOException.class, () -> load(Optional.empty()));
        Optional<Authorities> wrong = trusting("other.crt");
        assertThrows(IOException.class, () -> load(wrong));
        assertTrue(load(trusting("own.crt")).isPresent(), "what was refused before has no effect");
    }

    @Test
    void whatIsNotStoredIsTold() {
        Optional<Authorities> none = Optional.of(new Authorities("ca", CompletableFuture.failedFuture(
            new IllegalStateException("certificate \"ca\": not stored"))));
        assertEquals("certificate \"ca\": not stored", assertThrows(IOException.class, () -> load(none)).getMessage());
    }
}
