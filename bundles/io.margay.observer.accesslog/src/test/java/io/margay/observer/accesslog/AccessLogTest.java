// SPDX-License-Identifier: Apache-2.0
package io.margay.observer.accesslog;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.route.RouteException;
import io.margay.testing.Await;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The option {@code access_log}: spec/routing.md §11. */
@Timeout(60)
class AccessLogTest {
    private static final String OK = "{'action': {'return': 200}}";

    @TempDir
    private Path directory;
    private final LogSite site = new LogSite();

    @AfterEach
    void close() {
        site.close();
    }

    private String path() {
        return directory.resolve("access.log").toString();
    }

    /** What is in the file once it has so many lines. */
    private String written(int lines) {
        return written(path(), lines);
    }

    private String written(String path, int lines) {
        site.flush();
        Await.until(lines + " lines in " + path, () -> read(path).lines().count() >= lines);
        return read(path);
    }

    private static String read(String path) {
        try {
            return Files.isRegularFile(Path.of(path)) ? Files.readString(Path.of(path), StandardCharsets.ISO_8859_1)
                : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String line(String format, String... fields) {
        site.apply("{'path': '" + path() + "', 'format': " + format + "}", OK);
        site.get("/a%20b?x=1&x=2%41#f", fields);
        String line = written(1);
        assertTrue(line.endsWith("\n"), line);
        return line.substring(0, line.length() - 1);
    }

    /** As many requests as a file of 4096 bytes has lines of 64, in one piece. */
    private void fill(String letter) {
        for (int i = 0; i < 64; i++) {
            site.get("/" + letter.repeat(62));
        }
        site.flush();
    }

    /** What has grown is rotated once, whatever is written until it is done; each line is in one file. */
    @Test
    void aFileThatHasGrownIsRotated() throws Exception {
        String rotate = ", 'format': '$uri', 'rotate': {'size': 4096, 'keep': 3}}";
        site.apply("{'path': '" + path() + "'" + rotate, OK);
        site.get("/first");
        written(1);
        assertTrue(site.rotations.isEmpty());
        fill("a");
        LogSite.Wish wish = site.rotations.poll(30, TimeUnit.SECONDS);
        assertEquals(path() + " 4096 3", wish.text());
        fill("b");
        written(129);
        assertTrue(site.rotations.isEmpty());
        Files.move(Path.of(path()), Path.of(path() + ".1"));
        site.reopenAll();
        wish.done().complete(null);
        fill("c");
        assertEquals(64, written(64).lines().count());
        assertEquals(129, read(path() + ".1").lines().count());
        wish = site.rotations.poll(30, TimeUnit.SECONDS);
        // Main cannot: nothing is lost, and it is not asked again at once.
        wish.done().completeExceptionally(new IllegalStateException("no"));
        fill("d");
        written(128);
        assertTrue(site.rotations.isEmpty());
        // What an administrator has done instead counts from the beginning, and another limit is not the old one.
        Files.move(Path.of(path()), Path.of(path() + ".2"));
        site.reopenAll();
        site.apply("{'path': '" + path() + "', 'format': '$uri', 'rotate': {'size': 8192}}", OK);
        fill("e");
        written(64);
        assertTrue(site.rotations.isEmpty());
        fill("f");
        assertEquals(path() + " 8192 10", site.rotations.poll(30, TimeUnit.SECONDS).text());
        assertEquals(128, written(128).lines().count());
    }

    @Test
    void theDefaultFormat() {
        site.apply("'" + path() + "'", OK);
        site.get("/x?y", "Referer: r1\r\n", "Referer: r2\r\n", "User-Agent: \"q\" a\\b\r\n");
        String line = written(1);
        assertTrue(line.matches("unix: - - \\[\\d\\d/[A-Z][a-z]{2}/\\d{4}:\\d\\d:\\d\\d:\\d\\d [+-]\\d{4}] "
            + "\"GET /x\\?y HTTP/1\\.1\" 200 5 \"r2\" \"\"q\" a\\\\b\"\n"), line);
    }

    /** Each variable, and what stands for it in the line of one request. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\0', ignoreLeadingAndTrailingWhitespace = true, textBlock = """
        $dollar                          | $
        ${dollar}x                       | $x
        $host                            | h.x
        $uri                             | /a b
        $request_uri                     | /a%20b?x=1&x=2%41#f
        $method                          | GET
        $request_line                    | GET /a%20b?x=1&x=2%41#f HTTP/1.1
        $remote_addr                     | unix:
        $status                          | 200
        $body_bytes_sent                 | 5
        $header_a                        | 1
        $header_B                        | -
        $header_empty                    |
        $header_referer                  | -
        $header_user_agent               | -
        $arg_x                           | 2A
        $arg_y                           | -
        $cookie_c                        | d
        $cookie_e                        | -
        $response_header_connection      | -
        $response_header_content_length  | 5
        $response_header_server          | Unit/1.35.0
        $response_header_x               | -
        <$header_a$header_a>             | <11>
        """)
    void variables(String format, String expected) {
        assertEquals(expected == null ? "" : expected, line("'" + format + "'", "Host: H.X.:80\r\n", "A: 1\r\n",
            "A: 2\r\n", "Empty:\r\n", "Cookie: c=d; c=f\r\n"));
    }

    @Test
    void timesAndIds() {
        String line = line("'$request_time $request_id $request_id'");
        String[] parts = line.split(" ");
        assertTrue(parts[0].matches("\\d+\\.\\d{3}"), line);
        assertTrue(parts[1].matches("[0-9a-f]{32}"), line);
        assertEquals(parts[1], parts[2]);
    }

    @Test
    void fieldsOfResponses() {
        site.apply("{'path': '" + path() + "', 'format': '$response_header_x_y|$response_header_content_length|"
            + "$response_header_transfer_encoding|$response_header_connection|$body_bytes_sent|"
            + "$response_header_content_type'}",
            "{'match': {'uri': '/s'}, 'action': {'return': 200, 'stream': true, 'fields': {'X_y': 'v', 'x-Y': 'w'}}}, "
            + "{'match': {'uri': '/t'}, 'action': {'return': 201, 'fields': {'X-Y': 'w'}}}");
        site.get("/s");
        written(1);
        site.get("/t");
        written(2);
        site.get("/none");
        assertEquals("v|-|chunked|-|15|-\nw|5|-|-|5|-\n-|54|-|-|54|text/html\n", written(3));
    }

    @Test
    void objectsAreEscapedAlways() {
        assertEquals("{\"a\":\"x\\\"y\\\\z\\tt/a b\",\"b\\\"\":\"-\",\"c\":\"\",\"d\":\"lit\\\"\",\"e\":\"\\u00E9\"}",
            line("{'a': '$header_a$uri', 'b\\\"': '$header_b', 'c': '', 'd': 'lit\\\"', 'e': '$header_e'}",
                "A: x\"y\\z\tt\r\n", "E: \u00e9\r\n"));
        site.apply("{'path': '" + path() + "', 'format': {'u': '$uri', 'l': '$request_line'}}", OK);
        site.get("/%0a%0d%08%0c%01%1f%22");
        assertTrue(written(2).endsWith("{\"u\":\"/\\n\\r\\b\\f\\u0001\\u001F\\\"\","
            + "\"l\":\"GET /%0a%0d%08%0c%01%1f%22 HTTP/1.1\"}\n"), read());
    }

    private String read() {
        return read(path());
    }

    /** A client can write no line of its own. */
    @Test
    void controlCharactersEndNoLine() {
        assertEquals("</a\\x0A\\x0Db>", line2("/a%0a%0db"));
        assertEquals("</\\x1B[31m\\x7F\t>", line2("/%1b[31m%7f%09"));
    }

    private String line2(String target) {
        int before = (int) read().lines().count();
        site.apply("{'path': '" + path() + "', 'format': '<$uri>'}", OK);
        site.get(target);
        return written(before + 1).lines().skip(before).findFirst().orElseThrow();
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '"', value = {"$arg_l,/?l=1,/", "!$arg_l,/,/?l=1",
        "$arg_l,/?l=true,/?l=false", "$status,/,",
        "'',,/", "!,/,", "0,,/", "$response_header_x,,/", "$response_header_content_length,/,"})
    void conditions(String condition, String logged, String left) {
        String text = condition.equals("''") ? "" : condition;
        site.apply("{'path': '" + path() + "', 'format': '$request_uri', 'if': '" + text + "'}", OK);
        if (left != null) {
            site.get(left);
        }
        if (logged != null) {
            site.get(logged);
        }
        // Lines keep their order on a loop only, so the log itself says when all are there.
        site.apply("{'path': '" + path() + "', 'format': 'end'}", OK);
        site.flush();
        site.get("/");
        List<String> all = written(logged == null ? 1 : 2).lines().sorted().toList();
        assertEquals(logged == null ? List.of("end") : List.of(logged, "end"), all);
    }

    /** What never became a request is logged as well. */
    @Test
    void brokenRequests() {
        site.apply("'" + path() + "'", OK);
        site.send("get / HTTP/1.1\r\n\r\n");
        site.send("GET / HTTP/1.1\r\nContent-Length: x\r\nReferer: r\r\n\r\n");
        shutDown(site.send("GE"));
        shutDown(site.send("POST /p HTTP/1.1\r\nContent-Length: 9\r\n\r\n123"));
        shutDown(site.connect());
        // Lines of connections that are closed are handed over when the log is let go.
        site.apply("", OK);
        site.run();
        assertEquals(List.of("\"-\" 400 54 \"-\" \"-\"", "\"GET / HTTP/1.1\" 400 54 \"r\" \"-\"",
            "\"-\" 400 0 \"-\" \"-\"", "\"POST /p HTTP/1.1\" 400 0 \"-\" \"-\""),
            written(4).lines().map(line -> line.substring(line.indexOf(']') + 2)).toList());
    }

    private static void shutDown(EmbeddedChannel channel) {
        channel.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
    }

    /** The same path in a new configuration keeps the file, another one does not; without one there are no lines. */
    @Test
    void filesAreKept() {
        String other = directory.resolve("other.log").toString();
        site.apply("{'path': '" + path() + "', 'format': '1'}", OK);
        site.get("/");
        assertEquals("1\n", written(1));
        site.apply("{'path': '" + path() + "', 'format': '2'}", OK);
        site.get("/");
        assertEquals("1\n2\n", written(2));
        assertThrows(RouteException.class, () -> site.apply("'" + directory + "'", OK));
        site.get("/");
        assertEquals("1\n2\n2\n", written(3));
        site.apply("{'path': '" + other + "', 'format': '3'}", OK);
        site.get("/");
        assertEquals("3\n", written(other, 1));
        site.apply("", OK);
        site.get("/");
        site.run();
        assertEquals(List.of(path(), directory.toString(), other), site.opened);
        assertEquals("1\n2\n2\n", read());
    }

    @Test
    void filesAreOpenedAnew() throws IOException {
        site.apply("{'path': '" + path() + "', 'format': '$uri'}", OK);
        site.get("/1");
        assertEquals("/1\n", written(1));
        Path moved = directory.resolve("access.log.1");
        Files.move(Path.of(path()), moved);
        site.reopenAll();
        site.get("/2");
        assertEquals("/2\n", written(1));
        assertEquals("/1\n", Files.readString(moved));
        // One that cannot be opened leaves the old one.
        Files.delete(Path.of(path()));
        Files.createDirectory(Path.of(path()));
        site.reopenAll();
        Files.delete(Path.of(path()));
        site.reopenAll();
        site.get("/3");
        assertEquals("/3\n", written(1));
    }

    /** Lines that wait when the log is not wanted any more are written. */
    @Test
    void theLastLinesAreWritten() {
        site.apply("{'path': '" + path() + "', 'format': '$uri'}", OK);
        site.get("/last");
        assertEquals("", read());
        site.close();
        assertEquals("/last\n", read());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "'/no/such/x.log' | /access_log | The access log cannot be opened: open(\"/no/such/x.log\") failed "
            + "(2: No such file or directory)",
        "{'path': '/no/such/x.log'} | /access_log/path | The access log cannot be opened: "
            + "open(\"/no/such/x.log\") failed (2: No such file or directory)",
        "'' | /access_log | The \"path\" string must not be empty.",
        "{'path': ''} | /access_log/path | The \"path\" string must not be empty.",
        "{} | /access_log | The \"path\" string must not be empty.",
        "{'format': 'x'} | /access_log | The \"path\" string must not be empty.",
        "{'path': 'p', 'rotate': 1} | /access_log/rotate | The \"rotate\" value must be an object.",
        "{'path': 'p', 'rotate': {}} | /access_log/rotate | Required parameter \"size\" is missing.",
        "{'path': 'p', 'rotate': {'size': 4095}} | /access_log/rotate/size | The \"size\" number must be from 4096 to "
            + "9223372036854775807.",
        "{'path': 'p', 'rotate': {'size': 5000, 'keep': 1001}} | /access_log/rotate/keep | The \"keep\" number must be "
            + "from 1 to 1000.",
        "{'path': 'p', 'format': '$none'} | /access_log/format | Unknown variable \"none\" in "
            + "the \"format\" value.",
        "{'path': 'p', 'format': '$'} | /access_log/format | Invalid variable at position 0 in "
            + "the \"format\" value.",
        "{'path': 'p', 'format': {'': 'x'}} | /access_log/format | In the access log format, the "
            + "name must not be empty.",
        "{'path': 'p', 'format': {'a': 1}} | /access_log/format/a | In the access log format, the "
            + "value must be a string.",
        "{'path': 'p', 'format': {'a': '$b'}} | /access_log/format/a | Unknown variable \"b\" in the \"a\" value.",
        "{'path': 'p', 'if': '$b'} | /access_log/if | Unknown variable \"b\" in the \"if\" value."},
        quoteCharacter = '\0')
    void whatIsRefused(String option, String pointer, String reason) {
        RouteException e = assertThrows(RouteException.class, () -> site.apply(option.strip(), OK));
        assertEquals(reason, e.getMessage());
        assertEquals(pointer, e.pointer());
        assertFalse(Files.exists(Path.of("p")));
    }
}
