// SPDX-License-Identifier: Apache-2.0
package io.margay.control.health;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.conf.Conf;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfParser;
import io.margay.conf.ConfSyntaxException;
import io.margay.control.ControlPeer;
import io.margay.control.ControlReply;
import io.margay.control.ControlRequest;
import io.margay.control.ProcessQueries;
import io.margay.control.RequestHeaders;
import io.margay.control.ServerState;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HealthResourceTest {
    private static final String SOON = "Jan 20 00:00:00 2026 GMT";
    private static final String LATE = "Mar  9 00:00:00 2026 GMT";

    private CompletionStage<ConfObject> status = CompletableFuture.completedFuture(ConfObject.EMPTY);
    private boolean served = true;
    private ConfObject configuration = ConfObject.EMPTY;
    private ConfObject certificates = ConfObject.EMPTY;

    private final Map<String, Conf> checks = new HashMap<>();
    private final List<String> asked = new ArrayList<>();
    private ConfObject pools = ConfObject.EMPTY;
    private Runnable later = () -> { };

    private final HealthResource resource = new HealthResource(new ServerState() {
        @Override
        public CompletionStage<ConfObject> status() {
            return status;
        }

        @Override
        public ConfObject configuration() {
            return configuration;
        }

        @Override
        public boolean isServed() {
            return served;
        }

        @Override
        public ConfObject certificates() {
            return certificates;
        }
    }, new ProcessQueries() {
        @Override
        public List<String> names() {
            return List.of("main", "controller");
        }

        @Override
        public CompletionStage<Conf> ask(String process, String inspector, String question) {
            asked.add(process + " " + inspector + question);
            if (inspector.equals("applications")) {
                return CompletableFuture.completedFuture(pools);
            }
            return checks.containsKey(process) ? CompletableFuture.completedFuture(checks.get(process))
                : CompletableFuture.failedFuture(new IllegalStateException("no inspector of this name"));
        }

        @Override
        public Executor loop() {
            return Runnable::run;
        }

        @Override
        public Runnable after(long millis, Runnable task) {
            later.run();
            task.run();
            return () -> { };
        }
    }, Clock.fixed(Instant.parse("2026-01-01T00:00:00Z"), ZoneOffset.UTC));

    private static ConfObject conf(String text) {
        try {
            return (ConfObject) ConfParser.parse(text.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
        } catch (ConfSyntaxException e) {
            throw new IllegalArgumentException(e);
        }
    }

    /** The status of HTTP, and the whole text on one line. */
    private String get(String target) {
        ControlReply reply = resource.handle(new ControlRequest("GET", target, RequestHeaders.NONE, new byte[0],
            new ControlPeer.Remote("test"))).toCompletableFuture().join();
        return reply.status() + " " + new String(reply.body(), StandardCharsets.UTF_8).replaceAll("\\s+", " ");
    }

    private void assertStarts(String expected, String target) {
        assertTrue(get(target).startsWith(expected), () -> target + ": " + get(target));
    }

    private void certificate(String until) {
        certificates = conf("{'c': {'key': 'x', 'chain': [{'validity': {'until': '" + LATE + "'}}, "
            + "{'validity': {'until': '" + until + "'}}]}}");
    }

    @Test
    void aServerWithoutAnythingIsWell() {
        assertStarts("200 { \"status\": \"ok\"", "/health");
        assertStarts("200 { \"status\": \"ok\"", "/health/ready");
    }

    @Test
    void withoutARouterItLivesAndIsNotReady() {
        status = CompletableFuture.failedFuture(new IllegalStateException("it has gone"));
        assertStarts("503 { \"status\": \"down\"", "/health");
        assertStarts("503 { \"status\": \"down\"", "/health/ready");
        assertTrue(get("/health/ready").contains("it has gone"));
        assertStarts("200 { \"status\": \"ok\"", "/health/live");
    }

    @Test
    void aNewRouterIsNotReadyBeforeItHasTheConfiguration() {
        served = false;
        assertStarts("503 { \"status\": \"down\"", "/health/ready");
        assertTrue(get("/health/ready").contains("not taken the configuration"));
    }

    @Test
    void anApplicationThatDoesNotStartIsDownAndTheServerDegraded() {
        configuration = conf("{'applications': {'good': {}, 'b/d': {}, 'new': {}}}");
        status = CompletableFuture.completedFuture(conf("{'applications': {'good': {}, 'b/d': {'error': 'no file'}}}"));
        assertStarts("200 { \"status\": \"ok\"", "/health/app/good");
        assertStarts("503 { \"status\": \"down\"", "/health/app/b%2Fd");
        assertTrue(get("/health/app/b%2Fd").contains("no file"));
        assertStarts("503 { \"status\": \"down\"", "/health/app/new");
        assertStarts("404 ", "/health/app/other");
        assertStarts("200 { \"status\": \"degraded\"", "/health");
        assertStarts("200 { \"status\": \"ok\"", "/health/ready");
    }

    @Test
    void aListenerThatIsClosedIsNotReady() {
        configuration = conf("{'listeners': {'*:80': {}, '*:81': {}}}");
        status = CompletableFuture.completedFuture(conf("{'listeners': {'*:81': {'error': 'in use'}}}"));
        assertStarts("503 { \"status\": \"down\"", "/health/ready");
        assertTrue(get("/health/ready").contains("\"name\": \"listener *:81\""));
    }

    @ParameterizedTest
    @CsvSource({"Jan 20 00:00:00 2026 GMT,degraded,it ends on 2026-01-20",
        "Dec 31 00:00:00 2025 GMT,degraded,it has ended",
        "Jan 31 00:00:01 2026 GMT,ok,''", "some day,ok,''"})
    void aCertificateThatEndsSoonIsTold(String until, String word, String why) {
        certificate(until);
        assertStarts("200 { \"status\": \"" + word + "\"", "/health/certificates");
        assertTrue(get("/health/certificates").contains(why), get("/health/certificates"));
        assertStarts("200 { \"status\": \"" + word + "\"", "/health");
        assertEquals(!why.isEmpty(), get("/health").contains("message"));
    }

    @Test
    void anApplicationWhoseWorkersDoNotStartIsToldApart() {
        configuration = conf("{'applications': {'a': {}, 'b': {}}}");
        status = CompletableFuture.completedFuture(conf("{'applications': {'a': {}, 'b': {}}}"));
        pools = conf("{'a': {'running': 0, 'failing': true}, 'b': {'running': 1, 'failing': true}}");
        assertStarts("503 { \"status\": \"down\"", "/health/app/a");
        assertTrue(get("/health/app/a").contains("no worker starts"));
        assertStarts("200 { \"status\": \"degraded\"", "/health/app/b");
        assertStarts("200 { \"status\": \"degraded\"", "/health");
        pools = conf("{'a': {'running': 0, 'failing': false}, 'b': {'running': 1, 'failing': false}}");
        assertStarts("200 { \"status\": \"ok\"", "/health");
        status = CompletableFuture.completedFuture(conf("{'applications': {'a': {'error': 'stays'}, 'b': {}}}"));
        assertStarts("200 { \"status\": \"degraded\"", "/health/app/a");
        status = CompletableFuture.completedFuture(conf("{'applications': {'a': {}, 'b': {}}}"));
        // What a bundle says of an application counts for it alone.
        checks.put("main", conf("{'checks': [{'name': 'data', 'tags': ['app:a'], 'status': 'down'}]}"));
        assertStarts("503 { \"status\": \"down\"", "/health/app/a");
        assertStarts("200 { \"status\": \"degraded\"", "/health");
    }

    @Test
    void whatBundlesCheckCounts() {
        checks.put("main", conf("{'checks': [{'name': 'disk', 'tags': ['ready', 'disk'], 'status': 'degraded', "
            + "'message': 'it is full soon'}]}"));
        checks.put("controller", conf("{'checks': [{'name': 'clock', 'tags': ['live'], 'status': 'down'}]}"));
        assertStarts("200 { \"status\": \"degraded\"", "/health/ready");
        assertTrue(get("/health/ready").contains("\"name\": \"main: disk\""));
        assertTrue(get("/health/disk").contains("it is full soon"));
        assertStarts("503 { \"status\": \"down\"", "/health");
        asked.clear();
        assertStarts("503 { \"status\": \"down\"", "/health/live");
        assertEquals("controller health", asked.getFirst());
        assertTrue(asked.stream().noneMatch(text -> text.startsWith("main")));
    }

    @Test
    void aCheckThatHasNotRunYetIsWaitedFor() {
        checks.put("main", conf("{'checks': [{'name': 'slow', 'tags': ['ready'], 'status': 'pending'}]}"));
        assertStarts("200 { \"status\": \"degraded\"", "/health/ready");
        assertEquals(10, asked.stream().filter(text -> text.startsWith("main")).count());
        later = () -> checks.put("main", conf("{'checks': [{'name': 'slow', 'tags': ['ready'], 'status': 'ok'}]}"));
        assertStarts("200 { \"status\": \"ok\"", "/health/ready");
    }

    @Test
    void whatIsNoCheckIsMissing() {
        certificate(SOON);
        assertStarts("404 ", "/health/nothing");
        assertStarts("404 ", "/health/live/x");
        assertStarts("404 ", "/health/app/a/b");
    }
}
