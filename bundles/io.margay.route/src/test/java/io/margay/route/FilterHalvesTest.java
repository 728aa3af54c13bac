// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.conf.ConfArray;
import io.margay.conf.ConfString;
import io.margay.http.BodyFilter;
import io.margay.http.Exchange;
import io.margay.http.Fields;
import io.margay.http.ResponseHead;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.AsciiString;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The halves of filters, on routes of several actions; each filter is told by words what to do. */
class FilterHalvesTest {
    private final List<String> events = new ArrayList<>();
    private Optional<Runnable> later = Optional.empty();

    /**
     * A filter that does what the words of its option say: {@code request}, {@code response} or {@code both} halves,
     * {@code leaves} with its action, {@code answers}, {@code waits}, {@code passes twice}...
     */
    private final class Told implements Filter {
        private final String name;
        private final List<String> words;

        Told(String name, List<String> words) {
            this.name = name;
            this.words = words;
        }

        @Override
        public Half half() {
            return words.contains("request") ? Half.REQUEST : words.contains("response") ? Half.RESPONSE : Half.BOTH;
        }

        @Override
        public boolean lasts() {
            return !words.contains("leaves");
        }

        @Override
        public void request(Exchange exchange, Action next) {
            events.add(name + ">");
            if (words.contains("answers")) {
                exchange.respond(201, Fields.NONE, new byte[0]);
            } else if (words.contains("waits")) {
                later = Optional.of(() -> next.run(exchange));
            } else if (words.contains("answers later")) {
                later = Optional.of(() -> exchange.fail(403));
            } else {
                next.run(exchange);
            }
        }

        @Override
        public Optional<BodyFilter> response(Exchange exchange, ResponseHead head) {
            events.add("<" + name);
            head.add(AsciiString.of("F"), AsciiString.of(name));
            return Optional.empty();
        }
    }

    private FilterFactory factory(String option, FilterFactory.Scope scope, int order) {
        return new FilterOf(option, scope, order, value -> new Told(option, ((ConfArray) value).elements().stream()
            .map(word -> ((ConfString) word).value()).toList()));
    }

    private Site site(String listener, String routes) {
        Extensions.Builder extensions = Site.extensions()
            .add(factory("c", FilterFactory.Scope.ACTION, 300), Site.ORIGIN)
            .add(factory("a", FilterFactory.Scope.ACTION, 100), new Extensions.Origin(2, "second"))
            .add(factory("b", FilterFactory.Scope.ACTION, 200), new Extensions.Origin(3, "third"))
            .add(factory("l", FilterFactory.Scope.LISTENER, 1), new Extensions.Origin(4, "fourth"))
            .add(factory("m", FilterFactory.Scope.LISTENER, 2), new Extensions.Origin(5, "fifth"));
        return new Site("{'listeners': {'*:80': {'pass': 'routes/main'" + listener + "}}, 'routes': {" + routes + "}}",
            extensions);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        # options of the action                          | events
        'a': []                                          | a> <a
        'a': ['request']                                 | a>
        'a': ['response']                                | <a
        'c': [], 'b': [], 'a': []                        | a> b> c> <c <b <a
        'a': ['request'], 'b': ['response'], 'c': []     | a> c> <c <b
        'a': ['response'], 'b': ['response']             | <b <a
        'a': ['request'], 'b': ['request']               | a> b>
        'a': [], 'b': ['answers'], 'c': []               | a> b> <b <a
        'a': ['response'], 'b': ['answers', 'request']   | b> <a
        'a': ['answers'], 'b': []                        | a> <a
        'a': ['leaves']                                  | a> <a
        """)
    void inOneAction(String options, String expected) {
        Site site = site("", "'main': [{'action': {'text': 't', " + options + "}}]");
        site.get("/");
        assertEquals(expected, String.join(" ", events));
        assertEquals(List.of(), site.lines());
    }

    /** What stays and what goes when one action passes on to another. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        # listener          | first action         | second action        | events
        ``                  | , 'a': []            | , 'b': []            | a> b> <b <a
        ``                  | , 'a': ['leaves']    | , 'b': []            | a> b> <b
        ``                  | , 'a': ['leaves', 'response'] | ``          | -
        ``                  | , 'a': []            | , 'a': []            | a> a> <a <a
        ``                  | , 'a': ['leaves']    | , 'a': ['leaves']    | a> a> <a
        , 'l': []           | , 'a': []            | , 'b': []            | l> a> b> <b <a <l
        , 'l': [], 'm': []  | ``                   | ``                   | l> m> <m <l
        , 'l': ['leaves']   | ``                   | ``                   | l>
        , 'l': ['request'], 'm': ['response'] | , 'a': [] | ``            | l> a> <a <m
        , 'l': ['answers']  | , 'a': []            | , 'b': []            | l> <l
        """)
    void acrossActions(String listener, String first, String second, String expected) {
        Site site = site(listener, "'main': [{'action': {'pass': 'routes/next'" + first + "}}], "
            + "'next': [{'action': {'text': 't'" + second + "}}]");
        site.get("/");
        assertEquals(expected.equals("-") ? "" : expected, String.join(" ", events));
    }

