// SPDX-License-Identifier: Apache-2.0
package io.margay.action.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.conf.Conf;
import io.margay.conf.ConfObject;
import io.margay.dispatch.PoolHost;
import io.margay.engine.Generation;
import io.margay.http.ExchangeHandler;
import io.margay.http.HttpBinding;
import io.margay.http.HttpLoop;
import io.margay.http.HttpLoops;
import io.margay.http.HttpServer;
import io.margay.http.HttpSettings;
import io.margay.protocol.http1.Http1Protocol;
import io.margay.route.Extensions;
import io.margay.route.RouteException;
import io.margay.route.RoutePlan;
import io.margay.status.Inspectors;
import io.margay.testing.RouteSite;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is counted, how it is written, and how it goes on in another router. The thread of the test is all loops. */
class MetricsTest {
    private static final String ROUTES = "{'listeners': {'*:80': {'pass': 'routes'}}, 'routes': [{'action': "
        + "{'metrics': 'prometheus'}}]}";
    private static final String BUCKET = "margay_route_request_duration_seconds_bucket{route=\"/routes/0/action\",le=";
    private static final String LISTENER = "margay_listener_requests_total{listener=\"*:80\",code=\"2xx\"} ";

    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final HttpLoop loop = new HttpLoop(channel.eventLoop(), 0, "1", (level, text) -> { });
    private final Inspectors inspectors = new Inspectors() {
        @Override
        public List<String> names() {
            return List.of();
        }

        @Override
        public Optional<Conf> dump(String name) {
            return Optional.of(RouteSite.conf(switch (name) {
                case "connections" -> "{'accepted': 9, 'active': 2, 'idle': 3, 'closed': 4, 'requests': 11}";
                case "applications" -> "{'a\\\\b': {'running': 2, 'idle': 1, 'active': 1, 'failing': true}}";
                default -> "{'started': 1500, 'cpu': 250, 'resident': 4096, 'descriptors': 7, 'threads': 5}";
            }));
        }
    };
    private final MetricsFactory factory = factory();

    private MetricsFactory factory() {
        return new MetricsFactory(new HttpLoops() {
            @Override
            public AutoCloseable each(Consumer<HttpLoop> action) {
                action.accept(loop);
                return () -> { };
            }

            @Override
            public int count() {
                return 1;
            }

            @Override
            public HttpBinding binding(ExchangeHandler handler) {
                throw new UnsupportedOperationException();
            }
        }, (PoolHost) Proxy.newProxyInstance(PoolHost.class.getClassLoader(), new Class<?>[] {PoolHost.class},
            (self, method, arguments) -> (Executor) Runnable::run), inspectors);
    }

    private String ask(String configuration, String request) {
        RoutePlan plan = RoutePlan.compile(RouteSite.conf(configuration), Extensions.builder()
            .add(factory, RouteSite.ORIGIN).build(), Optional.empty(), (level, text) -> { });
        EmbeddedChannel client = new EmbeddedChannel();
        new Http1Protocol().attach(client, new HttpServer(new HttpBinding(HttpSettings.DEFAULTS,
            plan.handler("*:80").orElseThrow(), new Generation(), false)), loop);
        client.writeInbound(Unpooled.copiedBuffer(request, StandardCharsets.ISO_8859_1));
        channel.runPendingTasks();
        client.runPendingTasks();
        StringBuilder all = new StringBuilder();
        for (ByteBuf out = client.readOutbound(); out != null; out = client.readOutbound()) {
            all.append(out.toString(StandardCharsets.UTF_8));
            out.release();
        }
        client.finishAndReleaseAll();
        plan.close();
        return all.toString();
    }

    private String get(String fields) {
        return ask(ROUTES, "GET /m HTTP/1.1\r\nHost: h\r\n" + fields + "\r\n");
    }

    @AfterEach
    void end() throws Exception {
        factory.stop();
        channel.finishAndReleaseAll();
    }

    @Test
    void requestsAreCounted() {
        String first = get("");
        assertTrue(first.startsWith("HTTP/1.1 200 "), first);
        assertFalse(first.contains(LISTENER), first);
        String second = get("");
        assertTrue(second.contains(LISTENER + "1\n"), second);
        assertTrue(second.contains(BUCKET + "\"+Inf\"} 1\n"), second);
        assertTrue(second.contains(BUCKET + "\"0.0001\"}"), second);
        assertTrue(second.contains(",le=\"10.0\"} 1\n"), second);
        assertTrue(second.contains("margay_listener_sent_bytes_total{listener=\"*:80\"} "), second);
        assertTrue(second.contains("margay_connections{state=\"idle\"} 3\n"), second);
        assertTrue(second.contains("margay_requests_total 11\n"), second);
        assertTrue(second.contains("{application=\"a\\\\b\",state=\"running\"} 2\n"), second);
        assertTrue(second.contains("margay_application_failing{application=\"a\\\\b\"} 1\n"), second);
        assertTrue(second.contains("margay_process_cpu_seconds_total{process=\"router\"} 0.25\n"), second);
        assertTrue(second.contains("margay_process_start_time_seconds{process=\"router\"} 1.5\n"), second);
    }

