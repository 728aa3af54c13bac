// SPDX-License-Identifier: Apache-2.0
package io.margay.protocol.http1;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.margay.http.Exchange;
import io.margay.http.Fields;
import io.margay.http.HttpSettings;
import io.margay.http.Request;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What request heads are accepted, and how they are understood: spec/http.md §3 to §6. */
class HeadTest {
    private static final String END = "\r\n\r\n";

    /** Answers with what was understood. */
    static void echo(Exchange e) {
        Request h = e.request();
        StringBuilder text = new StringBuilder();
        text.append(h.method()).append(' ').append(e.request().path()).append(" q=").append(h.query())
            .append(" t=")
            .append(h.target())
            .append(" h=").append(e.request().serverName()).append(" v=").append(h.version().charAt(7));
        for (int i = 0; i < h.fieldCount(); i++) {
            text.append(" [").append(h.name(i)).append('=').append(h.value(i)).append(']');
        }
        e.respond(200, Fields.NONE, Wire.bytes(text.toString()));
    }

    private static String answer(String request) {
        try (Wire wire = new Wire(HeadTest::echo)) {
            String whole = wire.send(request).take();
            try (Wire slow = new Wire(HeadTest::echo)) {
                assertEquals(whole, slow.trickle(request).take(), "byte by byte");
            }
            return whole;
        }
    }

    private static String body(String request) {
        String answer = answer(request);
        return answer.startsWith("HTTP/1.1 200 ") ? answer.substring(answer.indexOf(END) + 4) : answer.substring(9, 12);
    }

    static Stream<String[]> requestLines() {
        return Stream.of(new String[][] {
            {"GET / HTTP/1.1\r\n\r\n", "GET / q= t=/ h=localhost v=1"},
            {"GET / HTTP/1.1\n\n", "GET / q= t=/ h=localhost v=1"},
            {"\r\n\n\r\nGET / HTTP/1.1\r\n\r\n", "GET / q= t=/ h=localhost v=1"},
            {"GET   /   HTTP/1.0\r\n\r\n", "GET / q= t=/ h=localhost v=0"},
            {"GET / HTTP/1.9\r\n\r\n", "GET / q= t=/ h=localhost v=9"},
            {"M-SEARCH_X / HTTP/1.1\r\n\r\n", "M-SEARCH_X / q= t=/ h=localhost v=1"},
            {"GET /a b HTTP/1.1\r\n\r\n", "GET /a b q= t=/a b h=localhost v=1"},
            {"GET /blah %20 blah? var1= val1 & var2=val2 HTTP/1.1\r\n\r\n",
                "GET /blah   blah q= var1= val1 & var2=val2 t=/blah %20 blah? var1= val1 & var2=val2 h=localhost v=1"},
            {"GET /a HTTP/1.0 HTTP/1.1\r\n\r\n", "GET /a HTTP/1.0 q= t=/a HTTP/1.0 h=localhost v=1"},
            {"GET /\t\u0001\u00ff HTTP/1.1\r\n\r\n", "GET /\t\u0001\u00ff q= t=/\t\u0001\u00ff h=localhost v=1"},
            {"OPTIONS * HTTP/1.1\r\n\r\n", "OPTIONS * q= t=* h=localhost v=1"},
            {"GET http://A.example:81/x?y HTTP/1.1\r\nHost: b\r\n\r\n",
                "GET /x q=y t=/x?y h=a.example v=1 [Host=A.example:81]"},
            {"GET http://a?y HTTP/1.0\r\n\r\n", "GET / q=y t=/?y h=a v=0"},
            {"GET http://[::1]:80/ HTTP/1.0\r\n\r\n", "GET / q= t=/ h=[::1] v=0"},
            {"GET http://a:/ HTTP/1.0\r\n\r\n", "GET / q= t=/ h=a v=0"},
            {"GET https://a/ HTTP/1.1\r\nHost: a\r\n\r\n", "400"}, {"GET http://a/ HTTP/1.1\r\n\r\n", "400"},
            {"GET http://a:99999/ HTTP/1.0\r\n\r\n", "400"}, {"GET http://a:8x/ HTTP/1.0\r\n\r\n", "400"},
            {"GET http://a:1:2/ HTTP/1.0\r\n\r\n", "400"}, {"GET http://:80/ HTTP/1.0\r\n\r\n", "400"},
            {"GET http://[::1/ HTTP/1.0\r\n\r\n", "400"}, {"GET http://[]/ HTTP/1.0\r\n\r\n", "400"},
            {"get / HTTP/1.1\r\n\r\n", "400"}, {"G3T / HTTP/1.1\r\n\r\n", "400"},
            {"GET\t/ HTTP/1.1\r\n\r\n", "400"}, {" GET / HTTP/1.1\r\n\r\n", "400"},
            {"GET * HTTP/1.1\r\n\r\n", "400"}, {"GET x HTTP/1.1\r\n\r\n", "400"},
            {"GET http:/x HTTP/1.1\r\n\r\n", "400"}, {"GET http://u@h/ HTTP/1.1\r\n\r\n", "400"},
            {"CONNECT host:443 HTTP/1.1\r\n\r\n", "400"}, {"GET /\u0000 HTTP/1.1\r\n\r\n", "400"},
            {"GET /\r\n\r\n", "400"}, {"GET / HTTP/1.1\rX", "400"}, {"GET / http/1.1\r\n\r\n", "400"},
            {"GET / HTTP/1.1 \r\n\r\n", "400"}, {"GET / HTTP/1.\r\n\r\n", "400"}, {"GET / HTTP/11\r\n\r\n", "400"},
            {"GET / HTTP/2.0\r\n\r\n", "505"}, {"GET / HTTP/0.9\r\n\r\n", "505"}, {"PRI * HTTP/2.0\r\n\r\n", "400"},
        });
    }

