// SPDX-License-Identifier: Apache-2.0
package io.margay.action.share;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.route.Extensions;
import io.margay.route.RouteException;
import io.margay.testing.RouteSite;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Conditions, ranges and precompressed files of {@code share}: RFC 9110 §13 and §14. */
class ShareConditionsTest {
    private static final String DATE = "Wed, 31 Dec 1986 16:40:00 GMT";
    private static final String LATER = "Wed, 31 Dec 1986 16:40:01 GMT";
    private static final String EARLIER = "Wed, 31 Dec 1986 16:39:59 GMT";
    private static final String LARGE = "0123456789".repeat(7000);

    @TempDir
    private Path www;

    @BeforeEach
    void files() throws IOException {
        put("ten.txt", "0123456789");
        put("large.txt", LARGE);
        put("empty.txt", "");
    }

    private void put(String name, String text) throws IOException {
        Files.writeString(www.resolve(name), text);
        Files.setLastModifiedTime(www.resolve(name), FileTime.fromMillis(536431200000L));
    }

    private RouteSite site(String options) {
        return new RouteSite(Extensions.builder().add(new ShareActionFactory(), RouteSite.ORIGIN),
            "{'action': {'share': '" + www + "$uri'" + options + "}}", "{}");
    }

    private static String[] fields(String text) {
        return text.isEmpty() ? new String[0] : List.of(text.replace("DATE", DATE).replace("LATER", LATER)
            .replace("EARLIER", EARLIER).split("; ")).stream().map(field -> field + "\r\n").toArray(String[]::new);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "If-None-Match: \"1ff94a60-a\" | 304",
        "If-None-Match: W/\"1ff94a60-a\" | 304",
        "If-None-Match: \"x\", \"1ff94a60-a\" | 304",
        "If-None-Match: \"x\"; If-None-Match: \"1ff94a60-a\" | 304",
        "If-None-Match: * | 304",
        "If-None-Match: \"1ff94a60\" | 200",
        "If-None-Match: 1ff94a60-a | 200",
        "If-None-Match: \"1ff94a60-a | 200",
        "If-None-Match: | 200",
        "If-None-Match: \"x\"; If-Modified-Since: DATE | 200",
        "If-Modified-Since: DATE | 304",
        "If-Modified-Since: LATER | 304",
        "If-Modified-Since: EARLIER | 200",
        "If-Modified-Since: Wednesday, 31-Dec-86 16:40:00 GMT | 304",
        "If-Modified-Since: yesterday | 200",
        "If-Match: \"1ff94a60-a\" | 200",
        "If-Match: \"x\", \"1ff94a60-a\" | 200",
        "If-Match: * | 200",
        "If-Match: W/\"1ff94a60-a\" | 412",
        "If-Match: \"x\" | 412",
        "If-Match: \"1ff94a60-a\"; If-Unmodified-Since: EARLIER | 200",
        "If-Unmodified-Since: EARLIER | 412",
        "If-Unmodified-Since: DATE | 200",
        "If-Unmodified-Since: never | 200",
        "If-Match: \"1ff94a60-a\"; If-None-Match: \"1ff94a60-a\" | 304",
        "Range: bytes=0-1; If-None-Match: \"1ff94a60-a\" | 304",
        "Range: bytes=0-1; If-Match: \"x\" | 412"})
    void conditions(String conditions, int status) {
        RouteSite site = site("");
        for (int i = 0; i < 2; i++) {
            String get = site.ask("GET", "/ten.txt", fields(conditions));
            assertEquals(status, Integer.parseInt(get.substring(9, 12)), get);
            String head = site.ask("HEAD", "/ten.txt", fields(conditions));
            assertEquals(status, Integer.parseInt(head.substring(9, 12)), head);
        }
    }

    @Test
    void whatIsNotModifiedTellsItsStateOnly() {
        assertEquals("HTTP/1.1 304 Not Modified\r\nLast-Modified: " + DATE + "\r\nETag: \"1ff94a60-a\"\r\n"
            + "Server: Unit/1.35.0\r\nDate: D\r\n\r\n", site("").ask("GET", "/ten.txt", "If-None-Match: *\r\n"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "Range: bytes=0-0 | 206 | bytes 0-0/10 | 0",
        "Range: bytes=2-4 | 206 | bytes 2-4/10 | 234",
        "Range: BYTES=8- | 206 | bytes 8-9/10 | 89",
        "Range: bytes=-3 | 206 | bytes 7-9/10 | 789",
        "Range: bytes=-99 | 206 | bytes 0-9/10 | 0123456789",
        "Range: bytes=5-99999999999999999 | 206 | bytes 5-9/10 | 56789",
        "Range: bytes=20-30,1-1 | 206 | bytes 1-1/10 | 1",
        "Range: bytes= 1-1 , | 206 | bytes 1-1/10 | 1",
        "Range: bytes=1-2; If-Range: \"1ff94a60-a\" | 206 | bytes 1-2/10 | 12",
        "Range: bytes=1-2; If-Range: DATE | 206 | bytes 1-2/10 | 12",
        "Range: bytes=1-2; If-Range: LATER | 200 | - | 0123456789",
        "Range: bytes=1-2; If-Range: W/\"1ff94a60-a\" | 200 | - | 0123456789",
        "Range: bytes=1-2; If-Range: \"x\" | 200 | - | 0123456789",
        "Range: bytes=10- | 416 | bytes */10 | *",
        "Range: bytes=-0 | 416 | bytes */10 | *",
        "Range: bytes=4-2 | 200 | - | 0123456789",
        "Range: bytes= | 200 | - | 0123456789",
        "Range: bytes=- | 200 | - | 0123456789",
        "Range: bytes=a-b | 200 | - | 0123456789",
        "Range: bytes=1 | 200 | - | 0123456789",
        "Range: bytes=9999999999999999999- | 416 | bytes */10 | *",
        "Range: bytes=5-99999999999999999999 | 206 | bytes 5-9/10 | 56789",
        "Range: bytes=-99999999999999999999 | 206 | bytes 0-9/10 | 0123456789",
        "Range: bytes=\u00a01-2 | 200 | - | 0123456789", "Range: bytes=1-2\u0085 | 200 | - | 0123456789",
        "Range: bytes=1-2; If-Range: DATE\u00a0 | 200 | - | 0123456789",
        "Range: lines=1-2 | 200 | - | 0123456789",
        "Range: bytes=0-,0-,0- | 200 | - | 0123456789"})
    void ranges(String range, int status, String told, String body) {
        RouteSite site = site("");
        for (int i = 0; i < 2; i++) {
            String response = site.ask("GET", "/ten.txt", fields(range));
            assertEquals(status, Integer.parseInt(response.substring(9, 12)), response);
            assertEquals(!told.equals("-"), response.contains("\r\nContent-Range: " + told + "\r\n"), response);
            assertTrue(body.equals("*") || response.endsWith("\r\nContent-Length: " + body.length() + "\r\n\r\n"
                + body), response);
            assertEquals("200", site.ask("HEAD", "/ten.txt", fields(range)).substring(9, 12));
        }
    }

    @Test
    void rangesOfLargeFilesAreSentByTheKernel() {
        assertTrue(site("").ask("GET", "/large.txt", "Range: bytes=100-60099\r\n")
            .endsWith("Content-Range: bytes 100-60099/70000\r\nServer: Unit/1.35.0\r\nDate: D\r\n"
                + "Content-Length: 60000\r\n\r\n<file of 60000>"));
        assertEquals("416", site("").ask("GET", "/empty.txt", "Range: bytes=0-\r\n").substring(9, 12));
    }

    @ParameterizedTest
    @CsvSource({"/ten.txt, 10, 1-2, 0-0, 12, 0", "/large.txt, 70000, 69999-, 10-12, 9, 012"})
    void severalRangesComeAsParts(String path, int size, String first, String second, String one, String two) {
        String response = site("").ask("GET", path, "Range: bytes=" + first + ", " + second + ", 80000-\r\n");
        String type = "\r\nContent-Type: multipart/byteranges; boundary=";
        int start = response.indexOf(type) + type.length();
        String boundary = response.substring(start, response.indexOf("\r\n", start));
        int end = response.indexOf("\r\n\r\n");
        String told = first.endsWith("-") ? first + (size - 1) : first;
        assertTrue(response.startsWith("HTTP/1.1 206 "), response);
        assertEquals("\r\n--" + boundary + "\r\nContent-Type: text/plain\r\nContent-Range: bytes " + told + "/" + size
            + "\r\n\r\n" + one + "\r\n--" + boundary + "\r\nContent-Type: text/plain\r\nContent-Range: bytes " + second
            + "/" + size + "\r\n\r\n" + two + "\r\n--" + boundary + "--\r\n", response.substring(end + 4));
        assertTrue(response.contains("\r\nContent-Length: " + (response.length() - end - 4) + "\r\n"), response);
    }

    @Test
    void manyRangesAreIgnored() {
        assertEquals("200", site("").ask("GET", "/large.txt", "Range: bytes=" + "1-1,".repeat(33) + "\r\n")
            .substring(9, 12));
        assertEquals("206", site("").ask("GET", "/large.txt", "Range: bytes=" + "1-1,".repeat(32) + "\r\n")
            .substring(9, 12));
    }

    @Test
    void aTagIsWeakWhileTheFileMayChangeInItsSecond() throws IOException {
        Files.writeString(www.resolve("new.txt"), "new");
        Files.setLastModifiedTime(www.resolve("new.txt"), FileTime.fromMillis(System.currentTimeMillis() + 60_000));
        String response = site("").ask("GET", "/new.txt");
        assertTrue(response.contains("\r\nETag: W/\""), response);
        assertEquals("200", site("").ask("GET", "/new.txt", "Range: bytes=1-1\r\n",
            "If-Range: " + response.replaceAll("(?s).*\r\nETag: ([^\r]*)\r\n.*", "$1") + "\r\n").substring(9, 12));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "/x.css | br, gzip, zstd        | br   | BR",
        "/x.css | gzip, zstd            | zstd | ZST",
        "/x.css | gzip                  | gzip | GZ",
        "/x.css | 'br;q=0.5, gzip'      | gzip | GZ",
        "/x.css | '*'                   | br   | BR",
        "/x.css | 'br;q=0, *;q=0.1'     | zstd | ZST",
        "/x.css | 'gzip;q=0.1, identity' | -   | plain",
        "/x.css | deflate               | -    | plain",
        "/x.css | ''                    | -    | plain",
        "/y.css | br                    | -    | other",
        "/i.svg | gzip                  | gzip | SVGZ",
        "/none.css | br                 | br   | ALONE"})
    void precompressedFilesAreTakenAsTheClientAccepts(String path, String accepted, String coding, String body)
            throws IOException {
        put("x.css", "plain");
        put("x.css.br", "BR");
        put("x.css.zst", "ZST");
        put("x.css.gz", "GZ");
        put("y.css", "other");
        put("i.svg", "<svg>");
        put("i.svgz", "SVGZ");
        put("none.css.br", "ALONE");
        Files.createDirectory(www.resolve("y.css.br"));
        for (String options : List.of(", 'precompressed': true", ", 'precompressed': true, 'follow_symlinks': false")) {
            RouteSite site = site(options);
            for (int i = 0; i < 2; i++) {
                String response = site.ask("GET", path, "Accept-Encoding: " + accepted + "\r\n");
                assertTrue(response.endsWith("\r\n\r\n" + body), response);
                assertEquals(!coding.equals("-"), response.contains("\r\nContent-Encoding: " + coding + "\r\n"));
                assertTrue(response.contains("\r\nVary: Accept-Encoding\r\n"), response);
                assertTrue(response.contains(path.endsWith("svg") ? "Content-Type: image/svg+xml\r\n"
                    : "Content-Type: text/css\r\n"), response);
            }
        }
        String off = site("").ask("GET", "/x.css", "Accept-Encoding: br\r\n");
        assertTrue(off.endsWith("plain") && !off.contains("Vary"), off);
        assertFalse(site(", 'precompressed': true").ask("GET", "/x.css.br").contains("Content-Encoding"));
    }

    @Test
    void theOptionIsABoolean() {
        RouteException e = assertThrows(RouteException.class, () -> site(", 'precompressed': 'br'"));
        assertEquals("/routes/0/action/precompressed", e.pointer());
    }
}
