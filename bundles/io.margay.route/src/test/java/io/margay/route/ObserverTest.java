// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.conf.Conf;
import io.margay.conf.ConfObject;
import io.margay.http.Exchange;
import io.margay.http.ExchangeHandler;
import io.margay.http.Fields;
import io.margay.http.KnownField;
import io.margay.http.Request;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Observers that hear of the begin of requests, what they may change, and ways into a plan besides listeners. */
class ObserverTest {
    private final List<String> events = new ArrayList<>();

    private record Watching(Consumer<Exchange> begin, List<String> events) implements ObserverFactory, Observer {
        @Override
        public String pointer() {
            return "";
        }

        @Override
        public Optional<Observer> compile(Optional<Conf> value, SectionContext context) {
            return Optional.of(this);
        }

        @Override
        public boolean watchesBegin() {
            return true;
        }

        @Override
        public void begun(Exchange exchange) {
            events.add("begun " + exchange.timings().listener());
            begin.accept(exchange);
        }

        @Override
        public void done(Exchange exchange, boolean complete) {
            events.add("done " + exchange.status());
        }
    }

    private static void set(Exchange exchange, String name, String value) {
        exchange.requestField(AsciiString.of(name), Optional.ofNullable(value).map(AsciiString::of));
    }

    /** An action that tells all fields. */
    private static ActionFactory echo() {
        return new Echo();
    }

    private static final class Echo implements ActionFactory {
        @Override
        public String option() {
            return "echo";
        }

        @Override
        public Set<String> options() {
            return Set.of("echo");
        }

        @Override
        public Action compile(ConfObject action, RouteCompiler compiler) {
            Template template = compiler.template("echo", "$header_x_a");
            return exchange -> {
                Request request = exchange.request();
                StringBuilder text = new StringBuilder();
                for (int i = 0; i < request.fieldCount(); i++) {
                    text.append(request.name(i)).append('=').append(request.value(i)).append(';');
                }
                text.append(" host ").append(request.find(KnownField.HOST)).append(" a ")
                    .append(request.find(AsciiString.of("x-a"), 0)).append(' ').append(template.evaluate(exchange))
                    .append(' ').append(request.path());
                exchange.respond(200, Fields.NONE, text.toString().getBytes(StandardCharsets.ISO_8859_1));
            };
        }
    }

    private Site site(Consumer<Exchange> begin) {
        return new Site("{'listeners': {'*:80': {'pass': 'routes'}}, 'routes': [{'action': {'echo': ''}}]}",
            Site.extensions().add(echo(), Site.ORIGIN).add(new Watching(begin, events), Site.ORIGIN));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "-", value = {
        "X-A|new|'Host=h;B=2;X-A=new; host 0 a 2 new /p'", "x-a|new|'Host=h;B=2;x-a=new; host 0 a 2 new /p'",
        "X-A|-|'Host=h;B=2; host 0 a -1  /p'", "host|-|'x-A=1;B=2;X-a=3; host -1 a 0 1 /p'",
        "Host|i|'x-A=1;B=2;X-a=3;Host=i; host 3 a 0 1 /p'", "C|4|'Host=h;x-A=1;B=2;X-a=3;C=4; host 0 a 1 1 /p'"})
    void fieldsOfARequestCanBeChanged(String name, String value, String expected) {
        String answer = site(exchange -> set(exchange, name, value)).ask(
            "GET /p HTTP/1.1\r\nHost: h\r\nx-A: 1\r\nB: 2\r\nX-a: 3\r\n\r\n");
        assertTrue(answer.endsWith("\r\n\r\n" + expected), answer);
        assertEquals(List.of("begun *:80", "done 200"), events);
    }

    @Test
    void changesAddUp() {
        String answer = site(exchange -> {
            set(exchange, "C", "1");
            set(exchange, "D", "2");
            set(exchange, "c", "3");
            assertThrows(IllegalArgumentException.class, () -> set(exchange, "E", "a\r\nF: b"));
            assertThrows(IllegalArgumentException.class, () -> set(exchange, "E:", "a"));
        }).ask("GET /p HTTP/1.1\r\nHost: h\r\n\r\n");
        assertTrue(answer.endsWith("Host=h;D=2;c=3; host 0 a -1  /p"), answer);
    }

    @Test
    void oneThatFailsHarmsNobodyAndRefusedRequestsAreHeardOf() {
        Site site = site(exchange -> {
            throw new IllegalStateException("x");
        });
        assertTrue(site.ask("GET /p HTTP/1.1\r\nHost: h\r\n\r\n").startsWith("HTTP/1.1 200 "));
        assertTrue(site.ask("GET /p HTTP/1.1\r\nHost: a/b\r\n\r\n").startsWith("HTTP/1.1 400 "));
        assertEquals(List.of("begun *:80", "done 200", "begun *:80", "done 400"), events);
        assertEquals(1, site.lines().stream().filter(line -> line.contains("failed: ")).count());
    }

    private static SectionFactory entering(String destination, List<ExchangeHandler> made) {
        return new SectionFactory() {
            @Override
            public String pointer() {
                return "/own";
            }

            @Override
            public Section compile(Optional<Conf> value, SectionContext context) {
                made.add(context.entrance("pass", "own one", destination));
                return Section.NONE;
            }
        };
    }

    @Test
    void aSectionHasItsOwnWayIn() {
        List<ExchangeHandler> made = new ArrayList<>();
        Site site = new Site("{'listeners': {'*:80': {'pass': 'routes'}}, 'routes': [{'action': {'text': 'x'}}]}",
            Site.extensions().add(entering("routes", made), Site.ORIGIN)
                .add(new Watching(exchange -> { }, events), Site.ORIGIN));
        String answer = site.enter(made.getFirst(), "GET /p HTTP/1.1\r\nHost: h\r\n\r\n");
        assertTrue(answer.endsWith("\r\n\r\nx /p"), answer);
        assertEquals(List.of("begun own one", "done 200"), events);
    }

    @Test
    void aWayToNowhereIsRefused() {
        RouteException thrown = assertThrows(RouteException.class, () -> new Site("{'routes': []}",
            Site.extensions().add(entering("routes/none", new ArrayList<>()), Site.ORIGIN)));
        assertEquals("/own/pass", thrown.pointer());
    }
}
