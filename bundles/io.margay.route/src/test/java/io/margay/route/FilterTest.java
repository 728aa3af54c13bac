// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.conf.Conf;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfString;
import io.margay.http.BodyFilter;
import io.margay.http.Exchange;
import io.margay.http.Fields;
import io.margay.http.ResponseHead;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Filters in their order, and filters that do what they must not. */
class FilterTest {
    private static final String REQUEST = "GET /x HTTP/1.1\r\nHost: h\r\n\r\n";
    private static final Extensions.Origin BAD = new Extensions.Origin(7, "bad.bundle");

    private final List<String> events = new ArrayList<>();

    /** Notes its halves, with the value of its option. */
    private FilterFactory noting(String option, FilterFactory.Scope scope, int order, boolean lasts) {
        return factory(option, scope, order, text -> new Filter() {
            @Override
            public boolean lasts() {
                return lasts;
            }

            @Override
            public void request(Exchange exchange, Action next) {
                events.add(text + " in");
                if (text.equals("deny")) {
                    exchange.fail(403);
                } else {
                    next.run(exchange);
                }
            }

            @Override
            public Optional<BodyFilter> response(Exchange exchange, ResponseHead head) {
                events.add(text + " out");
                return Optional.empty();
            }
        });
    }

    private static FilterFactory factory(String option, FilterFactory.Scope scope, int order,
                                         Function<String, Filter> compile) {
        return new FilterOf(option, scope, order, value -> compile.apply(((ConfString) value).value()));
    }

