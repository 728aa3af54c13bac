// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Certificates through the control API, and listeners that serve with them, to curl and openssl. */
@Timeout(180)
class CertificatesIT {
    private static final String UPLOADED = "{\"success\":\"Certificate chain uploaded.\"}";

    @TempDir
    private static Path directory;
    private static OpenSsl ssl;
    private static TestServer server;

    @BeforeAll
    static void make() throws Exception {
        ssl = new OpenSsl(directory);
        ssl.selfSigned("rsa", "rsa:2048");
        ssl.selfSigned("two", "rsa:2048");
        ssl.selfSigned("ed", "ed25519");
        // As most guides do it: the key file begins with a block EC PARAMETERS.
        ssl.words("ecparam -name prime256v1 -genkey -out ec.key");
        ssl.run("req", "-x509", "-new", "-key", "ec.key", "-out", "ec.crt", "-days", "30", "-subj", "/CN=ec.example",
            "-addext", "subjectAltName=DNS:ec.example");
        ssl.words("rsa -in rsa.key -aes128 -passout pass:secret -out locked.key");
        chain();
        server = TestServer.speaking("python");
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    /** Nothing is left of the test before, where one server is enough. */
    @BeforeEach
    void empty() throws IOException {
        server.control().apply("/config", "{}");
        for (String name : JsonParser.parseString(server.control().get("/certificates").text()).getAsJsonObject()
                .keySet()) {
            assertEquals(200, server.control().delete("/certificates/" + name.replace(" ", "%20")).status(), name);
        }
    }

    /** A root, an intermediate authority and a leaf for localhost. */
    private static void chain() throws Exception {
        Files.writeString(directory.resolve("ca.ext"), "basicConstraints=critical,CA:TRUE\n");
        Files.writeString(directory.resolve("leaf.ext"), "subjectAltName=DNS:localhost,IP:127.0.0.1\n");
        ssl.words("req -x509 -newkey rsa:2048 -nodes -keyout root.key -out root.crt -days 30 -subj /CN=Root");
        ssl.words("req -new -newkey rsa:2048 -nodes -keyout middle.key -out middle.csr -subj /O=Org/CN=Middle");
        ssl.words("x509 -req -in middle.csr -CA root.crt -CAkey root.key -CAcreateserial -days 30 -extfile ca.ext "
            + "-out middle.crt");
        ssl.words("req -new -newkey rsa:2048 -nodes -keyout leaf.key -out leaf.csr -subj /CN=localhost");
        ssl.words("x509 -req -in leaf.csr -CA middle.crt -CAkey middle.key -CAcreateserial -days 30 "
            + "-extfile leaf.ext -out leaf.crt");
    }

    private static String pem(String name) throws IOException {
        return ssl.join(name + ".crt", name + ".key");
    }

    private static void upload(TestServer of, String name, String content) throws IOException {
        Response reply = of.control().put("/certificates/" + name, content);
        assertEquals("200 " + UPLOADED, reply.status() + " " + json(reply));
    }

    private static String json(Response reply) {
        return reply.text().replaceAll("[\\r\\n\\t]", "").replace("\": ", "\":");
    }

    private static String listener(int port, String tls) {
        return "{\"listeners\": {\"127.0.0.1:" + port + "\": {\"pass\": \"routes\", \"tls\": " + tls
            + "}}, \"routes\": [{\"action\": {\"return\": 204}}]}";
    }

    private static Distribution.Result curl(String... options) throws Exception {
        List<String> command = new ArrayList<>(List.of("curl", "-s", "-S", "--max-time", "20"));
        command.addAll(List.of(options));
        return Distribution.run(directory, Map.of(), command.toArray(String[]::new));
    }

    @Test
    void theResource() throws Exception {
        Control control = server.control();
        assertEquals("{}", json(control.get("/certificates")));
        upload(server, "rsa", pem("rsa"));
        upload(server, "a%20b", ssl.join("leaf.key", "leaf.crt", "middle.crt", "root.crt"));
        upload(server, "ec", pem("ec"));
        upload(server, "ed", pem("ed"));
        assertEquals("\"RSA (2048 bits)\" \"ECDH\" \"unknown\"", json(control.get("/certificates/rsa/key")) + " "
            + json(control.get("/certificates/ec/key")) + " " + json(control.get("/certificates/ed/key")));
        assertEquals("{\"common_name\":\"rsa.example\",\"alt_names\":[\"rsa.example\",\"*.rsa.example\"],"
            + "\"country\":\"DE\",\"state_or_province\":\"Bayern\",\"locality\":\"Weiden\","
            + "\"organization\":\"Margay\",\"department\":\"Tests\"}",
            json(control.get("/certificates/rsa/chain/0/subject")));
        assertEquals("{\"common_name\":\"Root\"}", json(control.get("/certificates/a%20b/chain/1/issuer")));
        assertEquals("\"localhost\"", json(control.get("/certificates/a%20b/chain/0/subject/alt_names/0")));
        String until = ssl.words("x509 -in rsa.crt -noout -enddate").strip().substring("notAfter=".length());
        assertEquals("\"" + until + "\"", json(control.get("/certificates/rsa/chain/0/validity/until")));
        assertTrue(json(control.get("/")).startsWith("{\"certificates\":{\"rsa\":{\"key\":"));
        Path file = server.base().resolve("state/certs/a b");
        assertEquals(ssl.join("leaf.key", "leaf.crt", "middle.crt", "root.crt"), Files.readString(file));
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
        for (String[] row : new String[][] {
            {"PUT", "/certificates", "400", "Invalid certificate name."},
            {"PUT", "/certificates/rsa/key", "400", "Invalid certificate name."},
            {"POST", "/certificates/rsa", "405", "Invalid method."},
            {"GET", "/certificates/none", "404", "Certificate doesn't exist."},
            {"GET", "/certificates/rsa/chain/7", "404", "Invalid path."},
            {"DELETE", "/certificates/none", "404", "Certificate doesn't exist."}}) {
            Response reply = request(control, row[0], row[1]);
            assertEquals(row[2] + " {\"error\":\"" + row[3] + "\"}", reply.status() + " " + json(reply), row[1]);
        }
        assertEquals("{\"error\":\"Invalid certificate.\",\"detail\":\"No certificates found in the bundle.\"}",
            json(request(control, "PUT", "/certificates/rsa")));
        assertEquals("{\"success\":\"Certificate deleted.\"}", json(control.delete("/certificates/a%20b")));
        assertFalse(Files.exists(file));
    }

    private static Response request(Control control, String method, String path) throws IOException {
        return switch (method) {
            case "PUT" -> control.put(path, "x");
            case "POST" -> control.post(path, "x");
            case "DELETE" -> control.delete(path);
            default -> control.get(path);
        };
    }

    @Test
    void whatCannotServeIsRefused() throws Exception {
        String[][] table = {
            {"garbage", "No certificates found in the bundle."}, {"", "No certificates found in the bundle."},
            {ssl.join("rsa.crt"), "No private key found in the bundle."},
            {ssl.join("rsa.crt", "two.key"), "The private key does not fit the first certificate."},
            {ssl.join("rsa.crt", "ec.key"), "The private key does not fit the first certificate."},
            {ssl.join("rsa.crt", "locked.key"),
                "The private key is encrypted; only keys without a pass phrase can be used."},
            {ssl.join("rsa.crt", "rsa.key", "two.key"),
                "The bundle has several private keys; it must have exactly one."},
            {ssl.join("leaf.csr", "rsa.crt", "rsa.key"), "Unsupported PEM type: \\\"CERTIFICATE REQUEST\\\"."},
            {pem("rsa").substring(0, 500), "The PEM block \\\"CERTIFICATE\\\" has no end."},
        };
        for (String[] row : table) {
            assertEquals("{\"error\":\"Invalid certificate.\",\"detail\":\"" + row[1] + "\"}",
                json(server.control().put("/certificates/x", row[0])));
        }
        assertEquals("{}", json(server.control().get("/certificates")));
        try (Stream<Path> files = Files.list(server.base().resolve("state/certs"))) {
            assertEquals(0, files.count());
        }
    }

    @Test
    void listenersServeWithThem() throws Exception {
        int port = Distribution.freePorts(1).getFirst();
        byte[] content = new byte[2_000_000];
        new Random(3).nextBytes(content);
        Files.write(directory.resolve("content"), content);
        Control control = server.control();
        assertTrue(json(control.put("/config", listener(port, "{\"certificate\": \"leaf\"}")))
            .contains("\"detail\":\"Certificate \\\"leaf\\\" is not found.\""));
        upload(server, "leaf", ssl.join("leaf.crt", "middle.crt", "leaf.key"));
        upload(server, "ec", pem("ec"));
        Path www = Files.createDirectories(server.base().resolve("www"));
        Files.write(www.resolve("content"), content);
        control.apply("/config", "{\"listeners\": {\"127.0.0.1:" + port + "\": {\"pass\": \"routes\", \"tls\": "
            + "{\"certificate\": [\"leaf\", \"ec\"]}}}, \"routes\": [{\"match\": {\"scheme\": \"https\", "
            + "\"uri\": \"/files/*\"}, \"action\": {\"share\": \"" + www + "/content\"}}, {\"action\": {\"pass\": "
            + "\"applications/probe\"}}], \"applications\": {\"probe\": " + server.python("probe", "wsgi") + "}}");
        assertEquals("Certificate is used in the configuration.",
            json(control.delete("/certificates/ec")).split("\"")[3]);
        String url = "https://localhost:" + port;
        String ca = directory.resolve("root.crt").toString();
        Path got = directory.resolve("got");
        Distribution.Result files = curl("--cacert", ca, url + "/files/a", "-o", got.toString(), "-w",
            "%{http_code} %{ssl_verify_result} %{http_version} %{size_download}");
        assertEquals("200 0 2 2000000", files.out(), files.err());
        assertArrayEquals(content, Files.readAllBytes(got));
        assertTrue(curl("--cacert", ca, url + "/environ").out().contains("\"wsgi.url_scheme\": \"https\""));
        assertEquals("localhost ec.example localhost localhost", ssl.subject(port) + " "
            + ssl.subject(port, "-servername", "ec.example") + " " + ssl.subject(port, "-servername", "x.test")
            + " " + ssl.subject(port, "-noservername"));
        String verbose = ssl.connect(port, "-alpn", "h2,http/1.1", "-CAfile", ca).out();
        assertTrue(verbose.contains("ALPN protocol: h2") && verbose.contains("Verify return code: 0 (ok)"),
            verbose);
        assertEquals("TLSv1.2 TLSv1.3", version(port, "-tls1_2") + " " + version(port, "-tls1_3"));
        assertTrue(ssl.connect(port, "-tls1_1", "-cipher", "ALL@SECLEVEL=0").out().contains("Cipher is (NONE)"));
        Response plain = Http.get(port, "/");
        assertEquals("HTTP/1.1 400 The plain HTTP request was sent to HTTPS port", plain.statusLine());
        control.apply("/config/listeners/127.0.0.1:" + port, "{\"pass\": \"routes\"}");
        assertTrue(Http.get(port, "/").status() != 400, "without tls it is plain");
        assertEquals(200, control.delete("/certificates/ec").status());
    }

    private static String version(int port, String option) throws Exception {
        String out = ssl.connect(port, option).out();
        return out.contains("TLSv1.3, Cipher") ? "TLSv1.3" : out.contains("TLSv1.2, Cipher") ? "TLSv1.2" : out;
    }

    @Test
    void optionsOfSessionsAndCommands() throws Exception {
        int port = Distribution.freePorts(1).getFirst();
        server.expect("failed to apply new conf");
        Control control = server.control();
        upload(server, "a", pem("rsa"));
        Path session = directory.resolve("session");
        for (String[] row : new String[][] {{"", "no"}, {"\"tickets\": true", "yes"},
            {"\"cache_size\": 100", "yes"}, {"\"tickets\": false", "no"}}) {
            control.apply("/config", listener(port, "{\"certificate\": \"a\", \"session\": {" + row[0] + "}}"));
            Files.deleteIfExists(session);
            ssl.connect(port, "-tls1_2", "-sess_out", session.toString());
            // There is no file where the server offers nothing to come back with.
            boolean again = Files.exists(session) && ssl.connect(port, "-tls1_2", "-sess_in", session.toString())
                .out().contains("Reused, TLSv1.2");
            assertEquals(row[1], again ? "yes" : "no", row[0]);
        }
        control.apply("/config", listener(port, "{\"certificate\": \"a\", \"conf_commands\": {"
            + "\"minprotocol\": \"TLSv1.2\", \"MaxProtocol\": \"TLSv1.2\", \"CipherString\": "
            + "\"ECDHE+AESGCM:!AES128\"}}"));
        assertTrue(ssl.connect(port).out().contains("TLSv1.2, Cipher is ECDHE-RSA-AES256-GCM-SHA384"));
        String[][] refused = {
            {"\"Nonsense\": \"1\"", "unknown command \\\"Nonsense\\\" in \\\"conf_commands\\\" option"},
            {"\"CipherString\": \"NO\"", "invalid value \\\"NO\\\" for command \\\"CipherString\\\""},
            {"\"NumTickets\": \"1\"", "command \\\"NumTickets\\\" in \\\"conf_commands\\\" option is not"},
        };
        for (String[] row : refused) {
            Response reply = control.put("/config", listener(port, "{\"certificate\": \"a\", \"conf_commands\": {"
                + row[0] + "}}"));
            assertEquals(500, reply.status());
            assertTrue(json(reply).contains(row[1]), reply.text());
        }
        assertTrue(ssl.connect(port).out().contains("TLSv1.2, Cipher is ECDHE-RSA-AES256-GCM-SHA384"),
            "the old configuration serves");
    }

    @Test
    void aCertificateIsReplacedWithoutAFailedHandshake() throws Exception {
        int port = Distribution.freePorts(1).getFirst();
        upload(server, "a", pem("rsa"));
        server.control().apply("/config", listener(port, "{\"certificate\": \"a\"}"));
        AtomicBoolean end = new AtomicBoolean();
        AtomicInteger done = new AtomicInteger();
        List<CompletableFuture<Void>> clients = new ArrayList<>();
        try (TlsClient before = TlsClient.connect(port)) {
            for (int i = 0; i < 2; i++) {
                clients.add(CompletableFuture.runAsync(() -> load(port, end, done), task ->
                    new Thread(task).start()));
            }
            for (int i = 0; i < 20 || done.get() < 100; i++) {
                String name = i % 2 == 0 ? "two" : "rsa";
                Response reply = server.control().put("/certificates/a?replace", pem(name));
                assertEquals("200 " + UPLOADED, reply.status() + " " + json(reply));
                try (TlsClient client = TlsClient.connect(port)) {
                    assertEquals(name + ".example", client.subject(), "used at once");
                }
            }
            assertEquals(204, before.get("/"), "connections go on");
        } finally {
            end.set(true);
        }
        for (CompletableFuture<Void> client : clients) {
            client.get(30, TimeUnit.SECONDS);
        }
        Response refused = server.control().put("/certificates/a?replace", ssl.join("rsa.crt", "two.key"));
        assertEquals(400, refused.status());
    }

    private static void load(int port, AtomicBoolean end, AtomicInteger done) {
        while (!end.get()) {
            try (TlsClient client = TlsClient.connect(port)) {
                assertEquals(204, client.get("/"));
                done.incrementAndGet();
            } catch (IOException e) {
                throw new IllegalStateException("after " + done.get() + " handshakes", e);
            }
        }
    }

    @Test
    void theyOutliveEachProcess() throws Exception {
        int port = Distribution.freePorts(1).getFirst();
        try (TestServer other = TestServer.speaking()) {
            other.expect("exited on signal 9");
            other.expect("is skipped");
            upload(other, "a", pem("rsa"));
            other.control().apply("/config", listener(port, "{\"certificate\": \"a\"}"));
            String before = other.control().get("/certificates").text();
            TestServer.signal(other.await("unit: controller"), "KILL");
            Await.until("a new controller knows the certificate", () -> answers(other, before));
            TestServer.signal(other.await("unit: router"), "KILL");
            Await.until("a new router serves with it", () -> {
                try (TlsClient client = TlsClient.connect(port)) {
                    return client.get("/") == 204;
                } catch (IOException e) {
                    return false;
                }
            });
            TestServer.signal(other.pid(), "TERM");
            Files.writeString(other.base().resolve("state/certs/broken"), "broken");
            Files.createDirectory(other.base().resolve("state/certs/directory"));
            other.restart();
            assertEquals(before, other.control().get("/certificates").text());
            assertEquals("rsa.example", ssl.subject(port));
            other.awaitLog("certificate \"directory\" is skipped: it is no regular file");
            other.awaitLog("stored certificate \"broken\" is skipped: No certificates found in the bundle.");
            upload(other, "broken", pem("ec"));
            assertEquals(pem("ec"), Files.readString(other.base().resolve("state/certs/broken")));
        }
    }

    private static boolean answers(TestServer other, String expected) {
        try {
            return other.control().get("/certificates").text().equals(expected);
        } catch (IOException e) {
            // The socket is main's, but nobody reads it yet.
            return false;
        }
    }

    @Test
    void whatIsNotStoredIsNotListed() throws Exception {
        Path base = TestServer.directory();
        Path file = Files.writeString(base.resolve("file"), "");
        try (TestServer other = TestServer.speaking(base, List.of("--statedir", file + "/below"))) {
            other.expect("file/below");
            Response reply = other.control().put("/certificates/a", pem("rsa"));
            assertEquals(500, reply.status());
            assertTrue(json(reply).startsWith("{\"error\":\"Failed to store certificate.\",\"detail\":\"open("),
                reply.text());
            assertEquals("{}", json(other.control().get("/certificates")));
        }
    }
}
