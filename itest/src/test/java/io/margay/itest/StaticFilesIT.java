// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Conditions, ranges and precompressed files of a running server, as curl asks for them. */
@Timeout(180)
class StaticFilesIT {
    private static final int SIZE = 20 << 20;
    private static final String GONE = "<p>It is gone.".repeat(100);

    private static TestServer server;
    private static Path www;
    private static int port;
    private static byte[] content;

    @BeforeAll
    static void start() throws IOException {
        server = TestServer.speaking();
        www = Files.createDirectory(server.base().resolve("www"));
        content = new byte[SIZE];
        new Random(1).nextBytes(content);
        Files.write(www.resolve("big.bin"), content);
        Files.setLastModifiedTime(www.resolve("big.bin"), FileTime.fromMillis(536431200000L));
        Files.writeString(www.resolve("a.js"), "plain");
        Files.writeString(www.resolve("a.js.br"), "coded");
        port = Distribution.freePorts(1).getFirst();
        Files.writeString(www.resolve("404.html"), GONE);
        Files.createDirectories(www.resolve("list/sub"));
        Files.writeString(www.resolve("list/caf\u00e9 & <more>.txt"), "text");
        server.control().apply("/config", """
            {"listeners": {"127.0.0.1:PORT": {"pass": "routes"}},
             "settings": {"http": {
               "error_pages": {"404": "WWW/404.html", "5xx": {"body": "$status", "intercept": true}},
               "compression": {"types": "text/html", "compressors": {"encoding": "gzip"}}}},
             "routes": [
               {"match": {"uri": "/app/*"}, "action": {"return": 503, "body": "I say $uri",
                 "content_type": "text/html"}},
               {"match": {"uri": "/proxied/*"}, "action": {"proxy": "http://127.0.0.1:PORT", "rewrite": "/app/x"}},
               {"match": {"uri": "/own/*"}, "action": {"return": 404,
                 "error_pages": {"4xx": {"body": "<p>$uri", "content_type": "text/html"}}}},
               {"match": {"uri": "/list/*"}, "action": {"share": "WWW$uri", "listing": true}},
               {"action": {"share": "WWW$uri", "precompressed": true}}]}""".replace("PORT", Integer.toString(port))
            .replace("WWW", www.toString()));
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    private static String curl(String path, String... options) throws Exception {
        Path out = server.base().resolve("out");
        String[] command = {"curl", "-s", "-S", "-m", "60", "-w", "%{http_code}", "-o", out.toString(),
            "http://127.0.0.1:" + port + path};
        String[] all = Arrays.copyOf(command, command.length + options.length);
        System.arraycopy(options, 0, all, command.length, options.length);
        Process process = new ProcessBuilder(all).redirectErrorStream(true).start();
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    }

    private static byte[] out() throws IOException {
        return Files.readAllBytes(server.base().resolve("out"));
    }

    @Test
    void aDownloadGoesOnWhereItEnded() throws Exception {
        Path out = server.base().resolve("out");
        Files.write(out, Arrays.copyOf(content, SIZE / 3));
        assertEquals("206", curl("/big.bin", "-C", "-"));
        assertArrayEquals(content, out());
        assertEquals("206", curl("/big.bin", "-r", "-1000"));
        assertArrayEquals(Arrays.copyOfRange(content, SIZE - 1000, SIZE), out());
        assertEquals("416", curl("/big.bin", "-r", SIZE + "-"));
    }

    @Test
    void errorsHaveAnotherBody() throws Exception {
        assertEquals("404", curl("/none", "--compressed", "-i"));
        String shown = new String(out(), StandardCharsets.ISO_8859_1);
        assertTrue(shown.endsWith("\r\n\r\n" + GONE), shown);
        assertTrue(shown.contains("Content-Type: text/html\r\n"), shown);
        assertTrue(shown.contains("Content-Encoding: gzip\r\n"), shown);
        assertEquals("404", curl("/none", "-I"));
        shown = new String(out(), StandardCharsets.ISO_8859_1);
        assertTrue(shown.contains("Content-Length: " + GONE.length() + "\r\n"), shown);
        assertEquals("404", curl("/own/%3Cb", "-d", "x"));
        assertEquals("<p>/own/&lt;b", new String(out(), StandardCharsets.ISO_8859_1));
        for (String path : new String[] {"/app/y", "/proxied/y"}) {
            assertEquals("503", curl(path));
            assertEquals("503", new String(out(), StandardCharsets.ISO_8859_1));
        }
        server.control().apply("/config/settings/http/error_pages/5xx/intercept", "false");
        assertEquals("503", curl("/proxied/y"));
        assertEquals("I say /app/x", new String(out(), StandardCharsets.ISO_8859_1));
    }

    @Test
    void aDirectoryIsShown() throws Exception {
        assertEquals("200", curl("/list/"));
        String page = new String(out(), StandardCharsets.UTF_8);
        assertTrue(page.contains("<h1>Index of /list/</h1>"), page);
        int directory = page.indexOf("\"./sub/\">sub/</a>");
        assertTrue(directory > 0, page);
        assertTrue(page.indexOf("caf\u00e9 &amp; &lt;more&gt;.txt</a></td><td>4<") > directory, page);
        String link = page.substring(page.indexOf("./caf") + 2, page.indexOf(".txt\"") + 4).replace("&amp;", "&");
        assertEquals("200", curl("/list/" + link));
        assertEquals("text", new String(out(), StandardCharsets.UTF_8));
        assertEquals("301", curl("/list/sub"));
        server.control().apply("/config/routes/3/action/listing", "{\"format\": \"json\"}");
        assertEquals("200", curl("/list/"));
        page = new String(out(), StandardCharsets.UTF_8);
        assertTrue(page.contains("{\"name\": \"sub\", \"type\": \"directory\""), page);
        server.control().apply("/config/routes/3/action/listing", "false");
        assertEquals("404", curl("/list/"));
    }

    @Test
    void severalRangesOfALargeFile() throws Exception {
        assertEquals("206", curl("/big.bin", "-r", "5-8388612,10000000-18388607"));
        byte[] all = out();
        String text = new String(all, StandardCharsets.ISO_8859_1);
        int first = text.indexOf("\r\n\r\n") + 4;
        assertTrue(text.substring(0, first).endsWith("Content-Range: bytes 5-8388612/" + SIZE + "\r\n\r\n"));
        assertArrayEquals(Arrays.copyOfRange(content, 5, 8388613), Arrays.copyOfRange(all, first, first + 8388608));
        int second = text.indexOf("\r\n\r\n", first + 8388608) + 4;
        assertArrayEquals(Arrays.copyOfRange(content, 10000000, 18388608),
            Arrays.copyOfRange(all, second, second + 8388608));
    }

    @Test
    void conditions() throws Exception {
        Response response = Http.get(port, "/a.js");
        String tag = response.header("ETag").orElseThrow();
        assertEquals("304", curl("/a.js", "-H", "If-None-Match: " + tag));
        assertEquals("304", curl("/big.bin", "-z", "Thu, 01 Jan 1987 00:00:00 GMT"));
        assertEquals("412", curl("/big.bin", "-H", "If-Match: \"other\""));
        assertEquals("200", curl("/a.js", "-H", "If-None-Match: \"other\""));
    }

    @Test
    void precompressed() throws Exception {
        assertEquals("200", curl("/a.js", "-H", "Accept-Encoding: gzip, br"));
        assertEquals("coded", new String(out(), StandardCharsets.US_ASCII));
        assertEquals("200", curl("/a.js"));
        assertEquals("plain", new String(out(), StandardCharsets.US_ASCII));
    }
}
