// SPDX-License-Identifier: Apache-2.0
package io.margay.action.share;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.conf.ConfObject;
import io.margay.http.Exchange;
import io.margay.http.Fields;
import io.margay.route.Action;
import io.margay.route.ActionFactory;
import io.margay.route.Extensions;
import io.margay.route.RouteCompiler;
import io.margay.route.RouteException;
import io.margay.testing.RouteSite;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The option {@code error_pages}. */
class ErrorPagesTest {
    private static final Fields OF_APPLICATION = Fields.of("Content-Type", "text/x", "ETag", "\"1\"", "Set-Cookie",
        "a=b");

    /** Answers as a server and as an application do: {@code fail 404}, {@code say 404}, {@code stream 404}. */
    private static final ActionFactory ANSWER = new ActionFactory() {
        @Override
        public String option() {
            return "answer";
        }

        @Override
        public Set<String> options() {
            return Set.of("answer");
        }

        @Override
        public Action compile(ConfObject action, RouteCompiler compiler) {
            String[] words = action.string("answer").orElseThrow().split(" ");
            return e -> answer(e, words[0], Integer.parseInt(words[1]));
        }
    };

    @TempDir
    private Path www;

    private static void answer(Exchange exchange, String how, int status) {
        switch (how) {
            case "fail" -> exchange.fail(status);
            case "say" -> exchange.respond(status, OF_APPLICATION, "said".getBytes(StandardCharsets.US_ASCII));
            case "stream" -> {
                assertTrue(exchange.start(status, OF_APPLICATION, -1));
                exchange.write(Unpooled.copiedBuffer("said", StandardCharsets.US_ASCII), false);
                exchange.write(Unpooled.copiedBuffer("more", StandardCharsets.US_ASCII), true);
            }
            default -> throw new IllegalArgumentException(how);
        }
    }

    @BeforeEach
    void files() throws IOException {
        Files.writeString(www.resolve("404.html"), "<p>gone");
        Files.writeString(www.resolve("5xx.json"), "{}");
        Files.createDirectory(www.resolve("folder"));
        Files.write(www.resolve("large"), new byte[PageFile.MOST + 1]);
        Files.write(www.resolve("full"), new byte[PageFile.MOST]);
    }

    private String filled(String pages) {
        return pages.replace("FILE", "{'file': 'WWW/404.html', 'intercept': true}")
            .replace("TEXT", "{'body': 'x', 'intercept': true}").replace("WWW", www.toString());
    }

    private RouteSite site(String answer, String pages, String server) {
        return new RouteSite(Extensions.builder().add(ANSWER, RouteSite.ORIGIN)
            .add(new ErrorPagesFactory(), RouteSite.ORIGIN).add(new ServerErrorPagesFactory(), RouteSite.ORIGIN),
            "{'action': {'answer': '" + answer + "'" + (pages.isEmpty() ? "" : ", 'error_pages': "
                + filled(pages)) + "}}", server.isEmpty() ? "{}"
            : "{'error_pages': " + filled(server) + "}");
    }

