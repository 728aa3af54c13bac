// SPDX-License-Identifier: Apache-2.0
package io.margay.listen;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.certificate.CertificateBundle;
import io.margay.certificate.TrustBundle;
import io.margay.http.Fields;
import io.margay.testing.TestAuthority;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What serves where BoringSSL cannot be loaded. */
@Timeout(120)
class JdkTlsTest extends TlsStage {
    @TempDir
    private static Path directory;
    private static CertificateBundle rsa;
    private static CertificateBundle ec;
    private static CertificateBundle alice;
    private static TrustBundle clients;

    private final TlsFactory jdk = new TlsFactory((level, text) -> lines.add(text), answers,
        System::nanoTime, () -> false);

    @BeforeAll
    static void make() throws Exception {
        rsa = bundle(directory, "rsa", "rsa:2048");
        ec = bundle(directory, "ec", "ec", "-pkeyopt", "ec_paramgen_curve:P-256");
        TestAuthority root = TestAuthority.root(directory, "root");
        root.issue("alice", "client", 9);
        alice = CertificateBundle.parse(root.join("alice.crt", "alice.key").getBytes(StandardCharsets.UTF_8));
        clients = TrustBundle.parse(root.join("root.crt").getBytes(StandardCharsets.UTF_8));
    }

    private static TlsOptions options(Map<String, String> commands, boolean tickets, List<String> keys,
            Optional<ClientOptions> client, Optional<String> stapling) {
        return new TlsOptions(List.of("a"), commands, 0, 300, tickets, keys, client, stapling);
    }

    private static TlsOptions commands(String name, String value) {
        return options(Map.of(name, value), false, List.of(), Optional.empty(), Optional.empty());
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void itServesByNameAndProtocol(String protocol) throws Exception {
        serve(jdk.create(options(2, Map.of(), 0, false), material(rsa, ec)));
        for (String[] row : new String[][] {{"", "CN=rsa"}, {"ec.example", "CN=ec"}, {"x.rsa.example", "CN=rsa"}}) {
            try (SSLSocket socket = connect(row[0], protocol)) {
                assertEquals(row[1], subject(socket));
                assertEquals("http/1.1 " + protocol,
                    socket.getApplicationProtocol() + " " + socket.getSession().getProtocol());
                assertTrue(ask(socket, GET).endsWith("secure"));
                assertTrue(ask(socket, GET.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n")).endsWith("secure"));
                assertEquals(-1, socket.getInputStream().read(), "the end is told, not cut");
            }
        }
        assertEquals(1, lines.stream().filter(line -> line.startsWith("BoringSSL cannot be loaded")).count(),
            lines.toString());
    }

    @Test
    void protocolsAreThoseOfTheCommands() throws Exception {
        serve(jdk.create(commands("MaxProtocol", "TLSv1.2"), material(rsa)));
        try (SSLSocket socket = connect("")) {
            assertEquals("TLSv1.2", socket.getSession().getProtocol());
        }
        listener.secure(Optional.of(jdk.create(commands("MinProtocol", "TLSv1.3"), material(rsa))));
        assertThrows(SSLException.class, () -> connect("", "TLSv1.2"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void clientsAreVerified(String protocol) throws Exception {
        TlsOptions options = options(Map.of(), true, List.of(), Optional.of(new ClientOptions(List.of("c"),
            ClientOptions.Verify.REQUIRED, 1, ClientOptions.Revocation.AUTO)), Optional.empty());
        serve(e -> e.respond(200, Fields.NONE, (e.request().handshake().orElseThrow().verify() + " "
            + e.request().handshake().orElseThrow().resumed()).getBytes(StandardCharsets.UTF_8)),
            jdk.create(options, new TlsMaterial(List.of(rsa), List.of(clients), ALPN)), 30);
        assertFalse(isServed(protocol), "without a certificate");
        client = Optional.of(client(new ShownKey(rsa)));
        assertFalse(isServed(protocol), "with another one");
        client = Optional.of(client(new ShownKey(alice)));
        for (String again : new String[] {"false", "true"}) {
            try (SSLSocket socket = connect("x.test", protocol)) {
                assertTrue(ask(socket, GET).endsWith("SUCCESS " + again), protocol + again);
            }
        }
    }

    private boolean isServed(String protocol) {
        try (SSLSocket socket = connect("x.test", protocol)) {
            return !ask(socket, GET).endsWith("<end>");
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void whatItCannotObeyIsRefused() {
        Object[][] table = {{commands("CipherString", "HIGH"), "command \"CipherString\" in \"conf_commands\" option"},
            {options(Map.of(), false, List.of(Base64.getEncoder().encodeToString(new byte[48])), Optional.empty(),
                Optional.empty()), "\"tickets\" with keys"},
            {options(Map.of(), false, List.of(), Optional.empty(), Optional.of("true")), "\"stapling\""}};
        for (Object[] row : table) {
            assertEquals(row[1] + " is not supported by the TLS of the JDK, which serves since BoringSSL cannot be "
                + "loaded", assertThrows(TlsException.class,
                    () -> jdk.create((TlsOptions) row[0], material(rsa))).getMessage());
        }
    }
}