    @ParameterizedTest
    @MethodSource("requestLines")
    void requestLine(String request, String expected) {
        assertEquals(expected, body(request));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "/a//b///c | /a/b/c |", "/a/./b/. | /a/b/ |", "/a/../b | /b |", "/a/b/.. | /a/ |", "/a/.. | / |",
        "/.a/..b/... | /.a/..b/... |", "/%41%62 | /Ab |", "/%2e%2e | 400 |", "/.. | 400 |", "/a/../.. | 400 |",
        "/a/%2e%2e/b | /b |", "/a%2f%2e%2e%2fb | /b |", "/a%2Fb | /a/b |", "/%25%23%3F | /%#? |",
        "/%2541 | /%41 |", "/%00 | 400 |", "/%4 | 400 |", "/% | 400 |", "/%zz | 400 |", "/a?b%zz/../c | /a | b%zz/../c",
        "/a?b#c?d | /a | b", "/a#b?c | /a |", "/%61?b?c | /a | b?c", "/? | / |", "/a/./?x=/./ | /a/ | x=/./",
        "/..a/ | /..a/ |", "/a/..;/b | /a/..;/b |", "//// | / |"})
    void target(String target, String path, String query) {
        String expected = path.equals("400") ? path
            : "GET " + path + " q=" + (query == null ? "" : query) + " t=" + target + " h=localhost v=1";
        assertEquals(expected, body("GET " + target + " HTTP/1.1\r\n\r\n"));
    }

    static Stream<String[]> fields() {
        return Stream.of(new String[][] {
            {"A: 1\r\na:2\nA:\t 3 \t", " [A=1] [a=2] [A=3]"}, {"A:", " [A=]"}, {"A: \t", " [A=]"},
            {"X!y: 1\r\nB_c: 2\r\nD: 3", " [D=3]"}, {"A: a b\tc\u007f\u00ff", " [A=a b\tc\u007f\u00ff]"},
            {"A: :b:", " [A=:b:]"}, {"A b: 1", "400"}, {"A : 1", "400"}, {": 1", "400"}, {" A: 1", "400"},
            {"A: 1\r\n B", "400"}, {"A: 1\r\n\tB", "400"}, {"A", "400"}, {"A(: 1", "400"}, {"A\u0080: 1", "400"},
            {"A: \u0001", "400"}, {"A: b\rc", "400"}, {"A: \u0000", "400"}, {"A: b\rc: d", "400"},
            {"N".repeat(255) + ": 1", " [" + "N".repeat(255) + "=1]"}, {"N".repeat(256) + ": 1", "431"},
        });
    }

    @ParameterizedTest
    @MethodSource("fields")
    void field(String lines, String expected) {
        String text = body("GET / HTTP/1.1\r\n" + lines + END);
        assertEquals(expected, text.length() == 3 ? text : text.substring("GET / q= t=/ h=localhost v=1".length()));
    }

    @Test
    void unsafeNamesCanBeKept() {
        HttpSettings d = HttpSettings.DEFAULTS;
        HttpSettings keep = d.change().discardUnsafeFields(false).build();
        try (Wire wire = new Wire(keep, HeadTest::echo)) {
            assertEquals(true, wire.send("GET / HTTP/1.1\r\nX_y: 1\r\n\r\n").take().endsWith("[X_y=1]"));
        }
        assertEquals(true, d.discardUnsafeFields());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"Example.COM:80|example.com", "a.|a", "a.:1|a", "[::1]:80|[::1]",
        "[::1]|[::1]", "[::1].|[::1]", "[::1]x:80|[::1]",
        "a..b|400", "a/b|400", "a:b/|400", "a b#c?|a b#c?", ":80|localhost", ".|localhost", "a:1:2|a",
        "[A::B|[a::b"})
    void host(String value, String expected) {
        String text = body("GET / HTTP/1.1\r\nHost: " + value + END);
        assertEquals(expected, text.length() == 3 ? text : text.replaceAll(".* h=(.*) v=1 .*", "$1"));
    }

    static Stream<String[]> refused() {
        return Stream.of(new String[][] {
            {"Host: a\r\nHost: a", "400"}, {"Content-Length: 0\r\nContent-Length: 0", "400"},
            {"Content-Length:", "400"}, {"Content-Length: +1", "400"}, {"Content-Length: 1 ", "more"},
            {"Content-Length: 9223372036854775808", "400"}, {"Content-Length: 9223372036854775807", "413"},
            {"Content-Length: 8388609", "413"}, {"Content-Length: 8388608", "more"},
            {"Content-Length: 99999999\r\nHost: a..b", "413"}, {"Host: a..b\r\nContent-Length: 99999999", "400"},
            {"Transfer-Encoding: chunked", "411"}, {"Transfer-Encoding: Chunked", "501"},
            {"Transfer-Encoding: gzip, chunked", "501"}, {"Transfer-Encoding: chunked\r\nTransfer-Encoding: x", "501"},
            {"Transfer-Encoding: x\r\nTransfer-Encoding: chunked", "501"},
            {"Transfer-Encoding: identity\r\nTransfer-Encoding: chunked", "501"},
            {"Transfer-Encoding: identity, chunked", "501"}, {"Transfer-Encoding: chunked, chunked", "501"},
            {"Transfer-Encoding:", "501"},
            {"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", "400"},
            {"Upgrade: websocket\r\nConnection: Upgrade", "400"},
            {"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: 0123456789abcdef01234567", "426"},
        });
    }

    @ParameterizedTest
    @MethodSource("refused")
    void semantics(String lines, String expected) {
        String text = answer("GET / HTTP/1.1\r\n" + lines + END);
        assertEquals(expected, text.isEmpty() ? "more" : text.substring(9, 12));
    }

    @Test
    void webSocketVersionIsNamed() {
        String text = answer("GET / HTTP/1.1\r\nUpgrade: WebSocket\r\nConnection: x, Upgrade\r\n"
            + "Sec-WebSocket-Key: 0123456789abcdef01234567\r\nSec-WebSocket-Version: 12" + END);
        assertEquals("HTTP/1.1 426 Upgrade Required\r\nContent-Type: text/html\r\nServer: Unit/1.35.0\r\nDate: D\r\n"
            + "Content-Length: 54\r\nConnection: close\r\nSec-WebSocket-Version: 13\r\n\r\n"
            + "<!DOCTYPE html><title>Error 426</title><p>Error 426.\r\n", text);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void sizes(boolean slow) {
        String line = "GET /" + "a".repeat(8192 - 16) + " HTTP/1.1\r\n";
        assertEquals(8192, line.length());
        check(slow, line + "\r\n", 200);
        check(slow, "\r" + line + "\r\n", 431);
        check(slow, "GET / HTTP/1.1\r\nA: " + "v".repeat(8191) + END, 200);
        check(slow, "GET / HTTP/1.1\r\nA: " + "v".repeat(8192) + END, 431);
        String large = "A: " + "v".repeat(8000) + "\r\n";
        check(slow, "GET / HTTP/1.1\r\n" + large.repeat(4) + "\r\n", 200);
        check(slow, "GET / HTTP/1.1\r\n" + large.repeat(5) + "\r\n", 431);
        check(slow, "GET / HTTP/1.1\r\n" + "A: b\r\n".repeat(5000) + "\r\n", 200);
        check(slow, "GET / HTTP/1.1\r\n" + "A: b\r\n".repeat(6000) + "\r\n", 431);
    }

    private static void check(boolean slow, String request, int expected) {
        try (Wire wire = new Wire(e -> e.respond(200, Fields.NONE, Wire.NOTHING))) {
            assertEquals(expected, (slow ? wire.trickle(request) : wire.send(request)).status());
        }
    }

    @Test
    void headsAreReusedClean() {
        try (Wire wire = new Wire(HeadTest::echo)) {
            wire.send("POST /a%20b?c HTTP/1.1\r\nHost: x\r\nCookie: y\r\nContent-Length: 1\r\n\r\nz").take();
            String text = wire.send("GET / HTTP/1.0\r\n\r\n").take();
            assertEquals("GET / q= t=/ h=localhost v=0", text.substring(text.indexOf(END) + 4));
            assertFalse(wire.isOpen());
        }
    }
}
