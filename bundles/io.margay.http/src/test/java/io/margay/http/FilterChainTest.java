// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Filters of bodies in a row: what each makes of the parts, and that nothing gets lost, doubled or held. */
class FilterChainTest {
    private final TestExchange exchange = new TestExchange();

    private static String text(ByteBuf data) {
        return data.toString(StandardCharsets.ISO_8859_1);
    }

    /** What a letter stands for in the tables of this class. */
    private static BodyFilter filter(char kind) {
        return switch (kind) {
            // Passes on what comes.
            case 'p' -> (data, last, out) -> out.write(data.retain(), last);
            // Makes capitals.
            case 'u' -> (data, last, out) -> out.write(
                TestExchange.bytes(text(data).toUpperCase(java.util.Locale.ROOT)), last);
            // One part for each byte, and an empty last one.
            case 's' -> (data, last, out) -> {
                for (int i = 0; i < data.readableBytes(); i++) {
                    out.write(data.retainedSlice(data.readerIndex() + i, 1), false);
                }
                if (last) {
                    out.write(Unpooled.EMPTY_BUFFER, true);
                }
            };
            // Everything in one part at the end.
            case 'c' -> collecting();
            // Doubles each byte.
            case 'd' -> (data, last, out) -> out.write(TestExchange.bytes(text(data).replaceAll("(?s)(.)", "$1$1")),
                last);
            // Swallows the body.
            case 'n' -> (data, last, out) -> out.write(Unpooled.EMPTY_BUFFER, last);
            // Brackets around all.
            case 'b' -> bracketing();
            default -> throw new IllegalArgumentException(String.valueOf(kind));
        };
    }

    private static BodyFilter collecting() {
        StringBuilder all = new StringBuilder();
        return (data, last, out) -> {
            all.append(text(data));
            out.write(last ? TestExchange.bytes(all.toString()) : Unpooled.EMPTY_BUFFER, last);
        };
    }

    private static BodyFilter bracketing() {
        boolean[] begun = {false};
        return (data, last, out) -> {
            if (!begun[0]) {
                begun[0] = true;
                out.write(TestExchange.bytes("("), false);
            }
            out.write(data.retain(), false);
            if (last) {
                out.write(TestExchange.bytes(")"), true);
            }
        };
    }

