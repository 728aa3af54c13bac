// SPDX-License-Identifier: Apache-2.0
package io.margay.listen;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.certificate.CertificateBundle;
import io.margay.certificate.TrustBundle;
import io.margay.http.Fields;
import io.margay.http.Request;
import io.margay.http.TlsInfo;
import io.margay.testing.Await;
import io.margay.testing.TestAuthority;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Handshakes of clients that are asked who they are. */
@Timeout(120)
class ClientCertificatesTest extends TlsStage {
    @TempDir
    private static Path directory;
    private static TestAuthority root;
    private static CertificateBundle server;

    @BeforeAll
    static void make() throws Exception {
        root = TestAuthority.root(directory, "root");
        TestAuthority.root(directory, "other").issue("stranger", "client", 9);
        root.issue("good", "client", 9);
        root.issue("expired", "client", -1);
        root.issue("server", "server", 9);
        TestAuthority one = root.intermediate("one");
        one.issue("below", "client", 9);
        one.intermediate("two").issue("deep", "client", 9);
        one.issue("fired", "client", 9);
        one.revoke();
        one.list("one.crl", "351231000000Z");
        root.list("root.crl", "351231000000Z");
        root.list("old.crl", "250601000000Z");
        root.issue("gone", "client", 9);
        root.revoke();
        root.list("gone.crl", "351231000000Z");
        server = bundle("server");
    }

    /** A name, then {@code +} and what else is sent. */
    private static CertificateBundle bundle(String names) throws Exception {
        String[] parts = names.split("\\+");
        StringBuilder pem = new StringBuilder(root.join(parts[0] + ".key"));
        for (String part : parts) {
            pem.append(root.join(part + ".crt"));
        }
        return CertificateBundle.parse(pem.toString().getBytes(StandardCharsets.UTF_8));
    }

    private static KeyManager[] keys(String names) throws Exception {
        return names.equals("-") ? new KeyManager[0] : new KeyManager[] {new ShownKey(bundle(names))};
    }

