// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What each status and each way of answering puts on the wire. */
class ResponseStatusTest {
    private static final byte[] ABC = "abc".getBytes(StandardCharsets.ISO_8859_1);

    static IntStream finalOnes() {
        return IntStream.rangeClosed(200, 999);
    }

    @ParameterizedTest
    @MethodSource("finalOnes")
    void aBodyGoesWithAllBut204And304(int status) {
        boolean allowed = status != 204 && status != 304;
        String with = allowed ? "data abc|end|done" : "done";
        String none = allowed ? "" : " none";
        String length = allowed ? "3" : "-1";

        TestExchange whole = new TestExchange();
        whole.respond(status, Fields.NONE, ABC);
        assertEquals("head " + status + " [] " + length + none + "|" + with, whole.wire.toString());
        assertEquals(status, whole.status());

        TestExchange streamed = new TestExchange();
        assertTrue(streamed.start(status, Fields.NONE, 3));
        streamed.write(streamed.owned("abc"), true);
        assertEquals("head " + status + " [] " + length + none + "|" + with, streamed.wire.toString());
        assertEquals(0, streamed.leaks());

        TestExchange lines = new TestExchange();
        assertTrue(lines.start(status, TestExchange.bytes("Content-Length: 3\r\n")));
        lines.write(lines.owned("abc"), true);
        // The length of what the client has is told, if it is; there is none with 204.
        String kept = allowed || status == 304 ? "[Content-Length=3] 3" : "[] -1";
        assertEquals("head " + status + " " + kept + none + "|" + with, lines.wire.toString());
        assertEquals(0, lines.leaks());

        TestExchange answer = new TestExchange();
        answer.respond(new Answer(status, Fields.NONE, ABC));
        assertEquals("answer " + status + (allowed ? " body|done" : "|done"), answer.wire.toString());

        TestExchange head = new TestExchange();
        head.head = true;
        head.respond(status, Fields.NONE, head.owned("abc"));
        assertEquals("head " + status + " [] " + length + " none|done", head.wire.toString());
        assertEquals(0, head.leaks());
    }

    @ParameterizedTest
    @ValueSource(ints = {Integer.MIN_VALUE, -1, 0, 1, 99, 100, 101, 103, 199, 1000, 1001, 65_536, Integer.MAX_VALUE})
    void anApplicationMayOnlySendAFinalStatus(int status) {
        TestExchange exchange = new TestExchange();
        assertFalse(exchange.start(status, TestExchange.bytes("A: b\r\n")));
        assertEquals("answer 503 body|done", exchange.wire.toString());
        assertEquals(List.of("error application sent the status " + status), exchange.log);
    }

    @ParameterizedTest
    @CsvSource({"100, false", "101, false", "102, true", "103, true", "150, true", "199, true", "99, false",
        "200, false", "0, false", "-1, false"})
    void interimResponses(int status, boolean sent) {
        TestExchange exchange = new TestExchange();
        exchange.interim(status, Fields.NONE);
        assertEquals(sent ? "interim " + status + "|" : "", exchange.wire.toString());
        assertEquals(0, exchange.status(), "the response is still to come");
        assertFalse(exchange.isStarted());
        exchange.abort();
        exchange.interim(status, Fields.NONE);
        assertTrue(exchange.wire.toString().endsWith("cut"));
    }

    static IntStream all() {
        return IntStream.range(0, 1000);
    }

