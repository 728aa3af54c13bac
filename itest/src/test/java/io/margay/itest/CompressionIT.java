// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code settings.http.compression} of a running server: files, an application, another server. */
@Timeout(300)
class CompressionIT {
    private static final String BUNDLE = "io.margay.filter.compression";
    private static final String COMPRESSION = "{\"types\": \"text/*\", \"compressors\": [{\"encoding\": \"gzip\", "
        + "\"level\": 1, \"min_length\": 20}, {\"encoding\": \"deflate\"}, {\"encoding\": \"zstd\"}, "
        + "{\"encoding\": \"br\"}]}";
    private static final String SMALL = "the quick brown fox jumps over the lazy dog 0123456789\n".repeat(190);

    private static final int PART = 1 << 20;
    private static final int DIGEST = 64;
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    private static TestServer server;
    private static Path modules;
    private static Path www;
    private static int port;
    private static int app;

    @BeforeAll
    static void start() throws IOException {
        Path base = TestServer.directory();
        modules = Files.createDirectory(base.resolve("modules"));
        Path python = Tongue.PYTHON.bundle();
        Files.copy(python, modules.resolve(python.getFileName()));
        server = TestServer.replacing(base, modules);
        www = Files.createDirectory(base.resolve("www"));
        Files.writeString(www.resolve("a.txt"), SMALL);
        Files.writeString(www.resolve("short.txt"), "short");
        Files.writeString(www.resolve("a.png"), SMALL);
        Files.write(www.resolve("big.txt"), "0123456789abcdef".repeat(1 << 18).getBytes(StandardCharsets.US_ASCII));
        List<Integer> ports = Distribution.freePorts(2);
        port = ports.get(0);
        app = ports.get(1);
        server.control().apply("/config", """
            {"listeners": {"127.0.0.1:%1$d": {"pass": "routes"}, "127.0.0.1:%2$d": {"pass": "applications/parts"}},
            "settings": {"http": {"compression": %3$s}}, "applications": {"parts": %5$s}, "routes": [
            {"match": {"uri": "/proxy"}, "action": {"rewrite": "/small", "proxy": "http://127.0.0.1:%2$d"}},
            {"match": {"uri": "/none"}, "action": {"return": 404}},
            {"action": {"share": "%4$s$uri"}}]}"""
            .formatted(port, app, COMPRESSION, www, server.python("compression", "parts", "\"processes\": 3")));
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    private static Response ask(int at, String method, String target, String accepted) throws IOException {
        try (Http http = Http.tcp(at)) {
            return http.exchange(method + " " + target + " HTTP/1.1\r\nHost: h\r\n"
                + (accepted.isEmpty() ? "" : "Accept-Encoding: " + accepted + "\r\n") + "\r\n");
        }
    }

    private static Response ask(String target, String accepted) throws IOException {
        return ask(target.startsWith("/app") ? app : port, "GET", target.replace("/app", ""), accepted);
    }

    private static String gunzipped(Response response) throws IOException {
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(response.body()))) {
            return new String(in.readAllBytes(), StandardCharsets.US_ASCII);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "/a.txt     | gzip      | 200 | gzip",
        "/a.txt     | zstd      | 200 | zstd",
        "/a.txt     | br        | 200 | br",
        "/a.txt     | deflate   | 200 | deflate",
        "/a.txt     | ''        | 200 | -",
        "/a.txt     | gzip;q=0  | 200 | -",
        "/a.txt     | '*;q=0'   | 406 | -",
        "/a.png     | gzip      | 200 | -",
        "/short.txt | gzip      | 200 | -",
        "/short.txt | 'gzip, identity;q=0' | 200 | gzip",
        "/none      | gzip      | 404 | -",
        "/big.txt   | gzip      | 200 | gzip",
        "/proxy     | gzip      | 200 | gzip",
        "/app/small | 'br, gzip;q=0.9' | 200 | br",
        "/app/small | identity  | 200 | -"})
    void codings(String target, String accepted, int status, String coding) throws IOException {
        for (int i = 0; i < 3; i++) {
            Response response = ask(target, accepted);
            assertEquals(status, response.status());
            assertEquals(coding, response.header("Content-Encoding").orElse("-"));
            assertEquals(status == 200 && !target.endsWith("png"), response.header("Vary").isPresent());
            if (status == 200 && !target.endsWith("png")) {
                assertEquals(!coding.equals("-"), response.header("ETag").orElseThrow().startsWith("W/"));
            }
            if (coding.equals("gzip") && !target.contains("short") && !target.contains("big")) {
                assertEquals(SMALL, gunzipped(response));
            }
        }
    }

    @Test
    void whatIsCodedOnceHasALengthAndHeadTellsIt() throws IOException {
        // A file is not kept before it is two seconds old, since it could change again within its time stamp.
        Await.until("it is kept", () -> ask("/a.txt", "gzip").header("Content-Length").isPresent());
        Response get = ask("/a.txt", "gzip");
        assertEquals(Integer.toString(get.body().length), get.header("Content-Length").orElseThrow());
        Response head = ask(port, "HEAD", "/a.txt", "gzip");
        assertEquals(get.header("Content-Length"), head.header("Content-Length"));
        assertEquals(get.header("ETag"), head.header("ETag"));
        assertEquals("gzip", ask(app, "HEAD", "/small", "gzip").header("Content-Encoding").orElseThrow());
    }

    private static InputStream stream(String target) throws Exception {
        HttpResponse<InputStream> response = CLIENT.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + app
            + target)).header("Accept-Encoding", "gzip").build(), HttpResponse.BodyHandlers.ofInputStream());
        assertEquals("gzip", response.headers().firstValue("Content-Encoding").orElse("-"));
        return new GZIPInputStream(response.body());
    }

    /** The application says no more until the client has decoded what it has said. */
    @Test
    void aFlushReachesTheClient() throws Exception {
        Path go = server.app("compression").resolve("go");
        assertEquals(0, new ProcessBuilder("mkfifo", "-m", "666", go.toString()).start().waitFor());
        try (InputStream in = stream("/flush")) {
            assertEquals("first\n", new String(in.readNBytes(6), StandardCharsets.US_ASCII));
            Files.writeString(go, "go");
            assertEquals("last\n", new String(in.readAllBytes(), StandardCharsets.US_ASCII));
        }
    }

    private static void check(InputStream in, int count) throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        long size = 0;
        byte[] last = new byte[0];
        for (byte[] part = in.readNBytes(PART); part.length > 0; part = in.readNBytes(PART)) {
            byte[] both = Arrays.copyOf(last, last.length + part.length);
            System.arraycopy(part, 0, both, last.length, part.length);
            int kept = Math.min(DIGEST, both.length);
            digest.update(both, 0, both.length - kept);
            size += both.length - kept;
            last = Arrays.copyOfRange(both, both.length - kept, both.length);
        }
        assertTrue(size > count * 1_000_000L, size + " bytes");
        assertEquals(HexFormat.of().formatHex(digest.digest()), new String(last, StandardCharsets.US_ASCII));
    }

    /** One client takes a hundred megabytes, another has not read anything yet, others leave in the middle. */
    @Test
    void streamsAreWholeBoundedAndLeftAtAnyTime() throws Exception {
        try (InputStream slow = stream("/30")) {
            try (InputStream fast = stream("/100")) {
                check(fast, 100);
            }
            for (int i = 0; i < 10; i++) {
                try (InputStream left = stream("/30")) {
                    assertEquals('0', left.read());
                }
            }
            check(slow, 30);
        }
        assertEquals(SMALL, gunzipped(ask("/app/small", "gzip")));
    }

    private static void module(String version) throws IOException {
        Path made = server.base().resolve("made.jar");
        JarCopy.write(JarCopy.original("system", BUNDLE), made, version, (name, content) -> content);
        Files.move(made, modules.resolve("compression.jar"), StandardCopyOption.ATOMIC_MOVE,
            StandardCopyOption.REPLACE_EXISTING);
    }

    /** Each version brings and loads its own native code. */
    @Test
    void itIsReplacedWhileResponsesAreCoded() throws Exception {
        try (InputStream old = stream("/30")) {
            for (String version : List.of("1.0.1", "1.0.2")) {
                long compiled = compiled();
                module(version);
                Await.until(version + " has compiled the configuration", () -> {
                    assertEquals(SMALL, gunzipped(ask("/a.txt", "gzip")));
                    assertEquals("zstd", ask("/app/small", "zstd").header("Content-Encoding").orElse("-"));
                    return compiled() > compiled;
                });
                assertEquals("br", ask("/app/small", "br").header("Content-Encoding").orElse("-"));
            }
            check(old, 30);
        }
        server.awaitLog("bundle " + BUNDLE + " 1.0.1 is uninstalled");
    }

    private static long compiled() throws IOException {
        return server.log().lines().filter(line -> line.contains("compression with [br] [11]")).count();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "{'compressors': [{'encoding': 'lzw'}]} | /settings/http/compression/compressors/0/encoding | lzw",
        "{'compressors': [{'level': 5}]} | /settings/http/compression/compressors/0 | encoding",
        "{'compressors': [{'encoding': 'gzip', 'min_length': -1}]} "
            + "| /settings/http/compression/compressors/0/min_length | min_length",
        "{'types': '~('} | /settings/http/compression/types | types",
        "{'level': 5} | /settings/http/compression | Unknown parameter"})
    void badOptionsAreNamedAndChangeNothing(String option, String place, String text) throws IOException {
        Response refused = server.control().put("/config/settings/http/compression", option.replace('\'', '"'));
        assertEquals(400, refused.status());
        assertTrue(refused.text().contains(text), refused.text());
        assertTrue(refused.text().contains('"' + place + '"'), refused.text());
        assertEquals("gzip", ask("/a.txt", "gzip").header("Content-Encoding").orElse("-"));
    }
}