    private TlsService service(String trust, ClientOptions.Verify verify, int depth,
            ClientOptions.Revocation revocation, boolean tickets) throws Exception {
        List<String> names = List.of(trust.split("/"));
        TlsOptions options = new TlsOptions(List.of("a"), Map.of(), tickets ? 10 : 0, 300, tickets, List.of(),
            Optional.of(new ClientOptions(names, verify, depth, revocation)), Optional.empty());
        List<TrustBundle> bundles = names.stream().map(name -> {
            try {
                return TrustBundle.parse(root.join(name.split("\\+")).getBytes(StandardCharsets.UTF_8));
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }).toList();
        return factory.create(options, new TlsMaterial(List.of(server), bundles, ALPN));
    }

    private TlsService service(String trust, String verify, int depth, String revocation) throws Exception {
        return service(trust, ClientOptions.Verify.valueOf(verify), depth,
            ClientOptions.Revocation.valueOf(revocation), false);
    }

    private void told(TlsService service) {
        serve(e -> e.respond(200, Fields.NONE, told(e.request()).getBytes(StandardCharsets.UTF_8)), service, 30);
    }

    private static String told(Request request) {
        TlsInfo info = request.handshake().orElseThrow();
        return info.verify() + " " + info.client().map(own -> own.getSubjectX500Principal().getName()).orElse("-")
            + " " + info.serverName() + (info.resumed() ? " again" : "");
    }

    /** What the client gets; null when the handshake fails, which it may learn of only with the first answer. */
    private String answer(String protocol) {
        try (SSLSocket socket = connect("server.example", protocol)) {
            String text = ask(socket, GET);
            return text.endsWith("<end>") ? null : text.substring(text.indexOf("\r\n\r\n") + 4);
        } catch (IOException e) {
            return null;
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        // who | trusted | depth | revocation | what is wrong
        "good|root.crt|1|AUTO|", "good|root.crt|0|AUTO|", "good+root|root.crt|0|AUTO|",
        "good|other.crt/root.crt|1|AUTO|", "below+one|root.crt|1|AUTO|", "below+root+other+one|root.crt|1|AUTO|",
        "below|root.crt+one.crt|0|AUTO|", "deep+two+one|root.crt|2|AUTO|", "good|root.crt+root.crl|1|AUTO|",
        "below+one|root.crt+one.crt+root.crl+one.crl|1|CHAIN|", "gone|root.crt+root.crl|1|AUTO|",
        "gone|root.crt+gone.crl|1|OFF|", "fired+one|root.crt+gone.crl|1|OFF|",
        "-|root.crt|1|AUTO|PEER_DID_NOT_RETURN_A_CERTIFICATE",
        "stranger|root.crt|1|AUTO|the certificate of \"CN=stranger,O=Margay\" was issued by \"CN=other,O=Margay\", "
            + "which is not trusted",
        "below|root.crt|1|AUTO|the certificate of \"CN=below,O=Margay\" was issued by \"CN=one,O=Margay\", which is "
            + "not trusted",
        "deep+two+one|root.crt|1|AUTO|the certificate of \"CN=deep,O=Margay\" is more than 1 certificates away from a "
            + "trusted one",
        "expired|root.crt|1|AUTO|the certificate of \"CN=expired,O=Margay\" is not valid: ",
        "server|root.crt|1|AUTO|the certificate of \"CN=server,O=Margay\" is not for clients",
        "gone|root.crt+gone.crl|1|AUTO|the certificate of \"CN=gone,O=Margay\" was revoked",
        "gone|root.crt+root.crl/root.crt+gone.crl|1|CLIENT|the certificate of \"CN=gone,O=Margay\" was revoked",
        "fired+one|root.crt+root.crl/one.crt+one.crl|1|CLIENT|the certificate of \"CN=fired,O=Margay\" was revoked",
        "below+one|root.crt+root.crl|1|AUTO|the certificate of \"CN=below,O=Margay\" may be revoked: there is no "
            + "revocation list of its issuer",
        "good|root.crt+old.crl|1|AUTO|the certificate of \"CN=good,O=Margay\" may be revoked: the revocation list of "
            + "\"CN=root,O=Margay\" is out of date since 2025-06-01T00:00:00Z"})
    void whoIsServed(String who, String trust, int depth, String revocation, String wrong) throws Exception {
        told(service(trust, "REQUIRED", depth, revocation));
        client = Optional.of(client(keys(who)));
        String subject = "CN=" + who.split("\\+")[0] + ",O=Margay";
        for (String protocol : new String[] {"TLSv1.2", "TLSv1.3"}) {
            assertEquals(wrong == null ? "SUCCESS " + subject + " server.example" : null, answer(protocol));
            if (wrong != null) {
                Await.until(() -> "the reason is logged: " + lines, () -> lines.stream().anyMatch(line ->
                    line.startsWith("TLS with ") && line.contains(" failed: ") && line.contains(wrong)));
                lines.clear();
            }
        }
        listener.secure(Optional.of(service(trust, "REQUEST", depth, revocation)));
        String expected = wrong == null ? "SUCCESS" : who.equals("-") ? "NONE" : "FAILED:" + wrong;
        String answer = answer("TLSv1.3");
        assertTrue(answer != null && answer.startsWith(expected), answer);
        listener.secure(Optional.of(service(trust, "OPTIONAL", depth, revocation)));
        answer = answer("TLSv1.3");
        assertEquals(who.equals("-") ? "NONE - server.example"
            : wrong == null ? "SUCCESS " + subject + " server.example" : null, answer);
    }

    /** A client learns what is wrong with it: an error of the server it would take for no concern of its own. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"-|root.crt|certificate_required", "stranger|root.crt|unknown_ca",
        "below|root.crt|unknown_ca", "deep+two+one|root.crt|unknown_ca", "expired|root.crt|certificate_expired",
        "server|root.crt|unsupported_certificate", "gone|root.crt+gone.crl|certificate_revoked",
        "good|root.crt+old.crl|unknown_ca"})
    void aRefusalSaysWhatIsWrong(String who, String trust, String alert) throws Exception {
        told(service(trust, "REQUIRED", 1, "AUTO"));
        client = Optional.of(client(keys(who)));
        SSLException thrown = assertThrows(SSLException.class, () -> {
            try (SSLSocket socket = connect("server.example", "TLSv1.3")) {
                socket.getInputStream().read();
            }
        });
        assertTrue(thrown.getMessage().contains(alert), thrown.getMessage());
    }

    @Test
    void bundlesThatCannotServeAreRefused() {
        for (String[] row : new String[][] {
            {"root.crt", "CHAIN", "\"revocation\" needs a revocation list in one of the bundles \"root.crt\""},
            {"root.crt/server.crt+server.key", "AUTO",
                "certificate \"server.crt+server.key\" cannot be used as \"ca\": it has no certificate of an "
                    + "authority"}}) {
            TlsException thrown = assertThrows(TlsException.class, () -> service(row[0], "REQUIRED", 1, row[1]));
            assertEquals(row[2], thrown.getMessage());
            assertEquals(row[1].equals("AUTO") ? "/client/ca" : "/client/revocation",
                thrown.place().orElseThrow().toString());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void aSessionIsResumedOnlyAsLongAsItsClientIsTrusted(String protocol) throws Exception {
        ClientOptions.Verify required = ClientOptions.Verify.REQUIRED;
        told(service("root.crt+root.crl", required, 1, ClientOptions.Revocation.AUTO, true));
        SSLContext gone = client(keys("gone"));
        client = Optional.of(gone);
        assertEquals("SUCCESS CN=gone,O=Margay server.example", answer(protocol));
        assertEquals("SUCCESS CN=gone,O=Margay server.example again", answer(protocol), "with its certificate");
        listener.secure(Optional.of(service("root.crt+gone.crl", required, 1, ClientOptions.Revocation.AUTO, true)));
        assertEquals(null, answer(protocol));
        listener.secure(Optional.of(service("other.crt", required, 1, ClientOptions.Revocation.AUTO, true)));
        assertEquals(null, answer(protocol));
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void aSessionOfAnOpenListenerOpensNoOther(String protocol) throws Exception {
        // The key of tickets is that of the process, the same for all listeners.
        told(factory.create(options(1, Map.of(), 10, true), material(server)));
        client = Optional.of(client());
        assertFalse(answer(protocol).endsWith("again"));
        assertTrue(answer(protocol).endsWith("again"));
        listener.secure(Optional.of(service("root.crt", ClientOptions.Verify.REQUIRED, 1,
            ClientOptions.Revocation.AUTO, true)));
        assertEquals(null, answer(protocol));
        listener.secure(Optional.of(service("root.crt", ClientOptions.Verify.OPTIONAL, 1,
            ClientOptions.Revocation.AUTO, true)));
        assertEquals("NONE - server.example", answer(protocol), "a new session");
    }
}