    private Site site(String listener, String steps) {
        return new Site("{'listeners': {'*:80': {'pass': 'routes'" + listener + "}}, 'routes': [" + steps + "]}",
            Site.extensions().add(noting("one", FilterFactory.Scope.ACTION, 1, true), BAD)
                .add(noting("two", FilterFactory.Scope.ACTION, 2, false), BAD)
                .add(noting("three", FilterFactory.Scope.ACTION, 3, true), BAD)
                .add(noting("outer", FilterFactory.Scope.LISTENER, 1, true), BAD));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "``|'three': 'c', 'one': 'a', 'two': 'b'|200|a in, b in, c in, c out, b out, a out",
        ", 'outer': 'o'|'one': 'a'|200|o in, a in, a out, o out",
        ", 'outer': 'o'|'rewrite': '/y'|200|o in, o out",
        "``|'one': 'a', 'two': 'deny', 'three': 'c'|403|a in, deny in, deny out, a out",
        ", 'outer': 'deny'|'one': 'a'|403|deny in, deny out"})
    void requestsInOrderResponsesInReverse(String listener, String options, int status, String expected) {
        Site site = site(listener, "{'action': {'text': 't', " + options + "}}");
        assertEquals(Integer.toString(status), site.ask(REQUEST).substring(9, 12));
        assertEquals(List.of(expected.split(", ")), events);
        assertEquals(List.of(), site.lines());
    }

    @Test
    void whatDoesNotLastEndsWithItsAction() {
        Site site = new Site("{'listeners': {'*:80': {'pass': 'routes/a', 'outer': 'o'}}, 'routes': {'a': [{'action': "
            + "{'pass': 'routes/b', 'one': 'lasts', 'two': 'ends'}}], 'b': [{'action': {'text': 't', 'three': 'c'}}]}}",
            Site.extensions().add(noting("one", FilterFactory.Scope.ACTION, 1, true), BAD)
                .add(noting("two", FilterFactory.Scope.ACTION, 2, false), BAD)
                .add(noting("three", FilterFactory.Scope.ACTION, 3, true), BAD)
                .add(noting("outer", FilterFactory.Scope.LISTENER, 1, true), BAD));
        site.ask(REQUEST);
        assertEquals(List.of("o in", "lasts in", "ends in", "c in", "c out", "lasts out", "o out"), events);
    }

    private static void ok(Exchange exchange) {
        exchange.respond(202, Fields.NONE, "mine".getBytes(StandardCharsets.US_ASCII));
    }

    private static final Map<String, BiConsumer<Exchange, Action>> MISUSES = Map.of(
        "throws", (e, next) -> {
            throw new IllegalStateException("oh");
        }, "links", (e, next) -> {
            throw new NoClassDefFoundError("oh");
        }, "passes and throws", (e, next) -> {
            next.run(e);
            throw new IllegalStateException("oh");
        }, "answers and throws", (e, next) -> {
            ok(e);
            throw new IllegalStateException("oh");
        }, "starts and throws", (e, next) -> {
            e.start(200, Fields.NONE, 10);
            e.write(Unpooled.wrappedBuffer(new byte[] {'h'}), false);
            throw new IllegalStateException("oh");
        }, "answers and passes", (e, next) -> {
            ok(e);
            next.run(e);
        }, "passes twice", (e, next) -> {
            next.run(e);
            next.run(e);
        }, "passes and answers", (e, next) -> {
            next.run(e);
            ok(e);
        });

    private Site misuse(BiConsumer<Exchange, Action> request) {
        return new Site("{'listeners': {'*:80': {'pass': 'routes'}}, 'routes': [{'action': {'text': 't', 'f': ''}}]}",
            Site.extensions().add(factory("f", FilterFactory.Scope.ACTION, 1, text -> new Filter() {
                @Override
                public void request(Exchange exchange, Action next) {
                    request.accept(exchange, next);
                }
            }), BAD));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "throws|500|failed with a request: java.lang.IllegalStateException: oh",
        "links|500|failed with a request: java.lang.NoClassDefFoundError: oh",
        "passes and throws|200|failed with a request: java.lang.IllegalStateException: oh",
        "answers and throws|202|failed with a request: java.lang.IllegalStateException: oh",
        "starts and throws|0|failed with a request: java.lang.IllegalStateException: oh",
        "answers and passes|202|answered a request and passed it on",
        "passes twice|200|passed a request on although it had ended it or passed it on before",
        "passes and answers|200|''"})
    void misuseEndsTheRequestOnceAndIsNamed(String what, int status, String line) {
        Site site = misuse(MISUSES.get(what));
        EmbeddedChannel channel = site.send(REQUEST);
        String answer = Site.received(channel);
        assertEquals(status == 0 ? "" : "HTTP/1.1 " + status, answer.substring(0, Math.min(12, answer.length())));
        assertEquals(answer.lastIndexOf("HTTP/1.1 "), answer.indexOf("HTTP/1.1 "), answer);
        assertEquals(!what.startsWith("starts"), channel.isOpen(), "a response that has begun is cut");
        assertEquals(line.isEmpty() ? List.of() : List.of("alert \"f\" of the bundle bad.bundle " + line),
            site.lines());
        channel.finishAndReleaseAll();
    }

    @Test
    void aFaultInFrontOfManyRequestsFillsNoLog() {
        Site site = misuse(MISUSES.get("throws"));
        for (int i = 0; i < 50; i++) {
            assertEquals("500", site.get("/"));
        }
        assertTrue(site.lines().size() < 10, site.lines().toString());
    }

    @Test
    void faultsBehindAFilterAreNotItsOwn() {
        ActionFactory bad = new ActionFactory() {
            @Override
            public String option() {
                return "bad";
            }

            @Override
            public Set<String> options() {
                return Set.of("bad");
            }

            @Override
            public Action compile(ConfObject action, RouteCompiler compiler) {
                return exchange -> {
                    throw new IllegalStateException("oh");
                };
            }
        };
        Site site = new Site("{'listeners': {'*:80': {'pass': 'routes'}}, 'routes': [{'action': {'bad': 1, 'one': 'a'}}"
            + "]}", Site.extensions().add(bad, BAD).add(noting("one", FilterFactory.Scope.ACTION, 1, true),
                Site.ORIGIN));
        assertEquals("500", site.get("/"));
        assertEquals(List.of("alert \"bad\" of the bundle bad.bundle failed: java.lang.IllegalStateException: oh"),
            site.lines());
        assertEquals(List.of("a in", "a out"), events);
    }

    @Test
    void passesOnLater() {
        List<Runnable> later = new ArrayList<>();
        Site site = misuse((e, next) -> later.add(() -> next.run(e)));
        EmbeddedChannel channel = site.send(REQUEST);
        assertEquals("", Site.received(channel));
        later.getFirst().run();
        assertTrue(Site.received(channel).endsWith("t /x"));
        channel.advanceTimeBy(2, TimeUnit.MINUTES);
        channel.runScheduledPendingTasks();
        assertEquals("", Site.received(channel));
        later.getFirst().run();
        assertEquals(List.of("alert \"f\" of the bundle bad.bundle passed a request on although it had ended it or "
            + "passed it on before"), site.lines());
        channel.finishAndReleaseAll();
    }

    @Test
    void neverPassesOn() {
        List<Runnable> later = new ArrayList<>();
        Site site = misuse((e, next) -> later.add(() -> next.run(e)));
        EmbeddedChannel channel = site.send(REQUEST);
        channel.advanceTimeBy(61, TimeUnit.SECONDS);
        channel.runScheduledPendingTasks();
        assertEquals("500", Site.received(channel).substring(9, 12));
        assertEquals(List.of("alert \"f\" of the bundle bad.bundle neither answered a request nor passed it on within "
            + "60 seconds"), site.lines());
        later.getFirst().run();
        assertEquals("", Site.received(channel));
        channel.finishAndReleaseAll();
    }

    @Test
    void theClientLeavesMeanwhile() {
        List<Runnable> later = new ArrayList<>();
        Site site = misuse((e, next) -> later.add(() -> next.run(e)));
        EmbeddedChannel channel = site.send(REQUEST);
        channel.close();
        later.getFirst().run();
        channel.advanceTimeBy(61, TimeUnit.SECONDS);
        channel.runScheduledPendingTasks();
        assertEquals(List.of(), site.lines());
        channel.finishAndReleaseAll();
    }

    @Test
    void bodyFilterAndFaultsInResponses() {
        FilterFactory upper = factory("upper", FilterFactory.Scope.ACTION, 1, text -> new Filter() {
            @Override
            public Optional<BodyFilter> response(Exchange exchange, ResponseHead head) {
                if (text.equals("throw")) {
                    throw new IllegalStateException("oh");
                }
                head.set(AsciiString.of("X-Upper"), AsciiString.of("yes"));
                return Optional.of((data, last, out) -> out.write(Unpooled.copiedBuffer(
                    data.toString(StandardCharsets.US_ASCII).toUpperCase(), StandardCharsets.US_ASCII), last));
            }
        });
        Extensions.Builder extensions = Site.extensions().add(upper, BAD);
        String answer = new Site("{'listeners': {'*:80': {'pass': 'routes'}}, 'routes': [{'action': {'text': 'abc', "
            + "'upper': 'yes'}}]}", extensions).ask(REQUEST);
        assertTrue(answer.contains("X-Upper: yes\r\n") && answer.contains("ABC /X"), answer);
        assertFalse(answer.contains("Content-Length"), answer);
        Site bad = new Site("{'listeners': {'*:80': {'pass': 'routes'}}, 'routes': [{'action': {'text': 'abc', "
            + "'upper': 'throw'}}]}", extensions);
        assertEquals("500", bad.get("/"));
        assertEquals(List.of("alert \"upper\" of the bundle bad.bundle failed with a response: "
            + "java.lang.IllegalStateException: oh"), bad.lines());
    }

    @Test
    void observersHearOfEachEndOnce() {
        ObserverFactory observing = new ObserverFactory() {
            @Override
            public String pointer() {
                return "/seen";
            }

            @Override
            public Optional<Observer> compile(Optional<Conf> value, SectionContext context) {
                return value.map(v -> (exchange, complete) -> {
                    events.add(exchange.request().path() + " " + exchange.status() + " " + complete);
                    throw new IllegalStateException("and throws");
                });
            }
        };
        Extensions.Builder extensions = Site.extensions().add(observing, BAD);
        String rest = "'listeners': {'*:80': {'pass': 'routes'}}, 'routes': [{'match': {'uri': '/a'}, 'action': "
            + "{'text': 't'}}]}";
        Site site = new Site("{'seen': true, " + rest, extensions);
        site.get("/a");
        site.get("/b");
        assertEquals(List.of("/a 200 true", "/b 404 true"), events);
        assertEquals(List.of("alert \"/seen\" of the bundle bad.bundle failed: "
            + "java.lang.IllegalStateException: and throws"), site.lines());
        events.clear();
        new Site("{" + rest, extensions).get("/a");
        assertEquals(List.of(), events);
    }
}