    /** Type and body, or {@code -} if it is what was there before. */
    private static String shown(String response) {
        int end = response.indexOf("\r\n\r\n") + 4;
        String body = response.substring(end);
        if (body.contains("said") || body.contains("<title>Error")) {
            return "-";
        }
        String head = response.substring(0, end);
        assertTrue(head.contains("\r\nContent-Length: " + body.length() + "\r\n"), response);
        assertFalse(head.contains("ETag") || head.contains("chunked") || head.contains("text/x"), response);
        int type = head.indexOf("Content-Type: ") + 14;
        return head.substring(type, head.indexOf("\r\n", type)).replace("text/html; charset=utf-8", "utf8") + " "
            + body;
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        # answer   | error_pages of the action                     | of the server           | shown
        fail 404   | {'404': 'WWW/404.html'}                       | ''                      | text/html <p>gone
        fail 404   | {'4xx': 'WWW/404.html'}                       | ''                      | text/html <p>gone
        fail 404   | {'4xx': {'body': 'x'}, '404': 'WWW/404.html'} | ''                      | text/html <p>gone
        fail 404   | {'404': 'WWW/404.html', '4xx': {'body': 'x'}} | ''                      | text/html <p>gone
        fail 403   | {'404': 'WWW/404.html', '4xx': {'body': 'x'}} | ''                      | utf8 x
        fail 403   | {'404': 'WWW/404.html'}                       | ''                      | -
        fail 403   | {'403': null}                                 | ''                      | -
        fail 599   | {'5xx': 'WWW/5xx.json'}                       | ''                      | application/json {}
        fail 400   | {'400': {'file': 'WWW/5xx.json', 'content_type': 'a/b'}} | ''                      | a/b {}
        fail 403   | {'4xx': {'body': '$status $uri'}}             | ''                      | utf8 403 /&lt;
        fail 403   | {'4xx': {'body': '$uri', 'content_type': 'text/y'}} | ''                      | text/y /<
        say 404    | {'404': 'WWW/404.html'}                       | ''                      | -
        say 404    | {'404': FILE}                                 | ''                      | text/html <p>gone
        stream 404 | {'404': FILE}                                 | ''                      | text/html <p>gone
        stream 200 | {'4xx': TEXT}                                 | ''                      | -
        say 399    | {'4xx': TEXT}                                 | ''                      | -
        say 600    | {'5xx': TEXT}                                 | ''                      | -
        fail 404   | ''                                            | {'404': 'WWW/404.html'} | text/html <p>gone
        fail 404   | {'404': 'WWW/404.html'}                       | {'404': TEXT}           | text/html <p>gone
        say 404    | {'404': 'WWW/404.html'}                       | {'404': TEXT}           | utf8 x
        fail 500   | {'404': 'WWW/404.html'}                       | {'5xx': {'body': 'x'}}  | utf8 x
        """)
    void pages(String answer, String pages, String server, String expected) {
        RouteSite site = site(answer, pages, server);
        String response = site.ask("GET", "/%3c");
        assertEquals(expected, shown(response), response);
        assertEquals("HTTP/1.1 " + answer.split(" ")[1], response.substring(0, 12));
        assertEquals(!answer.startsWith("fail"), response.contains("Set-Cookie: a=b\r\n"), response);
        String head = site.ask("HEAD", "/%3c");
        assertTrue(head.endsWith("\r\n\r\n"), head);
        if (!expected.equals("-")) {
            assertEquals(response.substring(0, response.indexOf("\r\n\r\n") + 4), head);
        }
        assertEquals(List.of(), site.lines());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        5                                                | ''                | must be an object
        {'304': {'body': ''}}                            | /304              | must be a status from 400 to 599
        {'6xx': {'body': ''}}                            | /6xx              | must be a status from 400 to 599
        {'40x': {'body': ''}}                            | /40x              | must be a status from 400 to 599
        {'404': 5}                                       | /404              | must be an object
        {'404': {}}                                      | /404              | either "file" or "body"
        {'404': {'file': 'WWW/404.html', 'body': ''}}    | /404              | either "file" or "body"
        {'404': {'body': '', 'x': 1}}                    | /404/x            | Unknown parameter "x"
        {'404': {'body': 5}}                             | /404/body         | must be a string
        {'404': {'body': '$nope'}}                       | /404/body         | Unknown variable "nope"
        {'404': {'body': '', 'intercept': 1}}            | /404/intercept    | must be a boolean
        {'404': {'body': '', 'content_type': ' '}}       | /404/content_type | printable ASCII
        {'404': 'page.html'}                             | /404              | must be absolute
        {'404': 'WWW/none'}                              | /404              | No such file
        {'404': {'file': 'WWW/folder'}}                  | /404/file         | is not a regular file
        {'404': {'file': 'WWW/large'}}                   | /404/file         | has more than 262144 bytes
        """)
    void refused(String pages, String place, String reason) {
        RouteException refused = assertThrows(RouteException.class, () -> site("fail 404", pages, ""));
        assertEquals("/routes/0/action/error_pages" + place, refused.pointer().toString());
        assertTrue(refused.getMessage().contains(reason), refused.getMessage());
        RouteException server = assertThrows(RouteException.class, () -> site("fail 404", "", pages));
        assertEquals("/settings/http/error_pages" + place, server.pointer().toString());
    }

    @Test
    void aFileIsLookedAtAgain() throws IOException {
        AtomicLong nanos = new AtomicLong();
        List<String> complaints = new ArrayList<>();
        Path page = www.resolve("404.html");
        PageFile file = new PageFile(page.toString(), nanos::get, complaints::add);
        assertEquals("<p>gone", text(file));
        Files.writeString(page, "new");
        assertEquals("<p>gone", text(file));
        nanos.addAndGet(FileCache.FRESH);
        assertEquals("new", text(file));
        Files.delete(page);
        for (int i = 0; i < 3; i++) {
            nanos.addAndGet(FileCache.FRESH);
            assertEquals("new", text(file));
        }
        assertEquals(1, complaints.size(), complaints.toString());
        assertTrue(complaints.getFirst().contains("No such file"), complaints.toString());
        Files.copy(www.resolve("full"), page);
        nanos.addAndGet(FileCache.FRESH);
        assertEquals(PageFile.MOST, file.current().content().readableBytes());
        Files.delete(page);
        nanos.addAndGet(FileCache.FRESH);
        assertEquals(PageFile.MOST, file.current().content().readableBytes());
        assertEquals(2, complaints.size(), complaints.toString());
    }

    private static String text(PageFile file) {
        return file.current().content().toString(StandardCharsets.US_ASCII);
    }
}