    @Test
    void refusedRequestsAreCounted() {
        get("");
        ask(ROUTES, "GET /m HTTP/1.1\r\nHost: a/b\r\n\r\n");
        assertTrue(get("").contains(LISTENER.replace("2xx", "4xx") + "1\n"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "-", value = {"-|text/plain; version=0.0.4", "*/*|text/plain",
        "application/openmetrics-text; version=1.0.0|application/openmetrics-text; version=1.0.0",
        "text/html,Application/OpenMetrics-Text;q=0.3|application/openmetrics-text",
        "application/openmetrics-text;q=0|text/plain", "application/openmetrics-text; q=0.0, text/plain|text/plain"})
    void formats(String accept, String type) {
        String answer = get(accept == null ? "" : "Accept: " + accept + "\r\n");
        assertTrue(answer.contains("\r\nContent-Type: " + type), answer);
        assertEquals(type.startsWith("application"), answer.endsWith("# EOF\n"));
        assertEquals(type.startsWith("application"), answer.contains("# TYPE margay_requests counter\n"));
    }

    @Test
    void otherMethodsAreRefused() {
        assertTrue(ask(ROUTES, "POST /m HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n").startsWith("HTTP/1.1 405 "));
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '"', value = {"'xml'", "5", "{}"})
    void whatIsNoFormatIsRefused(String value) {
        RouteException thrown = assertThrows(RouteException.class, () ->
            ask(ROUTES.replace("'prometheus'", value), ""));
        assertEquals("/routes/0/action/metrics", thrown.pointer());
    }

    @Test
    void namesCannotLeaveTheirLabels() {
        Exposition out = new Exposition(Exposition.Format.PROMETHEUS);
        out.family("f", "gauge", "h").sample(1, "l", "a\"} 1\nb\\");
        assertEquals("# HELP f h\n# TYPE f gauge\nf{l=\"a\\\"} 1\\nb\\\\\"} 1\n", out.end());
    }

    @Test
    void anotherRouterGoesOn() throws Exception {
        get("");
        get("");
        Conf told = factory.give().orElseThrow();
        assertTrue(factory.give().isEmpty(), "it was told");
        get("");
        Conf more = factory.give().orElseThrow();
        MetricsFactory next = factory();
        assertTrue(next.give().isEmpty());
        next.take(told);
        next.take(more);
        next.take(RouteSite.conf("{'listener': {'*:80': [1, 2], 'x': 'y', 'z': [" + "-1, ".repeat(Layout.SIZE - 1)
            + "-1]}, 'other': 5}"));
        ConfObject answer = (ConfObject) next.answer("{\"format\": \"prometheus\"}");
        String text = answer.string("text").orElseThrow();
        assertTrue(text.contains(LISTENER + "3\n"), text);
        assertFalse(text.contains("listener=\"z\""), text);
        assertEquals(text.length(), answer.integer("size", 0));
        next.stop();
    }

    @Test
    void textsAreFetchedInPieces() {
        StringBuilder processes = new StringBuilder();
        for (int i = 0; i < 500; i++) {
            processes.append(i == 0 ? "" : ",").append("\"").append("p".repeat(90)).append(i)
                .append("\":{\"threads\":1}");
        }
        ConfObject first = (ConfObject) factory.answer("{\"processes\":{" + processes + "}}");
        long size = first.integer("size", 0);
        assertEquals(MetricsFactory.PIECE, first.string("text").orElseThrow().length());
        StringBuilder all = new StringBuilder(first.string("text").orElseThrow());
        while (all.length() < size) {
            all.append(((ConfObject) factory.answer("{\"id\":" + first.integer("id", 0) + ",\"offset\":" + all.length()
                + "}")).string("text").orElseThrow());
        }
        assertEquals(size, all.length());
        assertTrue(all.toString().endsWith("} 5\n"), all.substring(all.length() - 200));
        for (int i = 0; i < 4; i++) {
            factory.answer("{}");
        }
        assertThrows(IllegalArgumentException.class, () -> factory.answer("{\"id\":" + first.integer("id", 0) + "}"));
        assertThrows(IllegalArgumentException.class, () -> factory.answer("{"));
    }
}
