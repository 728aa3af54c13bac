// SPDX-License-Identifier: Apache-2.0
package io.margay.router.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.conf.Conf;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfPointer;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is counted while somebody asks. */
@Timeout(60)
class TrafficTest extends ApplyStage {

    private final Traffic traffic = new Traffic(stage.loops.loop(0), parts.loops());
    private final TrafficInspector inspector = new TrafficInspector(traffic);

    private ConfObject asked() {
        return (ConfObject) stage.call(inspector::dump);
    }

    private static long number(ConfObject told, String pointer) {
        Conf value = ConfPointer.parse(pointer).resolve(told).orElse(Conf.of(-1));
        return ConfObject.builder().put("n", value).build().integer("n", -2);
    }

    /** The exchange is counted behind its answer. */
    private ConfObject counted(long requests) {
        stage.await(requests + " are counted", () -> number(asked(), "/all/requests") == requests);
        return asked();
    }

    @Test
    void nothingIsCountedUntilSomebodyAsks() throws IOException {
        apply(conf(listener("a", "routes"), "200", ""));
        assertEquals("200", ask("a"));
        assertNull(parts.loops().http().getFirst().probe());
        assertEquals(0, number(asked(), "/all/requests"));
        assertEquals("200 200", ask("a") + " " + ask("a"));
        ConfObject told = counted(2);
        assertEquals(2, number(told, "/parts/routes/~1routes~10~1action/requests"));
        String listener = "/parts/listeners/" + address("a").replace("/", "~1");
        assertEquals(2, number(told, listener + "/requests"));
        assertEquals(0, number(told, listener + "/errors"));
        assertTrue(number(told, listener + "/latency/p99") >= number(told, listener + "/latency/p50"));
        assertTrue(number(told, "/all/latency/sum") > 0, "what takes no turn of the loop takes time");
        assertFalse(told.object("all").orElseThrow().has("queue"));
        stage.call(() -> {
            traffic.stop();
            return 0;
        });
        assertNull(parts.loops().http().getFirst().probe());
        assertEquals(0, number(asked(), "/all/requests"));
    }

    @Test
    void whatAnApplicationFailsIsItsError() throws IOException {
        apply(conf(listener("a", "applications/blog"), "200", APP));
        asked();
        assertEquals("503", ask("a"));
        ConfObject told = counted(1);
        assertEquals(1, number(told, "/parts/applications/blog/errors"));
        assertEquals(1, number(told, "/all/errors"));
        assertEquals(0, number(told, "/parts/applications/blog/worker/p99"));
        assertTrue(number(told, "/parts/applications/blog/queue/sum") >= 0);
        assertEquals(ConfObject.EMPTY, told.object("parts").orElseThrow().object("routes").orElseThrow());
    }

    @Test
    void partsAreThoseOfOneConfiguration() throws IOException {
        apply(conf(listener("a", "routes"), "200", ""));
        asked();
        assertEquals("200", ask("a"));
        counted(1);
        apply(conf(listener("a", "routes"), "404", ""));
        stage.call(() -> {
            traffic.changed();
            return 0;
        });
        ConfObject told = asked();
        assertEquals(1, number(told, "/all/requests"));
        assertEquals(ConfObject.EMPTY, told.object("parts").orElseThrow().object("routes").orElseThrow());
        assertTrue(number(told, "/parts/milliseconds") <= number(told, "/milliseconds"));
        assertEquals("404", ask("a"));
        assertEquals(1, number(counted(2), "/parts/routes/~1routes~10~1action/requests"));
    }

    @Test
    void allMayBeAskedForAlone() {
        apply(conf(listener("a", "routes"), "200", ""));
        ConfObject told = (ConfObject) stage.call(() -> inspector.answer("all"));
        assertFalse(told.has("parts"));
        assertEquals(0, number(told, "/all/requests"));
        assertThrows(IllegalArgumentException.class, () -> inspector.answer("some"));
    }
}
