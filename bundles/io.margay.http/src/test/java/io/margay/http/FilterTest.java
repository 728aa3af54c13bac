// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.DefaultFileRegion;
import io.netty.util.AsciiString;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Filters of responses: order, bodies, and that their faults concern nobody else. */
class FilterTest {
    private static final byte[] ABC = "abc".getBytes(StandardCharsets.ISO_8859_1);

    private final TestExchange exchange = new TestExchange();

    /** Adds a field, and marks each part of the body. */
    private static ResponseFilter marking(String mark, List<String> closed) {
        return (e, head) -> {
            head.add(AsciiString.of("X"), AsciiString.of(mark));
            return Optional.of(new BodyFilter() {
                @Override
                public void write(ByteBuf data, boolean last, BodySink out) {
                    out.write(TestExchange.bytes(mark), false);
                    out.write(data.retain(), last);
                }

                @Override
                public void close() {
                    closed.add(mark);
                }
            });
        };
    }

    private static ResponseFilter body(BodyFilter filter) {
        return (e, head) -> Optional.of(filter);
    }

    @Test
    void theLastAddedSeesTheResponseFirst() {
        List<String> closed = new ArrayList<>();
        exchange.filter(marking("1", closed));
        exchange.filter(marking("2", closed));
        exchange.respond(200, Fields.of("A", "b"), exchange.owned("abc"));
        assertEquals("head 200 [A=b, X=2, X=1] -1|data 1|data 2|data 1|data abc|end|done", exchange.wire.toString());
        assertEquals(List.of("2", "1"), closed);
        assertEquals(0, exchange.leaks());
    }

    @Test
    void filtersOfAnActionGoWithIt() {
        List<String> closed = new ArrayList<>();
        exchange.filter(marking("1", closed));
        ResponseFilter second = marking("2", closed);
        exchange.filter(new ResponseFilter() {
            @Override
            public Optional<BodyFilter> response(Exchange e, ResponseHead head) {
                return second.response(e, head);
            }

            @Override
            public boolean lasts() {
                return false;
            }
        });
        exchange.dropFilters();
        exchange.filter(marking("3", closed));
        exchange.respond(204, Fields.NONE, ABC);
        assertEquals("head 204 [X=3, X=1] -1 none|done", exchange.wire.toString());
        assertEquals(List.of("3", "1"), closed);
    }

    @Test
    void withoutFiltersOfTheBodyTheLengthStays() {
        exchange.filter((e, head) -> {
            head.status(201);
            return Optional.empty();
        });
        exchange.respond(200, Fields.NONE, ABC);
        assertEquals("head 201 [] 3|data abc|end|done", exchange.wire.toString());
        assertEquals(201, exchange.status());
    }

    @Test
    void answersThatWereMadeBeforePassFiltersToo() {
        exchange.filter(marking("1", new ArrayList<>()));
        exchange.respond(new Answer(200, Fields.NONE, ABC));
        assertEquals("head 200 [X=1] -1|data 1|data abc|end|done", exchange.wire.toString());
    }

    @Test
    void headRequestsSendNothingThroughFilters() {
        exchange.head = true;
        exchange.filter(marking("1", new ArrayList<>()));
        exchange.respond(200, Fields.NONE, exchange.owned("abc"));
        assertEquals("head 200 [X=1] -1 none|done", exchange.wire.toString());
        assertEquals(0, exchange.leaks());
    }

    /** Everything that a filter can do wrong with the head. */
    static Stream<ResponseFilter> wrongWithTheHead() {
        return Stream.of(
            (e, head) -> {
                throw new IllegalStateException("broken");
            },
            (e, head) -> {
                throw new NoClassDefFoundError("gone");
            },
            (e, head) -> {
                e.fail(404);
                return Optional.empty();
            },
            (e, head) -> {
                e.respond(200, Fields.NONE, new byte[0]);
                return Optional.empty();
            },
            (e, head) -> {
                head.add(AsciiString.of("a b"), AsciiString.of("c"));
                return Optional.empty();
            },
            (e, head) -> {
                head.set(AsciiString.of("a"), AsciiString.of("c\r\nd: e"));
                return Optional.empty();
            },
            (e, head) -> {
                head.status(100);
                return Optional.empty();
            },
            (e, head) -> null);
    }

    @ParameterizedTest
    @MethodSource("wrongWithTheHead")
    void aFaultWithTheHeadIsA500(ResponseFilter wrong) {
        List<String> closed = new ArrayList<>();
        exchange.filter(wrong);
        exchange.filter(marking("1", closed));
        exchange.respond(200, Fields.NONE, exchange.owned("abc"));
        assertEquals("answer 500 body|done", exchange.wire.toString());
        assertEquals(List.of("1"), closed);
        assertEquals(0, exchange.leaks());
        assertEquals(1, exchange.log.size());
        assertTrue(exchange.log.get(0).startsWith("alert a response filter of io.margay.http failed: "),
            exchange.log.get(0));
    }