    /** The last added is the first that sees the body. */
    private void add(String kinds) {
        for (char kind : new StringBuilder(kinds).reverse().toString().toCharArray()) {
            exchange.filter((e, head) -> Optional.of(filter(kind)));
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        # filters | parts  | data on the wire
        p         | abc    | abc
        p         | a,b,c  | a b c
        ppp       | a,b,c  | a b c
        u         | a,b    | A B
        s         | abc    | a b c
        s         | _      | -
        s         | ab,c   | a b c
        c         | a,b,c  | abc
        c         | _,_    | -
        d         | ab,c   | aabb cc
        n         | a,b    | -
        b         | ab     | ( ab )
        b         | _      | ( )
        b         | a,b    | ( a b )
        ud        | ab     | AABB
        du        | ab     | AABB
        sc        | abc    | abc
        cs        | a,bc   | a b c
        bc        | a,b    | (ab)
        cb        | a,b    | ( ab )
        bd        | a      | (( aa ))
        db        | a      | ( aa )
        bb        | a      | ( ( a ) )
        sd        | ab     | aa bb
        ds        | ab     | a a b b
        nb        | a,b    | ( )
        bn        | a,b    | -
        sbuc      | ab     | (AB)
        """)
    void inARow(String kinds, String parts, String expected) {
        add(kinds);
        assertTrue(exchange.start(200, Fields.NONE, -1));
        String[] all = parts.split(",");
        for (int i = 0; i < all.length; i++) {
            exchange.write(exchange.owned(all[i].replace("_", "")), i == all.length - 1);
        }
        assertEquals(expected.equals("-") ? "" : expected, data(exchange.wire.toString()));
        assertTrue(exchange.wire.toString().endsWith("end|done"), exchange.wire::toString);
        assertEquals(0, exchange.leaks());
        assertEquals(List.of(), exchange.log);
    }

    /** {@code R} replaces the body by {@code new}: filters before it see nothing of that, those behind it do. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        # filters | status | parts  | length | data on the wire
        R         | 404    | abc    | 3      | new
        R         | 502    | a,b,c  | 3      | new
        R         | 200    | _      | 3      | new
        uR        | 404    | a,b    | 3      | new
        Ru        | 404    | a,b    | -1     | NEW
        RR        | 404    | a,b    | 3      | new
        bRd       | 404    | a,b    | -1     | nneeww
        """)
    void anotherBody(String kinds, int status, String parts, long length, String expected) {
        for (boolean whole : List.of(false, true)) {
            for (boolean head : List.of(false, true)) {
                TestExchange exchange = new TestExchange();
                exchange.head = head;
                List<Boolean> closed = new ArrayList<>();
                for (char kind : new StringBuilder(kinds).reverse().toString().toCharArray()) {
                    exchange.filter((e, made) -> {
                        if (kind == 'R') {
                            assertFalse(made.isErrorPage());
                            made.replace(AsciiString.of("text/x"), TestExchange.bytes("new"), Optional.empty());
                            return Optional.empty();
                        }
                        return Optional.of(closing(filter(kind), closed));
                    });
                }
                Fields fields = Fields.of("ETag", "x", "content-type", "a/b", "Content-Encoding", "gzip", "Allow",
                    "GET");
                if (whole) {
                    exchange.respond(status, fields, exchange.owned(parts));
                } else {
                    assertTrue(exchange.start(status, fields, -1));
                    String[] all = parts.split(",");
                    exchange.trailer(AsciiString.of("T"), AsciiString.of("v"));
                    for (int i = 0; i < all.length; i++) {
                        exchange.write(exchange.owned(all[i].replace("_", "")), i == all.length - 1);
                    }
                }
                String wire = exchange.wire.toString();
                assertTrue(wire.startsWith("head " + status + " [Allow=GET, Content-Type=text/x] " + length), wire);
                assertTrue(wire.endsWith(head ? "done" : "end|done"), wire);
                assertEquals(head ? "" : expected, data(wire));
                assertEquals(kinds.chars().filter(c -> c != 'R').count(), closed.size());
                assertEquals(0, exchange.leaks());
                assertEquals(List.of(), exchange.log);
            }
        }
    }

    private static BodyFilter closing(BodyFilter filter, List<Boolean> closed) {
        return new BodyFilter() {
            @Override
            public void write(ByteBuf data, boolean last, BodySink out) {
                filter.write(data, last, out);
            }

            @Override
            public void close() {
                closed.add(true);
            }
        };
    }

    private static String data(String wire) {
        List<String> data = new ArrayList<>();
        for (String item : wire.split("\\|")) {
            if (item.startsWith("data ")) {
                data.add(item.substring(5));
            }
        }
        return String.join(" ", data);
    }

    @Test
    void aStatusWithoutBodyHasNoOther() {
        exchange.filter((e, made) -> {
            made.replace(AsciiString.of("text/x"), Unpooled.EMPTY_BUFFER, Optional.empty());
            return Optional.empty();
        });
        exchange.respond(304, Fields.NONE, new byte[0]);
        assertTrue(exchange.wire.toString().startsWith("answer 500"), exchange.wire::toString);
    }

    /** The length that was told is not that of what comes out. */
    @ParameterizedTest
    @ValueSource(strings = {"p", "d", "n", "sc"})
    void aFilteredBodyHasNoLength(String kinds) {
        add(kinds);
        exchange.start(200, TestExchange.bytes("Content-Length: 3\r\nA: b\r\n"));
        exchange.write(exchange.owned("abc"), true);
        assertTrue(exchange.wire.toString().startsWith("head 200 [A=b] -1|"), exchange.wire::toString);
        assertTrue(exchange.wire.toString().endsWith("end|done"));
        assertEquals(0, exchange.leaks());
    }

    @Test
    void anyFiltersAndAnyPartsComeToTheSame() {
        Random random = new Random(6);
        for (int round = 0; round < 2_000; round++) {
            TestExchange each = new TestExchange();
            StringBuilder kinds = new StringBuilder();
            for (int n = 1 + random.nextInt(4); n > 0; n--) {
                kinds.append("pscu".charAt(random.nextInt(4)));
            }
            for (char kind : kinds.toString().toCharArray()) {
                each.filter((e, head) -> Optional.of(filter(kind)));
            }
            each.start(200, Fields.NONE, -1);
            StringBuilder sent = new StringBuilder();
            for (int n = random.nextInt(5); n >= 0; n--) {
                String part = "abcdefgh".substring(0, random.nextInt(8));
                sent.append(part);
                each.write(each.owned(part), n == 0);
            }
            StringBuilder received = new StringBuilder();
            for (String item : each.wire.toString().split("\\|")) {
                received.append(item.startsWith("data ") ? item.substring(5) : "");
            }
            boolean upper = kinds.indexOf("u") >= 0;
            assertEquals(upper ? sent.toString().toUpperCase(java.util.Locale.ROOT) : sent.toString(),
                received.toString(), kinds::toString);
            assertEquals(0, each.leaks());
        }
    }

    /** A fault of one in a row: where it stands, and after how many parts. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        # before | behind | good parts before the fault
        -        | -      | 0
        -        | -      | 1
        p        | -      | 0
        -        | p      | 0
        p        | p      | 2
        s        | c      | 1
        c        | s      | 0
        """)
    void aFaultInTheRowCuts(String before, String behind, int good) {
        List<String> closed = new ArrayList<>();
        int[] seen = {0};
        if (!behind.equals("-")) {
            add(behind);
        }
        exchange.filter((e, head) -> Optional.of(new BodyFilter() {
            @Override
            public void write(ByteBuf data, boolean last, BodySink out) {
                if (data.isReadable() && seen[0]++ >= good) {
                    throw new IllegalStateException("broken");
                }
                out.write(data.retain(), last);
            }

            @Override
            public void close() {
                closed.add("closed");
            }
        }));
        if (!before.equals("-")) {
            add(before);
        }
        exchange.start(200, Fields.NONE, -1);
        for (int i = 0; i < 5; i++) {
            exchange.write(exchange.owned("x"), i == 4);
        }
        assertTrue(exchange.wire.toString().endsWith("cut"), exchange.wire::toString);
        assertFalse(exchange.wire.toString().contains("end"), exchange.wire::toString);
        assertEquals(List.of("closed"), closed);
        assertEquals(0, exchange.leaks());
        assertEquals(1, exchange.log.size(), exchange.log::toString);
        assertTrue(exchange.log.getFirst().startsWith("alert a response filter of io.margay.http failed: "));
    }

    @Test
    void eachIsClosedOnceOnEachWay() {
        for (String way : List.of("end", "abort", "fail")) {
            TestExchange each = new TestExchange();
            List<String> closed = new ArrayList<>();
            for (String name : List.of("1", "2", "3")) {
                each.filter((e, head) -> Optional.of(new BodyFilter() {
                    @Override
                    public void write(ByteBuf data, boolean last, BodySink out) {
                        out.write(data.retain(), last);
                    }

                    @Override
                    public void close() {
                        closed.add(name);
                    }
                }));
            }
            each.start(200, Fields.NONE, -1);
            each.write(each.owned("x"), false);
            switch (way) {
                case "end" -> each.write(each.owned("y"), true);
                case "abort" -> each.abort();
                default -> each.fail(500);
            }
            each.abort();
            assertEquals(List.of("3", "2", "1"), closed, way);
            assertEquals(0, each.leaks());
        }
    }

    /** A filter without a body may change the head, and sees what those added later have made of it. */
    @Test
    void headsAreHandedOn() {
        List<String> seen = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            int number = i;
            exchange.filter((e, head) -> {
                seen.add(number + ":" + head.status() + ":" + head.size() + ":" + head.contentLength());
                head.status(head.status() + 1);
                head.add(AsciiString.of("N" + number), AsciiString.of("x"));
                return Optional.empty();
            });
        }
        exchange.respond(200, Fields.of("A", "b"), exchange.owned("abc"));
        assertEquals(List.of("2:200:1:3", "1:201:2:3", "0:202:3:3"), seen);
        assertEquals("head 203 [A=b, N2=x, N1=x, N0=x] 3|data abc|end|done", exchange.wire.toString());
        assertEquals(203, exchange.status());
    }

    /** One that makes 204 of a response takes its body away. */
    @ParameterizedTest
    @ValueSource(ints = {204, 304})
    void aFilterMayTakeTheBody(int status) {
        exchange.filter((e, head) -> {
            head.status(status);
            return Optional.empty();
        });
        exchange.respond(200, Fields.NONE, exchange.owned("abc"));
        assertEquals("head " + status + " [] -1 none|done", exchange.wire.toString());
        assertEquals(0, exchange.leaks());
    }
}
