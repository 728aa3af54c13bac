// SPDX-License-Identifier: Apache-2.0
package io.margay.engine.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.engine.EventLoops;
import io.netty.channel.DefaultChannelId;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class EpollEngineTest {

    private final EpollEngine engine = new EpollEngine();
    private final List<Throwable> failures = new CopyOnWriteArrayList<>();

    @AfterEach
    void stop() {
        engine.stop();
    }

    private static String threadOf(EventLoops loops) throws Exception {
        CompletableFuture<String> name = new CompletableFuture<>();
        loops.loop(0).execute(() -> name.complete(Thread.currentThread().getName()));
        return name.get(20, TimeUnit.SECONDS);
    }

    @Test
    void loopsRunUnderTheirName() throws Exception {
        EventLoops loops = engine.loops("here", 2, failures::add);
        assertEquals(2, loops.size());
        assertEquals("here-0", threadOf(loops));
        assertFalse(loops.isShutdown());
        loops.close();
        assertTrue(loops.isShutdown());
    }

    @Test
    void whatNobodyEndedEndsWithTheEngine() throws Exception {
        EventLoops loops = engine.loops("left", 1, failures::add);
        assertEquals("left-0", threadOf(loops));
        engine.stop();
        assertTrue(loops.isShutdown());
        loops.shutdown().toCompletableFuture().get(20, TimeUnit.SECONDS);
        assertThrows(IllegalStateException.class, () -> engine.loops("late", 1, failures::add));
    }

    @Test
    void nettyAsksNoNetworkInterfaceForItsName() {
        engine.loops("quiet", 1, failures::add).close();
        assertEquals("00:00:00:00:00:00:00:01", System.getProperty("io.netty.machineId"));
        assertTrue(DefaultChannelId.newInstance().asLongText().startsWith("0000000000000001-"));
    }
}