    @Test
    void aFaultThatWasReportedIsNotToldTwice() {
        exchange.filter((e, head) -> {
            throw new ReportedException(new IllegalStateException());
        });
        exchange.fail(404);
        assertEquals("answer 500 body|done", exchange.wire.toString());
        assertEquals(List.of(), exchange.log);
    }

    @Test
    void aFilterMayCutTheResponse() {
        exchange.filter((e, head) -> {
            e.abort();
            return Optional.empty();
        });
        exchange.respond(200, Fields.NONE, exchange.owned("abc"));
        assertEquals("cut", exchange.wire.toString());
        assertEquals(0, exchange.leaks());
    }

    /** Everything that a filter can do wrong with the body. */
    static Stream<BodyFilter> wrongWithTheBody() {
        return Stream.of(
            (data, last, out) -> {
                throw new IllegalStateException("broken");
            },
            (data, last, out) -> {
                out.write(data.retain(), false);
                throw new IllegalStateException("broken behind a part");
            },
            (data, last, out) -> {
                // Never passes anything on.
            },
            (data, last, out) -> out.write(data.retain(), false),
            (data, last, out) -> {
                out.write(data.retain(), true);
                out.write(data.retain(), true);
                throw new StackOverflowError();
            });
    }

    @ParameterizedTest
    @MethodSource("wrongWithTheBody")
    void aFaultWithTheBodyCutsTheResponse(BodyFilter wrong) {
        List<String> closed = new ArrayList<>();
        exchange.filter(marking("1", closed));
        exchange.filter(body(wrong));
        exchange.start(200, Fields.NONE, -1);
        exchange.write(exchange.owned("abc"), false);
        exchange.write(exchange.owned("def"), true);
        exchange.write(exchange.owned("ghi"), true);
        String wire = exchange.wire.toString();
        boolean whole = wire.endsWith("end|done");
        assertTrue(wire.endsWith("cut") || whole && wire.contains("abc"), wire);
        assertEquals(0, exchange.leaks());
        assertEquals(List.of("1"), closed);
        assertEquals(whole ? 0 : 1, exchange.log.size(), exchange.log.toString());
        assertTrue(exchange.isDone());
    }

    @Test
    void closingThatFailsIsTold() {
        exchange.filter(body(new BodyFilter() {
            @Override
            public void write(ByteBuf data, boolean last, BodySink out) {
                out.write(data.retain(), last);
            }

            @Override
            public void close() {
                throw new IllegalStateException("cannot close");
            }
        }));
        exchange.respond(200, Fields.NONE, ABC);
        assertEquals("head 200 [] -1|data abc|end|done", exchange.wire.toString());
        assertEquals(1, exchange.log.size());
    }

    private void file(Path directory, int size, Consumer<TestExchange> before) throws IOException {
        Path path = Files.write(directory.resolve("file"), new byte[size]);
        before.accept(exchange);
        exchange.respond(200, Fields.NONE, new DefaultFileRegion(FileChannel.open(path), 0, size));
    }

    @Test
    void filesAreSentByTheKernelUnlessAFilterWantsThem(@TempDir Path directory) throws IOException {
        file(directory, 200_000, e -> e.filter((x, head) -> Optional.empty()));
        assertEquals("head 200 [] 200000|file 200000|end|done", exchange.wire.toString());
    }

    @Test
    void filesBecomeBuffersForFilters(@TempDir Path directory) throws IOException {
        long[] seen = {0, 0};
        file(directory, 200_000, e -> e.filter(body((data, last, out) -> {
            seen[0] += data.readableBytes();
            seen[1]++;
            out.write(last ? TestExchange.bytes("x") : Unpooled.EMPTY_BUFFER, last);
        })));
        assertEquals("head 200 [] -1|data x|end|done", exchange.wire.toString());
        assertEquals(200_000, seen[0]);
        assertEquals(4, seen[1]);
    }

    @Test
    void filesWaitForTheClient(@TempDir Path directory) throws IOException {
        file(directory, 70_000, e -> {
            e.writable = false;
            e.filter(body((data, last, out) ->
                out.write(last ? TestExchange.bytes("x") : Unpooled.EMPTY_BUFFER, last)));
        });
        assertEquals("head 200 [] -1|flush|", exchange.wire.toString());
        exchange.writable = true;
        exchange.writable();
        assertEquals("head 200 [] -1|flush|data x|end|done", exchange.wire.toString());
    }

    @Test
    void aFileThatHasBecomeShorterCutsTheResponse(@TempDir Path directory) throws IOException {
        Path path = Files.write(directory.resolve("file"), new byte[10]);
        exchange.filter(body((data, last, out) -> out.write(data.retain(), last)));
        exchange.respond(200, Fields.NONE, new DefaultFileRegion(FileChannel.open(path), 0, 20));
        assertTrue(exchange.wire.toString().endsWith("cut"), exchange.wire.toString());
        assertEquals(1, exchange.log.size());
    }
}