    /** The response of an error that the route itself makes passes the filters as well. */
    @Test
    void errorsOfTheRoutePassToo() {
        Site site = site(", 'l': []", "'main': [{'match': {'uri': '/x'}, 'action': {'text': 't'}}]");
        String answer = site.ask("GET /none HTTP/1.1\r\n\r\n");
        assertTrue(answer.startsWith("HTTP/1.1 404 "), answer);
        assertTrue(answer.contains("\r\nF: l\r\n"), answer);
        assertEquals(List.of("l>", "<l"), events);
    }

    @Test
    void fieldsAreThoseOfAllWhoSawTheResponse() {
        Site site = site(", 'l': []", "'main': [{'action': {'text': 't', 'a': [], 'b': ['request'], 'c': []}}]");
        String answer = site.ask("GET / HTTP/1.1\r\n\r\n");
        int c = answer.indexOf("F: c\r\n");
        int a = answer.indexOf("F: a\r\n");
        int l = answer.indexOf("F: l\r\n");
        assertTrue(c > 0 && c < a && a < l, answer);
        assertTrue(!answer.contains("F: b\r\n"), answer);
    }

    /** A filter that passes on or answers later, on the same loop. */
    @ParameterizedTest
    @ValueSource(strings = {"waits", "answers later"})
    void later(String word) {
        Site site = site("", "'main': [{'action': {'text': 't', 'a': [], 'b': ['" + word + "'], 'c': []}}]");
        EmbeddedChannel channel = site.send("GET / HTTP/1.1\r\n\r\n");
        assertEquals("", Site.received(channel));
        assertEquals(List.of("a>", "b>"), events);
        later.orElseThrow().run();
        String answer = Site.received(channel);
        assertTrue(answer.startsWith(word.equals("waits") ? "HTTP/1.1 200 " : "HTTP/1.1 403 "), answer);
        assertEquals(word.equals("waits") ? List.of("a>", "b>", "c>", "<c", "<b", "<a")
            : List.of("a>", "b>", "<b", "<a"), events);
        // A second time it is too late, and told.
        later.orElseThrow().run();
        assertEquals("", Site.received(channel));
        assertEquals(word.equals("waits") ? 1 : 0, site.lines().size(), site.lines()::toString);
        channel.finishAndReleaseAll();
    }

    /** The client leaves while a filter waits: nothing is answered, and nothing goes wrong afterwards. */
    @Test
    void theClientLeavesMeanwhile() {
        Site site = site("", "'main': [{'action': {'text': 't', 'a': ['waits'], 'b': []}}]");
        EmbeddedChannel channel = site.send("GET / HTTP/1.1\r\n\r\n");
        channel.close();
        channel.runPendingTasks();
        later.orElseThrow().run();
        assertEquals(List.of("a>"), events);
        assertEquals(List.of(), site.lines());
        channel.finishAndReleaseAll();
    }
}
