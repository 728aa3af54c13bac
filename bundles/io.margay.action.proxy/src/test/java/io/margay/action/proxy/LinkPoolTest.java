// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.http.HttpLoop;
import io.netty.channel.DefaultEventLoop;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class LinkPoolTest {

    /** The last request of a router that leaves may have kept the configuration until its loops have ended. */
    @Test
    void itEndsAfterItsLoops() throws InterruptedException {
        DefaultEventLoop loop = new DefaultEventLoop();
        LinkPool pool = new LinkPool(new Endpoint("127.0.0.1:1", Optional.empty(), false, false, List.of()),
            name -> null);
        LoopSide side = new LoopSide(new HttpLoop(loop, 0, "1", (level, text) -> { }, () -> 1));
        assertEquals(Optional.empty(), pool.take(side));
        loop.shutdownGracefully(0, 0, TimeUnit.SECONDS);
        assertTrue(loop.awaitTermination(1, TimeUnit.MINUTES));
        assertDoesNotThrow(pool::close);
    }
}
