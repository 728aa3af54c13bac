// SPDX-License-Identifier: Apache-2.0
package io.margay.section.schedules;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.conf.Conf;
import io.margay.conf.ConfObject;
import io.margay.dispatch.PoolHost;
import io.margay.engine.EventLoop;
import io.margay.engine.Generation;
import io.margay.engine.Timer;
import io.margay.http.Exchange;
import io.margay.http.ExchangeHandler;
import io.margay.http.Fields;
import io.margay.http.HttpBinding;
import io.margay.http.HttpLoop;
import io.margay.http.HttpLoops;
import io.margay.http.HttpSettings;
import io.margay.route.Action;
import io.margay.route.ActionFactory;
import io.margay.route.Extensions;
import io.margay.route.RouteCompiler;
import io.margay.route.RouteException;
import io.margay.route.RoutePlan;
import io.margay.testing.RouteSite;
import io.netty.channel.embedded.EmbeddedChannel;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Schedules of one configuration after the other; the test runs the timers, and its thread is all loops. */
class SchedulesTest {
    private final List<String> lines = new ArrayList<>();
    private final List<Runnable> timers = new ArrayList<>();
    private final List<String> requests = new ArrayList<>();
    private final List<Exchange> open = new ArrayList<>();
    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final HttpLoop loop = new HttpLoop(channel.eventLoop(), 0, "1",
        (level, text) -> lines.add(level.word() + " " + text));
    private final Generation generation = new Generation();
    private long now = 1_800_000_000_000L;
    private boolean ours = true;
    private boolean answers = true;
    private Optional<RoutePlan> plan = Optional.empty();

    private final EventLoop home = (EventLoop) Proxy.newProxyInstance(EventLoop.class.getClassLoader(),
        new Class<?>[] {EventLoop.class}, (self, method, arguments) -> {
            Runnable task = (Runnable) arguments[1];
            timers.add(task);
            return (Timer) () -> timers.remove(task);
        });

