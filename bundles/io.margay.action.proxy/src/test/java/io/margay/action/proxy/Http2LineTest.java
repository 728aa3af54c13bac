// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.http.HttpLoop;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.handler.codec.http2.Http2Settings;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a connection in HTTP/2 gives the pool, by what its server allows. */
class Http2LineTest {
    private static final int IDLE = 60_000;

    private final MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final EventLoop loop = group.next();
    private final LoopSide side = new LoopSide(new HttpLoop(loop, 0, "1", (level, text) -> { }, () -> 1));
    private final LinkPool pool = new LinkPool(new Endpoint("127.0.0.1:1", Optional.empty(), false, true, List.of()),
        name -> null);
    private ServerSocket server;
    private EpollSocketChannel channel;
    private Http2Line line;

    @BeforeEach
    void listen() throws Exception {
        server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    }

    @AfterEach
    void end() throws Exception {
        pool.close();
        server.close();
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).await();
    }

    private <T> T on(Callable<T> what) throws Exception {
        return loop.submit(what).get(1, TimeUnit.MINUTES);
    }

    private void connect(int idleMillis) throws Exception {
        channel = new EpollSocketChannel();
        loop.register(channel).sync();
        channel.connect(server.getLocalSocketAddress()).sync();
        on(() -> {
            line = new Http2Line(pool, side, idleMillis);
            line.connected(channel, true);
            return line;
        });
    }

    private void allows(Integer streams) throws Exception {
        on(() -> {
            Http2Settings settings = new Http2Settings();
            if (streams != null) {
                settings.maxConcurrentStreams(streams);
            }
            line.allows(settings);
            return null;
        });
    }

    /** Takes what the pool has, as requests do. */
    private List<UpstreamLink> take(int most) throws Exception {
        return on(() -> {
            List<UpstreamLink> taken = new ArrayList<>();
            Optional<Kept> kept = pool.take(side);
            while (kept.isPresent() && kept.get().isUsable(true) && taken.size() < most) {
                taken.add(kept.get().link().orElseThrow());
                kept = pool.take(side);
            }
            return taken;
        });
    }

    private void close(UpstreamLink link) throws Exception {
        on(() -> {
            link.close();
            return null;
        });
        // What the end of a stream leads to is on the loop behind it.
        on(() -> null);
    }

    @ParameterizedTest(name = "allowed {0}, taken {1}")
    @CsvSource({"1, 1", "3, 3", "100, 100", "5000, 100", ", 100"})
    void asManyAsTheServerAllows(Integer allowed, int taken) throws Exception {
        connect(IDLE);
        assertEquals(List.of(), take(1), "nothing before the server has said what it allows");
        allows(allowed);
        List<UpstreamLink> links = take(1000);
        assertEquals(taken, links.size());
        close(links.getFirst());
        assertEquals(1, take(1000).size(), "in place of the one that has ended");
        assertTrue(channel.isOpen());
    }

    @Test
    void aServerThatAllowsNothingIsLeft() throws Exception {
        connect(IDLE);
        allows(0);
        assertEquals(List.of(), take(1));
        channel.closeFuture().get(1, TimeUnit.MINUTES);
    }

    @Test
    void fewerThanBefore() throws Exception {
        connect(IDLE);
        allows(3);
        List<UpstreamLink> links = take(2);
        allows(1);
        assertEquals(List.of(), take(1));
        close(links.get(0));
        assertEquals(List.of(), take(1), "one is still there");
        close(links.get(1));
        assertEquals(1, take(5).size());
    }

    @Test
    void withoutKeepingItServesWhoWaits() throws Exception {
        connect(0);
        allows(10);
        assertEquals(List.of(), take(1));
        channel.closeFuture().get(1, TimeUnit.MINUTES);
    }

    @Test
    void aServerThatLeavesGetsNoMore() throws Exception {
        connect(IDLE);
        allows(10);
        List<UpstreamLink> links = take(2);
        on(() -> {
            line.leaves();
            return null;
        });
        assertEquals(List.of(), take(1));
        close(links.get(0));
        assertTrue(channel.isOpen(), "the other one goes on");
        close(links.get(1));
        channel.closeFuture().get(1, TimeUnit.MINUTES);
    }

    @Test
    void itIsIdleWithoutStreams() throws Exception {
        connect(IDLE);
        allows(10);
        assertTrue(on(line::isIdle));
        UpstreamLink link = take(1).getFirst();
        assertFalse(on(line::isIdle));
        close(link);
        assertTrue(on(line::isIdle));
        assertTrue(on(() -> pool.take(side).isPresent()));
    }

    /** RFC 8441 §3: it cannot be taken back. */
    @Test
    void whetherWebSocketsArePassedOn() throws Exception {
        connect(IDLE);
        allows(10);
        assertFalse(on(line::takesSockets));
        for (boolean on : new boolean[] {true, false}) {
            on(() -> {
                line.allows(new Http2Settings().connectProtocolEnabled(on));
                return null;
            });
            assertTrue(on(line::takesSockets));
        }
    }

    @Test
    void anEndTakesItOutOfThePool() throws Exception {
        connect(IDLE);
        allows(10);
        channel.close().sync();
        on(() -> null);
        assertEquals(List.of(), take(1));
    }
}
