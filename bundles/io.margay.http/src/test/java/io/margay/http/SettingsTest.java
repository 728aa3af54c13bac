// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.engine.Generation;
import io.netty.channel.embedded.EmbeddedChannel;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.Arguments;

/** Settings, and the gate through which requests get them. */
class SettingsTest {
    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final HttpLoop loop = new HttpLoop(channel.eventLoop(), 0, "1", (level, text) -> { }, () -> 1);

    /** Every getter with its value. */
    private static Map<String, Object> values(HttpSettings settings) {
        Map<String, Object> all = new TreeMap<>();
        for (Method method : HttpSettings.class.getDeclaredMethods()) {
            if (Modifier.isPublic(method.getModifiers()) && method.getParameterCount() == 0
                && method.getReturnType() != HttpSettings.Builder.class) {
                try {
                    all.put(method.getName(), method.invoke(settings));
                } catch (ReflectiveOperationException e) {
                    throw new IllegalStateException(e);
                }
            }
        }
        return all;
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        headerReadTimeout     | 30
        bodyReadTimeout       | 30
        sendTimeout           | 30
        idleTimeout           | 30
        largeHeaderBufferSize | 8192
        largeHeaderBuffers    | 4
        bodyBufferSize        | 16384
        maxBodySize           | 8388608
        bodyTempPath          | /tmp
        discardUnsafeFields   | true
        chunkedTransform      | false
        serverVersion         | true
        logRoute              | false
        maxResponseHeadSize   | 1048576
        bodyMinRate           | 0
        sendMinRate           | 0
        webSocket             | WebSocketSettings[maxFrameSize=1048576, readTimeout=60, keepAlive=30, \
        compression=false, contextTakeover=false]
        """)
    void defaults(String name, String value) {
        assertEquals(value, String.valueOf(values(HttpSettings.DEFAULTS).get(name)));
        assertEquals(17, values(HttpSettings.DEFAULTS).size(), "a new setting has a line here");
    }

    private static Arguments change(String name, Object value, UnaryOperator<HttpSettings.Builder> change) {
        return Arguments.of(name, value, change);
    }

    static Stream<Arguments> changes() {
        return Stream.of(
            change("headerReadTimeout", 1, b -> b.headerReadTimeout(1)),
            change("bodyReadTimeout", 2, b -> b.bodyReadTimeout(2)),
            change("sendTimeout", 3, b -> b.sendTimeout(3)),
            change("idleTimeout", 4, b -> b.idleTimeout(4)),
            change("largeHeaderBufferSize", 5, b -> b.largeHeaders(5, 4)),
            change("largeHeaderBuffers", 6, b -> b.largeHeaders(8192, 6)),
            change("bodyBufferSize", 7, b -> b.bodyBufferSize(7)),
            change("maxBodySize", 8_000_000_000L, b -> b.maxBodySize(8_000_000_000L)),
            change("bodyTempPath", "/x", b -> b.bodyTempPath("/x")),
            change("discardUnsafeFields", false, b -> b.discardUnsafeFields(false)),
            change("chunkedTransform", true, b -> b.chunkedTransform(true)),
            change("serverVersion", false, b -> b.serverVersion(false)),
            change("logRoute", true, b -> b.logRoute(true)),
            change("maxResponseHeadSize", 9, b -> b.maxResponseHeadSize(9)),
            change("bodyMinRate", 10, b -> b.bodyMinRate(10)),
            change("sendMinRate", 11, b -> b.sendMinRate(11)),
            change("webSocket", new WebSocketSettings(1, 2, 3, true, true),
                b -> b.webSocket(new WebSocketSettings(1, 2, 3, true, true))));
    }

    @ParameterizedTest
    @MethodSource("changes")
    void eachChangesItselfAndNothingElse(String name, Object value, UnaryOperator<HttpSettings.Builder> change) {
        HttpSettings changed = change.apply(HttpSettings.DEFAULTS.change()).build();
        Map<String, Object> expected = values(HttpSettings.DEFAULTS);
        expected.put(name, value);
        assertEquals(expected, values(changed));
        // A copy keeps it, and the first is as it was.
        assertEquals(expected, values(changed.change().build()));
        assertEquals(30, HttpSettings.DEFAULTS.headerReadTimeout());
    }

    @Test
    void aBuilderGoesOnWithoutItsSettings() {
        HttpSettings.Builder builder = HttpSettings.DEFAULTS.change().sendTimeout(1);
        HttpSettings first = builder.build();
        builder.sendTimeout(2);
        assertEquals(1, first.sendTimeout());
        assertEquals(2, builder.build().sendTimeout());
    }

    private static HttpBinding binding(int timeout) {
        return new HttpBinding(HttpSettings.DEFAULTS.change().sendTimeout(timeout).build(), e -> { }, new Generation(),
            false);
    }

    @Test
    void requestsGetWhatIsBoundWhenTheyBegin() {
        HttpBinding one = binding(1);
        HttpBinding two = binding(2);
        HttpServer server = new HttpServer(one);
        assertSame(one, server.enter(loop).orElseThrow());
        server.rebind(two);
        assertSame(two, server.enter(loop).orElseThrow());
        assertEquals(2, server.settings().sendTimeout());
        assertEquals(1, one.generation().count());
        CompletableFuture<Void> gone = one.generation().retire().toCompletableFuture();
        channel.runPendingTasks();
        assertFalse(gone.isDone(), "a request is inside");
        one.cell(loop).leave();
        channel.runPendingTasks();
        assertTrue(gone.isDone());
        assertEquals(1, two.generation().count());
    }

    @Test
    void aServerThatWasRemovedLetsNobodyIn() {
        HttpBinding binding = binding(1);
        HttpServer server = new HttpServer(binding);
        server.remove();
        assertEquals(Optional.empty(), server.enter(loop));
        assertEquals(30, server.settings().sendTimeout(), "the defaults");
        assertEquals(0, binding.generation().count());
    }

    @Test
    void aBindingThatWasRetiredIsPassedBy() {
        HttpBinding binding = binding(1);
        HttpServer server = new HttpServer(binding);
        binding.generation().retire();
        channel.runPendingTasks();
        assertEquals(Optional.empty(), server.enter(loop));
        HttpBinding next = binding(2);
        server.rebind(next);
        assertSame(next, server.enter(loop).orElseThrow());
    }

    @Test
    void cellsAreThoseOfTheLoop() {
        HttpBinding binding = binding(1);
        HttpLoop other = new HttpLoop(channel.eventLoop(), 1, "1", (level, text) -> { }, () -> 1);
        assertSame(binding.cell(loop), binding.cell(loop));
        assertNotSame(binding.cell(loop), binding.cell(other));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        # accepted | idle | closed | active
        0 | 0 | 0 | 0
        1 | 0 | 0 | 1
        1 | 1 | 0 | 0
        5 | 2 | 1 | 2
        5 | 0 | 5 | 0
        5 | 1 | 5 | 0
        9 | 4 | 5 | 0
        """)
    void totals(long accepted, long idle, long closed, long active) {
        HttpCounters.Totals totals = new HttpCounters.Totals(accepted, idle, closed, 7);
        assertEquals(active, totals.active(), "never below 0, though numbers read together may differ by an instant");
        HttpCounters.Totals both = totals.plus(new HttpCounters.Totals(10, 20, 30, 40));
        assertEquals(new HttpCounters.Totals(accepted + 10, idle + 20, closed + 30, 47), both);
        assertEquals(totals, totals.plus(HttpCounters.Totals.ZERO));
    }

    @Test
    void stagesOfTimings() {
        Timings timings = new Timings();
        Timings.Stage[] stages = Timings.Stage.values();
        for (Timings.Stage stage : stages) {
            assertFalse(timings.has(stage));
            timings.mark(stage, 10 + stage.ordinal() * 100L);
            assertTrue(timings.has(stage));
        }
        for (Timings.Stage from : stages) {
            for (Timings.Stage to : stages) {
                assertEquals((to.ordinal() - from.ordinal()) * 100L, timings.between(from, to));
            }
        }
        timings.mark(Timings.Stage.ROUTE, 5);
        assertEquals(5, timings.at(Timings.Stage.ROUTE), "the second replaces the first");
        timings.clear();
        for (Timings.Stage stage : stages) {
            assertFalse(timings.has(stage));
            assertEquals(0, timings.at(stage));
            assertEquals(0, timings.between(Timings.Stage.BEGIN, stage));
        }
        // A stage at time 0 is one that was.
        timings.mark(Timings.Stage.BEGIN, 0);
        assertTrue(timings.has(Timings.Stage.BEGIN));
    }
}
