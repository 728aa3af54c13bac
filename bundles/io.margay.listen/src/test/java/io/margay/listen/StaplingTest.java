// SPDX-License-Identifier: Apache-2.0
package io.margay.listen;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import io.margay.certificate.CertificateBundle;
import io.margay.certificate.Ocsp;
import io.margay.testing.Await;
import io.margay.testing.TestAuthority;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Answers of a responder, or from a file, that reach clients. */
@Timeout(120)
class StaplingTest extends TlsStage {
    @TempDir
    private static Path directory;
    private static TestAuthority root;
    private static CertificateBundle server;
    private static CertificateBundle alone;

    private final AtomicInteger asked = new AtomicInteger();
    private final TlsFactory logged = new TlsFactory((level, text) -> lines.add(text));
    private HttpServer responder;
    private volatile byte[] answer = {};

    @BeforeAll
    static void make() throws Exception {
        root = TestAuthority.root(directory, "root");
        root.issue("server", "server", 9);
        root.issue("responder", "responder", 9);
        server = CertificateBundle.parse(root.join("server.crt", "root.crt", "server.key")
            .getBytes(StandardCharsets.UTF_8));
        alone = CertificateBundle.parse(root.join("server.crt", "server.key").getBytes(StandardCharsets.UTF_8));
        Files.write(directory.resolve("request"), Ocsp.request(server.leaf(), server.chain().get(1)));
    }

    private static byte[] answer(String signer, String state, int minutes) throws IOException {
        Files.writeString(directory.resolve("answers"), (state.equals("R") ? "R\t350101000000Z\t250101000000Z"
            : "V\t350101000000Z\t") + "\t02\tunknown\t/CN=server\n");
        root.openssl("ocsp", "-index", "answers", "-CA", "root.crt", "-rsigner", signer + ".crt", "-rkey",
            signer + ".key", "-reqin", "request", "-respout", "answer", "-nmin", Integer.toString(minutes));
        return Files.readAllBytes(directory.resolve("answer"));
    }

    @BeforeEach
    void respond() throws IOException {
        responder = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 5);
        responder.createContext("/", exchange -> {
            byte[] request = exchange.getRequestBody().readAllBytes();
            asked.incrementAndGet();
            boolean good = answer.length > 0
                && Arrays.equals(request, Files.readAllBytes(directory.resolve("request")));
            exchange.sendResponseHeaders(good ? 200 : 500, good ? answer.length : -1);
            if (good) {
                exchange.getResponseBody().write(answer);
            }
            exchange.close();
        });
        responder.start();
    }

    @AfterEach
    void silence() {
        responder.stop(0);
    }

    private String url() {
        return "http://127.0.0.1:" + responder.getAddress().getPort() + "/ocsp";
    }

    private TlsService service(CertificateBundle bundle, String stapling) {
        return logged.create(new TlsOptions(List.of("a"), Map.of(), 0, 300, false, List.of(), Optional.empty(),
            Optional.of(stapling)), material(bundle));
    }

    private List<byte[]> stapled(String protocol) throws IOException {
        try (SSLSocket socket = connect("", protocol)) {
            assertTrue(ask(socket, GET).endsWith("secure"));
            return ((ExtendedSSLSession) socket.getSession()).getStatusResponses();
        }
    }

    private boolean isStapled(byte[] expected, String protocol) {
        try {
            List<byte[]> got = stapled(protocol);
            return !got.isEmpty() && Arrays.equals(expected, got.getFirst());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void clientsGetTheAnswer(String protocol) throws Exception {
        answer = answer("responder", "V", 60);
        serve(service(server, url()));
        Await.until(() -> "an answer " + lines, () -> isStapled(answer, protocol));
        listener.secure(Optional.of(service(server, url())));
        assertTrue(isStapled(answer, protocol), "another configuration has it from the start");
        assertEquals(1, asked.get());
        Path file = Files.write(directory.resolve("kept"), answer("root", "V", 60));
        byte[] kept = Files.readAllBytes(file);
        listener.secure(Optional.of(service(server, file.toString())));
        Await.until("the answer of the file", () -> isStapled(kept, protocol));
    }

    @Test
    void whatIsNotGoodIsNotPassedOn() throws Exception {
        serve(service(server, url()));
        String[][] table = {{"", "the responder answers with status 500"},
            {"R", "the certificate is revoked"}, {"V", "the answer is signed by nobody who may."}};
        for (String[] row : table) {
            answer = row[0].isEmpty() ? new byte[0] : answer(row[0].equals("V") ? "server" : "root", row[0], 60);
            lines.clear();
            TlsService service = service(server, url() + "/" + row[0]);
            listener.secure(Optional.of(service));
            Await.until(() -> row[1] + " in " + lines, () -> lines.stream().anyMatch(line ->
                line.startsWith("no OCSP answer for certificate \"a\" from \"http:")
                    && line.toLowerCase().endsWith(row[1])));
            assertEquals(List.of(), stapled("TLSv1.3"));
        }
    }

    @Test
    void whatCannotBeAskedForIsRefused() {
        for (Object[] row : new Object[][] {
            {alone, url(), "\"stapling\" needs the issuer of certificate \"a\" in its bundle"},
            {server, "true", "\"stapling\" needs an address: certificate \"a\" names no OCSP responder"},
            {server, "x:/", "\"stapling\" must be true, a URL that begins with \"http://\" or the absolute path of a "
                 + "file, not \"x:/\""}}) {
            TlsException thrown = assertThrows(TlsException.class,
                () -> service((CertificateBundle) row[0], (String) row[1]));
            assertEquals(row[2], thrown.getMessage());
            assertEquals("/stapling", thrown.place().orElseThrow().toString());
        }
    }
}