    private final SchedulesFactory factory = new SchedulesFactory(new HttpLoops() {
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
            return new HttpBinding(HttpSettings.DEFAULTS, handler, generation, false);
        }
    }, (PoolHost) Proxy.newProxyInstance(PoolHost.class.getClassLoader(), new Class<?>[] {PoolHost.class},
        (self, method, arguments) -> method.getName().equals("home") ? home : (Executor) Runnable::run), () -> ours,
        (level, text) -> lines.add(level.word() + " " + text), () -> now);

    private final Extensions extensions = Extensions.builder().add(factory, RouteSite.ORIGIN)
        .add(new ActionFactory() {
            @Override
            public String option() {
                return "note";
            }

            @Override
            public Set<String> options() {
                return Set.of("note");
            }

            @Override
            public Action compile(ConfObject action, RouteCompiler compiler) {
                return exchange -> take(exchange);
            }
        }, RouteSite.ORIGIN).build();

    private void take(Exchange exchange) {
        StringBuilder text = new StringBuilder(exchange.request().line().toString());
        for (int i = 0; i < exchange.request().fieldCount(); i++) {
            text.append(' ').append(exchange.request().name(i)).append('=').append(exchange.request().value(i));
        }
        requests.add(text + " " + exchange.request().body().toString(StandardCharsets.UTF_8));
        if (answers) {
            exchange.respond(200, Fields.NONE, new byte[] {1, 2, 3});
        } else {
            open.add(exchange);
        }
    }

    private void apply(String schedules) {
        RoutePlan next = RoutePlan.compile(RouteSite.conf("{'routes': [{'action': {'note': ''}}], 'schedules': "
            + schedules + "}"), extensions, plan, (level, text) -> lines.add(text));
        next.start(Runnable::run).toCompletableFuture().join();
        next.commit();
        plan.ifPresent(RoutePlan::close);
        plan = Optional.of(next);
    }

    /** The timers run, whatever the clock says. */
    private void tick() {
        List<Runnable> now = List.copyOf(timers);
        timers.clear();
        now.forEach(Runnable::run);
        channel.runPendingTasks();
    }

    /** Five seconds pass, the interval of all schedules here. */
    private void due() {
        now += 5_000;
        tick();
        tick();
    }

    private ConfObject status(String name) {
        return ((ConfObject) factory.dump()).object(name).orElseThrow();
    }

    @AfterEach
    void end() {
        open.forEach(Exchange::abort);
        plan.ifPresent(RoutePlan::close);
        channel.finishAndReleaseAll();
    }

    @Test
    void aRequestIsMadeAndToldOf() {
        apply("{'a': {'interval': 5, 'pass': 'routes', 'method': 'POST', 'uri': '/x?y=1', 'host': 'H:80', "
            + "'headers': {'X-A': 'b'}, 'body': 'abc'}}");
        assertTrue(status("a").string("next").isPresent());
        tick();
        assertEquals(List.of(), requests, "its time has not come");
        due();
        assertEquals(List.of("POST /x?y=1 HTTP/1.1 Host=H:80 Content-Length=3 X-A=b abc"), requests);
        assertEquals(1, status("a").integer("runs", 0));
        assertEquals(0, status("a").integer("running", 9));
        ConfObject last = status("a").object("last").orElseThrow();
        assertEquals("200 ok 3", last.integer("status", 0) + " " + last.string("result").orElse("") + " "
            + last.integer("bytes", 0));
        assertEquals(1, timers.size(), "for the next time");
        assertEquals(0, generation.count());
    }

    @ParameterizedTest
    @CsvSource({"skip, 1, 1", "queue, 2, 0", "allow, 2, 0"})
    void overlap(String rule, int made, int skipped) {
        answers = false;
        apply("{'a': {'interval': 5, 'pass': 'routes', 'overlap': '" + rule + "'}}");
        due();
        assertEquals(1, status("a").integer("running", 0));
        due();
        assertEquals(rule.equals("allow") ? 2 : 1, requests.size());
        answers = true;
        List.copyOf(open).forEach(exchange -> exchange.respond(200, Fields.NONE, new byte[0]));
        channel.runPendingTasks();
        assertEquals(made, requests.size());
        assertEquals(skipped, status("a").integer("skipped", 9));
        assertEquals(made, status("a").integer("runs", 0));
    }

    @Test
    void oneThatIsNotAnsweredIsGivenUp() {
        answers = false;
        apply("{'a': {'interval': 5, 'pass': 'routes', 'timeout': 2}}");
        due();
        channel.advanceTimeBy(2, TimeUnit.SECONDS);
        channel.runScheduledPendingTasks();
        assertTrue(open.getFirst().isDone());
        assertEquals("timed out", status("a").object("last").orElseThrow().string("result").orElse(""));
        assertEquals(1, status("a").integer("failures", 0));
        assertTrue(lines.getLast().contains("schedule \"a\": the request has no whole answer: timed out"),
            lines::toString);
    }

    @Test
    void aChangeGoesOnAndAnEndEnds() {
        apply("{'a': {'interval': 5, 'pass': 'routes'}, 'b': {'cron': '* * * * *', 'pass': 'routes'}}");
        due();
        String next = status("a").string("next").orElseThrow();
        apply("{'a': {'interval': 5, 'pass': 'routes'}, 'c': {'interval': 5, 'pass': 'routes', 'enabled': false}}");
        assertEquals(next, status("a").string("next").orElseThrow());
        assertEquals(1, timers.size());
        assertEquals(Set.of("a"), ((ConfObject) factory.dump()).members().keySet());
        apply("{}");
        assertEquals(0, timers.size());
    }

    @Test
    void whatARouterBeforeHasDoneIsNotDoneAgain() {
        ours = false;
        apply("{'a': {'interval': 5, 'pass': 'routes'}}");
        due();
        assertEquals(List.of(), requests, "the other one has the duty");
        factory.take(RouteSite.conf("{'a': {'due': " + now
            + ", 'runs': 7}, 'x': {'due': 1}, 'y': 5}"));
        factory.take(Conf.of("nonsense"));
        ours = true;
        tick();
        assertEquals(List.of(), requests, "it has made this request");
        assertEquals(7, status("a").integer("runs", 0));
        due();
        assertEquals(1, requests.size());
    }

    @Test
    void whatIsToldIsTaken() {
        apply("{'a': {'interval': 5, 'pass': 'routes'}}");
        due();
        Conf told = factory.give().orElseThrow();
        assertTrue(((ConfObject) told).object("a").orElseThrow().integer("due", 0) > 0);
        assertEquals(1, ((ConfObject) told).object("a").orElseThrow().integer("runs", 0));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', value = {"{'a': {'interval': 1}}|/schedules/a|must contain",
        "{'a': {'pass': 'routes'}}|/schedules/a|either", "{'a': 1}|/schedules/a|must be an object",
        "[]|/schedules|object",
        "{'a': {'pass': 'routes', 'interval': 1, 'cron': '* * * * *'}}|/schedules/a|either",
        "{'a': {'pass': 'routes', 'interval': 0}}|/schedules/a/interval|integer from 1",
        "{'a': {'pass': 'routes', 'cron': '61 * * * *'}}|/schedules/a/cron|expression has",
        "{'a': {'pass': 'routes', 'cron': '* * * * *', 'timezone': 'Mars/X'}}|/schedules/a/timezone|not known",
        "{'a': {'pass': 'routes', 'interval': 1, 'overlap': 'x'}}|/schedules/a/overlap|skip",
        "{'a': {'pass': 'routes/none', 'interval': 1}}|/schedules/a/pass|none",
        "{'a': {'pass': 'routes', 'interval': 1, 'uri': 'x'}}|/schedules/a/uri|uri",
        "{'a': {'pass': 'routes', 'interval': 1, 'method': 'A B'}}|/schedules/a/method|method",
        "{'a': {'pass': 'routes', 'interval': 1, 'headers': {'A': 1}}}|/schedules/a/headers/A|string",
        "{'a': {'pass': 'routes', 'interval': 1, 'headers': {'Host': 'x'}}}|/schedules/a/headers/Host|by the server",
        "{'a': {'pass': 'routes', 'interval': 1, 'headers': {'A:': 'x'}}}|/schedules/a/headers/A:|malformed",
        "{'a': {'pass': 'routes', 'interval': 1, 'unknown': 1}}|/schedules/a/unknown|No installed bundle"})
    void whatCannotBeIsRefused(String schedules, String pointer, String reason) {
        RouteException thrown = assertThrows(RouteException.class, () -> apply(schedules));
        assertEquals(pointer, thrown.pointer());
        assertTrue(thrown.getMessage().contains(reason), thrown.getMessage());
    }
}
