// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static io.margay.testing.Http2Frames.frame;
import static io.margay.testing.Http2Frames.get;
import static io.margay.testing.Http2Frames.number;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.testing.AllTrust;
import io.margay.testing.Http2Frames;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** HTTP/2 with the clients that people use, and with one that does not behave. */
@Timeout(240)
class Http2IT {
    private static final String BUNDLE = "io.margay.protocol.http2";
    private static final int LARGE = 20_000_000;
    private static final int BLOCK = 1 << 16;
    private static final int STREAMS = 400;
    private static final int UPDATES = 3;
    private static final int CALM = 11;

    private static TestServer server;
    private static Path modules;
    private static Path files;
    private static int plain;
    private static int tls;
    private static HttpClient client;

    @BeforeAll
    static void start() throws Exception {
        Path base = TestServer.directory();
        modules = Files.createDirectory(base.resolve("modules"));
        Path python = JarCopy.original("modules", "io.margay.lang.python");
        Files.copy(python, modules.resolve(python.getFileName()));
        server = TestServer.replacing(base, modules);
        List<Integer> ports = Distribution.freePorts(2);
        plain = ports.getFirst();
        tls = ports.getLast();
        OpenSsl ssl = new OpenSsl(Files.createDirectory(base.resolve("pem")));
        ssl.selfSigned("h2", "rsa:2048");
        server.control().apply("/certificates/h2", ssl.join("h2.crt", "h2.key"));
        files = Files.createDirectory(base.resolve("files"));
        byte[] content = new byte[LARGE];
        new Random(1).nextBytes(content);
        Files.write(files.resolve("large"), content);
        server.control().apply("/config", configuration("\"certificate\": \"h2\"", "\"h2c\": true"));
        client = client();
    }

    @AfterAll
    static void stop() throws IOException {
        client.close();
        server.close();
    }

    private static String configuration(String secure, String open) throws IOException {
        return """
            {"listeners": {"127.0.0.1:%d": {"pass": "routes", %s}, "127.0.0.1:%d": {"pass": "routes", "tls": {%s}}},
             "settings": {"http": {"max_body_size": 100000000}}, "access_log": "%s/access.log",
             "routes": [{"match": {"uri": "/fixed"}, "action": {"return": 204}},
               {"match": {"uri": "/large"}, "action": {"share": "%s$uri"}},
               {"action": {"pass": "applications/bodies"}}],
             "applications": {"bodies": %s}}""".formatted(plain, open, tls, secure, server.base(), files,
            server.python("http2", "bodies", "\"processes\": 2"));
    }