    @ParameterizedTest
    @MethodSource("all")
    void pagesOfErrors(int status) {
        ErrorPages pages = new ErrorPages();
        Answer page = pages.of(status);
        String number = String.format("%03d", status);
        assertEquals("<!DOCTYPE html><title>Error " + number + "</title><p>Error " + number + ".\r\n",
            new String(page.body(), StandardCharsets.ISO_8859_1));
        assertEquals(54, page.body().length);
        assertEquals(status, page.status());
        assertEquals("Content-Type: text/html", page.fields().name(0) + ": " + page.fields().value(0));
        assertEquals(1, page.fields().size());
        assertSame(page, pages.of(status), "made once");
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 1000, Integer.MAX_VALUE, Integer.MIN_VALUE})
    void whatIsNoStatusIsA500(int status) {
        assertEquals(500, new ErrorPages().of(status).status());
    }

    @Test
    void anAnswerCarriesWhatAProtocolHasPrepared() {
        Answer answer = new Answer(200, Fields.of("A", "b"), ABC);
        Object nothing = answer.prepared();
        Object value = new Object();
        answer.prepared(value);
        assertSame(value, answer.prepared());
        assertFalse(nothing == null, "never null");
        assertSame(ABC, answer.body());
        assertEquals("A", answer.fields().name(0).toString());
    }

    /** Lengths told and lengths sent: parts, separated by commas, and what goes on the wire. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        # length | parts   | wire behind the head
        -1       | a,b,c   | data a;flush;data b;flush;data c;end;done
        -1       | _,_,a   | flush;flush;data a;end;done
        -1       | a,_     | data a;flush;end;done
        -1       | _       | end;done
        3        | abc     | data abc;end;done
        3        | a,b,c   | data a;flush;data b;flush;data c;end;done
        3        | ab,_,c  | data ab;flush;flush;data c;end;done
        3        | abc,_   | data abc;flush;end;done
        3        | ab      | data ab;short end;done
        3        | _       | short end;done
        3        | a,_     | data a;flush;short end;done
        3        | abcd    | last;data abc;end;done
        3        | ab,cd   | data ab;flush;last;data c;end;done
        3        | abc,d   | data abc;flush;last;end;done
        3        | abc,d,e | data abc;flush;last;flush;last;end;done
        0        | _       | end;done
        0        | a       | last;end;done
        1        | abc     | last;data a;end;done
        """)
    void lengths(long length, String parts, String wire) {
        TestExchange exchange = new TestExchange();
        assertTrue(exchange.start(200, Fields.NONE, length));
        String[] all = parts.split(",");
        for (int i = 0; i < all.length; i++) {
            exchange.write(exchange.owned(all[i].replace("_", "")), i == all.length - 1);
        }
        assertEquals("head 200 [] " + length + "|" + wire.replace(';', '|'), exchange.wire.toString());
        exchange.write(exchange.owned("more"), true);
        assertEquals(0, exchange.leaks());
        assertTrue(exchange.isDone());
    }

    /** To HEAD the same head, whatever comes after it. */
    @ParameterizedTest
    @CsvSource({"-1, abc", "3, abc", "3, ab", "3, abcd", "0, _", "3, _"})
    void headRequests(long length, String part) {
        TestExchange exchange = new TestExchange();
        exchange.head = true;
        exchange.start(200, Fields.of("A", "b"), length);
        exchange.write(exchange.owned(part.replace("_", "")), true);
        String wire = exchange.wire.toString();
        assertTrue(wire.startsWith("head 200 [A=b] " + length + " none|"), wire);
        assertFalse(wire.contains("data"), wire);
        assertTrue(wire.endsWith("done"), wire);
        assertEquals(0, exchange.leaks());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        # size of the lines | status
        99                  | 200
        100                 | 200
        101                 | 502
        5000                | 502
        """)
    void headsOfApplicationsAreBounded(int size, int status) {
        TestExchange exchange = new TestExchange();
        String lines = "A: " + "x".repeat(size - 5) + "\r\n";
        assertEquals(status == 200, exchange.start(200, TestExchange.bytes(lines)));
        assertEquals(status, exchange.status());
        assertEquals(status == 200 ? List.of() : List.of("error application sent a response head of " + size
            + " bytes, more than \"max_response_header_size\""), exchange.log);
    }

    /** What happens with each call behind each end. */
    @ParameterizedTest
    @ValueSource(strings = {"respond", "abort", "fail", "refuse"})
    void behindTheEndNothingHappens(String end) {
        TestExchange exchange = new TestExchange();
        List<Boolean> ends = new ArrayList<>();
        exchange.onDone((e, complete) -> ends.add(complete));
        switch (end) {
            case "respond" -> exchange.respond(200, Fields.NONE, ABC);
            case "abort" -> exchange.abort();
            case "fail" -> exchange.fail(404);
            default -> exchange.refuse(400);
        }
        String wire = exchange.wire.toString();
        int status = exchange.status();
        exchange.respond(500, Fields.NONE, exchange.owned("x"));
        exchange.respond(new Answer(500, Fields.NONE, ABC));
        exchange.respond(500, Fields.NONE, ABC);
        exchange.write(exchange.owned("x"), false);
        exchange.fail(500);
        exchange.abort();
        exchange.flush();
        exchange.filter((e, head) -> Optional.empty());
        exchange.dropFilters();
        exchange.trailer(AsciiString.of("A"), AsciiString.of("b"));
        exchange.writable();
        assertFalse(exchange.start(500, Fields.NONE, 1));
        assertFalse(exchange.start(500, TestExchange.bytes("A: b\r\n")));
        assertEquals(wire, exchange.wire.toString());
        assertEquals(status, exchange.status());
        assertEquals(List.of(!end.equals("abort")), ends);
        assertEquals(0, exchange.leaks());
        assertTrue(exchange.isDone());
    }

    @Test
    void listenersHearInTheirOrderWhileTheRequestCanBeRead() {
        TestExchange exchange = new TestExchange();
        List<String> heard = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            int number = i;
            exchange.onDone((e, complete) -> heard.add(number + e.request().line().toString() + complete + e.isDone()));
        }
        exchange.start(200, Fields.NONE, -1);
        exchange.abort();
        assertEquals(List.of("0GET /p TEST/1falsefalse", "1GET /p TEST/1falsefalse", "2GET /p TEST/1falsefalse",
            "3GET /p TEST/1falsefalse"), heard);
    }

    @Test
    void anErrorWhileAnErrorIsMadeCuts() {
        TestExchange exchange = new TestExchange();
        exchange.filter((e, head) -> {
            e.fail(502);
            return Optional.empty();
        });
        exchange.fail(404);
        assertTrue(exchange.isDone());
        assertEquals("cut", exchange.wire.toString());
    }

    @Test
    void trailersComeInTheirOrder() {
        TestExchange exchange = new TestExchange();
        exchange.start(200, Fields.NONE, -1);
        exchange.trailer(AsciiString.of("B"), AsciiString.of("1"));
        exchange.write(exchange.owned("x"), false);
        exchange.trailer(AsciiString.of("A"), AsciiString.of("2"));
        exchange.write(exchange.owned(""), true);
        assertEquals("head 200 [] -1|data x|flush|end B=1 A=2|done", exchange.wire.toString());
    }
}