    /** {@return a client that believes every certificate} */
    static HttpClient client() throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {new AllTrust()}, null);
        return HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).sslContext(context).build();
    }

    private static HttpRequest.Builder request(String path) {
        return request(tls, path);
    }

    private static HttpRequest.Builder request(int port, String path) {
        return HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + port + path)).timeout(Duration.ofSeconds(60));
    }

    /** What {@code client} is answered to a GET, or to a POST if there is a body; for clients of a load. */
    static HttpResponse<String> ask(HttpClient client, int port, String path, String body) throws IOException {
        HttpRequest.Builder request = request(port, path);
        if (!body.isEmpty()) {
            request.POST(HttpRequest.BodyPublishers.ofString(body));
        }
        try {
            HttpResponse<String> response = client.send(request.build(), HttpResponse.BodyHandlers.ofString());
            if (response.version() != HttpClient.Version.HTTP_2) {
                throw new IOException("not by HTTP/2: " + response);
            }
            return response;
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    private static String sha256(byte[] bytes) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }

    private static String curl(String... words) throws Exception {
        List<String> command = new ArrayList<>(List.of("curl", "-sk", "--max-time", "60", "-w",
            "\n%{http_version} %{response_code}"));
        command.addAll(List.of(words));
        Distribution.Result result = Distribution.run(server.base(), Map.of(), command.toArray(String[]::new));
        assertEquals(0, result.code(), result.err());
        return result.out();
    }

    @ParameterizedTest
    @CsvSource({"--http2, https", "--http2-prior-knowledge, http"})
    void curlIsServedByAllActions(String how, String scheme) throws Exception {
        String site = scheme + "://127.0.0.1:" + (scheme.equals("http") ? plain : tls);
        assertEquals("\n2 204", curl(how, site + "/fixed"));
        assertEquals("HTTP/2.0 GET " + scheme + " " + site.substring(site.indexOf("/") + 2) + " a=b c=d\n2 200",
            curl(how, "-H", "Cookie: a=b", site + "/env?c=d"));
        String head = curl(how, "-I", site + "/large");
        assertTrue(head.contains("content-length: " + LARGE), head);
        Path copy = server.base().resolve("copy-" + scheme);
        assertEquals("\n2 200", curl(how, "-o", copy.toString(), site + "/large"));
        assertArrayEquals(Files.readAllBytes(files.resolve("large")), Files.readAllBytes(copy));
        assertEquals(sha256(Files.readAllBytes(copy)) + "\n2 200", curl(how, "-H", "Expect: 100-continue", "-T",
            copy.toString(), site + "/sum"));
        assertEquals("\n1.1 204", curl("--http1.1", site + "/fixed"));
        Await.until("the access log names the protocol", () -> {
            String log = Files.readString(server.base().resolve("access.log"));
            return log.contains("\"GET /fixed HTTP/2.0\" 204") && log.contains("\"PUT /sum HTTP/2.0\" 200")
                && log.contains("\"GET /fixed HTTP/1.1\" 204");
        });
    }

    /** Without TLS clients ask in HTTP/1.1 for HTTP/2; what has a body is answered as it comes. */
    @Test
    void curlAsksForIt() throws Exception {
        String site = "http://127.0.0.1:" + plain;
        assertEquals("\n2 204", curl("--http2", site + "/fixed"));
        assertEquals("HTTP/2.0 GET http 127.0.0.1:" + plain + " a=b c=d\n2 200",
            curl("--http2", "-H", "Cookie: a=b", site + "/env?c=d"));
        String head = curl("--http2", "-I", site + "/large");
        assertTrue(head.contains("content-length: " + LARGE) && head.endsWith("\n2 200"), head);
        Path copy = server.base().resolve("copy-asked");
        long before = requests();
        assertEquals("\n2 200\n2 204", curl("--http2", "-o", copy.toString(), site + "/large", site + "/fixed"));
        assertEquals(before + 2, requests());
        assertArrayEquals(Files.readAllBytes(files.resolve("large")), Files.readAllBytes(copy));
        assertEquals(sha256(Files.readAllBytes(copy)) + "\n1.1 200", curl("--http2", "-T", copy.toString(),
            site + "/sum"));
        String option = "/config/listeners/127.0.0.1:" + plain + "/h2c";
        server.control().apply(option, "false");
        assertEquals("\n1.1 204", curl("--http2", site + "/fixed"));
        server.control().apply(option, "true");
        assertEquals("\n2 204", curl("--http2", site + "/fixed"));
    }

    /** Another client asks at first and goes on with frames, all of it in one connection. */
    @Test
    void framesFollowTheQuestion() throws Exception {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), plain)) {
            socket.setSoTimeout(30_000);
            socket.getOutputStream().write(Http2Frames.join(("GET /fixed HTTP/1.1\r\nHost: a\r\nUpgrade: h2c\r\n"
                + "Connection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABk\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII), Http2Frames.preface(), get(3, "/fixed"),
                number(Http2Frames.RESET, 5, 8)));
            String change = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n";
            assertEquals(change, new String(socket.getInputStream().readNBytes(change.length()),
                StandardCharsets.US_ASCII));
            List<Http2Frames.Frame> frames = rest(socket);
            assertEquals(Http2Frames.SETTINGS, frames.getFirst().type());
            assertEquals(List.of(1, 3), frames.stream().filter(frame -> frame.type() == Http2Frames.HEADERS)
                .map(Http2Frames.Frame::stream).toList());
            // What was reset and never opened ends the connection.
            assertTrue(frames.stream().anyMatch(frame -> frame.type() == Http2Frames.GOAWAY), frames.toString());
        }
    }

    @Test
    void bodiesOfTheApplicationAreComplete() throws Exception {
        byte[] body = Files.readAllBytes(files.resolve("large"));
        HttpResponse<String> sum = client.send(request("/sum").POST(HttpRequest.BodyPublishers.ofByteArray(body))
            .build(), HttpResponse.BodyHandlers.ofString());
        assertEquals(HttpClient.Version.HTTP_2, sum.version());
        assertEquals(sha256(body), sum.body());
        assertEquals("Yes", sum.headers().firstValue("x-upper-case").orElse(""));
        // Nobody knows before how long it is.
        HttpResponse<String> streamed = client.send(request("/sum").POST(HttpRequest.BodyPublishers.ofInputStream(() ->
            open(files.resolve("large")))).build(), HttpResponse.BodyHandlers.ofString());
        assertEquals(sha256(body), streamed.body());
        byte[] blocks = client.send(request("/blocks?300").build(), HttpResponse.BodyHandlers.ofByteArray()).body();
        assertEquals(300 * BLOCK, blocks.length);
        for (int i = 0; i < blocks.length; i++) {
            assertEquals((byte) i, blocks[i]);
        }
    }

    private static InputStream open(Path file) {
        try {
            return Files.newInputStream(file);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void manyRequestsShareAConnection() throws Exception {
        long before = requests();
        List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
        for (int i = 0; i < STREAMS; i++) {
            answers.add(client.sendAsync(request("/env?" + i).build(), HttpResponse.BodyHandlers.ofString()));
            if (i % 100 == 99) {
                // The client does not wait when the server allows no more at a time.
                answers.getLast().join();
                CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new)).join();
            }
        }
        for (int i = 0; i < STREAMS; i++) {
            assertTrue(answers.get(i).join().body().endsWith(" " + i), answers.get(i).join().body());
        }
        assertEquals(before + STREAMS, requests());
    }

    private static long requests() throws IOException {
        return Long.parseLong(server.control().get("/status/requests/total").text().strip());
    }

    /** A connection without TLS that has begun. */
    private static Socket raw() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), plain);
        socket.setSoTimeout(30_000);
        socket.getOutputStream().write(Http2Frames.preface());
        return socket;
    }

    /** All that comes until the server closes, or resets since it was sent more. */
    private static List<Http2Frames.Frame> rest(Socket socket) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        try {
            socket.getInputStream().transferTo(all);
        } catch (IOException e) {
            all.writeBytes(new byte[0]);
        }
        return Http2Frames.parse(all.toByteArray());
    }

    @Test
    void aSlowReaderAndOneThatLeavesHoldNobodyUp() throws Exception {
        try (Socket slow = raw()) {
            slow.getOutputStream().write(Http2Frames.join(get(1, "/blocks?100"), get(3, "/large")));
            assertEquals(204, client.send(request("/fixed").build(), HttpResponse.BodyHandlers.discarding())
                .statusCode());
            slow.getOutputStream().write(Http2Frames.join(number(Http2Frames.RESET, 1, 8),
                number(Http2Frames.WINDOW, 0, 1 << 20), number(Http2Frames.WINDOW, 3, 1 << 20)));
            Await.until("the application is told", () -> server.control().get(
                "/status/applications/bodies/requests/active").text().strip().equals("0"));
            long length = 0;
            ByteArrayOutputStream seen = new ByteArrayOutputStream();
            while (length < 1 << 20) {
                byte[] part = slow.getInputStream().readNBytes(1000);
                assertEquals(1000, part.length);
                seen.writeBytes(part);
                length += part.length;
            }
            assertTrue(Http2Frames.parse(seen.toByteArray()).stream().anyMatch(frame -> frame.stream() == 3
                && frame.type() == Http2Frames.DATA));
        }
        assertEquals(200, client.send(request("/env").build(), HttpResponse.BodyHandlers.discarding()).statusCode());
    }

    @ParameterizedTest
    @CsvSource({"resets", "pings", "continuations"})
    void aFloodIsEndedWhileOthersAreServed(String kind) throws Exception {
        List<Integer> others = new ArrayList<>();
        try (Socket socket = raw()) {
            ByteArrayOutputStream flood = new ByteArrayOutputStream();
            for (int i = 0; i < 3000; i++) {
                flood.writeBytes(switch (kind) {
                    case "resets" -> Http2Frames.join(get(2 * i + 1, "/env"), number(Http2Frames.RESET, 2 * i + 1, 8));
                    case "pings" -> frame(Http2Frames.PING, 0, 0, new byte[8]);
                    default -> i == 0 ? frame(Http2Frames.HEADERS, 0, 1) : frame(Http2Frames.CONTINUATION, 0, 1);
                });
            }
            Thread writer = Thread.ofPlatform().daemon().start(() -> {
                try {
                    socket.getOutputStream().write(flood.toByteArray());
                } catch (IOException e) {
                    others.add(0);
                }
            });
            for (int i = 0; i < 20; i++) {
                assertEquals(204, client.send(request("/fixed").build(), HttpResponse.BodyHandlers.discarding())
                    .statusCode());
            }
            List<Http2Frames.Frame> frames = rest(socket);
            writer.join();
            assertTrue(frames.stream().anyMatch(frame -> frame.type() == Http2Frames.GOAWAY && frame.code() == CALM)
                || server.log().contains("ENHANCE_YOUR_CALM"), "not ended for the flood: " + frames);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiterString = " -> ", value = {
        "\"certificate\": \"h2\", \"http2\": 1 -> \"h2c\": true -> /tls/http2",
        "\"certificate\": \"h2\", \"http\": true -> \"h2c\": true -> /tls",
        "\"certificate\": \"h2\" -> \"h2c\": \"yes\" -> /h2c",
        "\"certificate\": \"h2\" -> \"h2c\": true, \"tls\": {\"certificate\": \"h2\"} -> /h2c"})
    void aWrongOptionIsNamed(String secure, String open, String place) throws Exception {
        Response response = server.control().put("/config", configuration(secure, open));
        assertEquals(400, response.status(), response.text());
        assertTrue(response.text().contains("listeners/127.0.0.1:") && response.text().contains(place),
            response.text());
        assertEquals("\n2 204", curl("--http2", "https://127.0.0.1:" + tls + "/fixed"));
    }

    @Test
    void itCanBeSwitchedOff() throws Exception {
        String path = "/config/listeners/127.0.0.1:" + tls + "/tls/http2";
        server.control().apply(path, "false");
        assertEquals("\n1.1 204", curl("--http2", "https://127.0.0.1:" + tls + "/fixed"));
        assertEquals(200, server.control().delete(path).status());
        assertEquals("\n2 204", curl("--http2", "https://127.0.0.1:" + tls + "/fixed"));
    }

    private static void bundle(String version) throws IOException {
        Path made = server.base().resolve("http2.jar");
        JarCopy.write(JarCopy.original("system", BUNDLE), made, version, (name, content) -> content);
        Files.move(made, modules.resolve("http2.jar"), StandardCopyOption.REPLACE_EXISTING);
    }

    private static String served(Callers.Answers answers, HttpRequest asked, String version) throws IOException {
        try {
            String wrong = "";
            while (wrong.isEmpty() && answers.more()) {
                HttpResponse<String> response = client.send(asked, HttpResponse.BodyHandlers.ofString());
                wrong = response.statusCode() == 200 && response.body().startsWith(version) ? ""
                    : response.statusCode() + " " + response.body();
                answers.good();
            }
            return wrong;
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    /** Clients are told to make another connection, and lose no request on the way. */
    @Test
    void theBundleIsUpdatedAndItsUpdateTakenBackWhileClientsAreServed() throws Exception {
        HttpRequest asking = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + plain + "/env")).build();
        Callers callers = new Callers().with("kept", 3, answers -> served(answers, request("/env").build(), "HTTP/2.0"))
            .with("asking", 1, answers -> served(answers, asking, "HTTP/"));
        try (callers) {
            for (int i = 1; i <= UPDATES; i++) {
                bundle("9.0." + i);
                callers.awaitMore(50);
                if (i > 1) {
                    server.awaitLog("bundle " + BUNDLE + " 9.0." + (i - 1) + " is uninstalled");
                }
            }
            String option = "/config/listeners/127.0.0.1:" + plain + "/h2c";
            assertEquals(200, server.control().delete(option).status(), "an option keeps the bundle in use");
            Files.delete(modules.resolve("http2.jar"));
            server.awaitLog("bundle " + BUNDLE + " 9.0." + UPDATES + " is uninstalled");
            callers.awaitMore(50);
            assertEquals(Map.of(), callers.stop());
            server.control().apply(option, "true");
        }
    }
}
