// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.engine.Generation;
import io.netty.channel.Channel;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Which protocol a connection speaks, and how long that is kept. */
class ProtocolsTest {
    private final List<String> attached = new ArrayList<>();
    private final HttpServer server = new HttpServer(new HttpBinding(HttpSettings.DEFAULTS, e -> { },
        new Generation(), false));
    private final List<EmbeddedChannel> channels = new ArrayList<>();

    private record Named(String name, List<String> alpn, int priority, List<String> attached) implements Protocol {
        @Override
        public void attach(Channel channel, HttpServer server, HttpLoop loop) {
            attached.add(name);
        }
    }

    private Protocol protocol(String name, int priority, String... alpn) {
        return new Named(name, List.of(alpn), priority, attached);
    }

    private boolean connect(Protocols protocols, Optional<Protocol> chosen) {
        EmbeddedChannel channel = new EmbeddedChannel();
        HttpLoop loop = new HttpLoop(channel.eventLoop(), 0, "1", (level, text) -> { }, () -> 1);
        channels.add(channel);
        boolean done = chosen.isPresent() ? protocols.attach(chosen.get(), channel, server, loop)
            : protocols.attach(channel, server, loop);
        channel.runPendingTasks();
        return done;
    }

    @Test
    void thePriorityDecidesWhatIsOffered() {
        Protocol one = protocol("one", 10, "http/1.1");
        Protocol two = protocol("two", 20, "h2");
        Protocol three = protocol("three", 5, "h3", "h2");
        Protocols all = Protocols.of(List.of(three, one, two));
        assertEquals(List.of("h2", "http/1.1", "h3"), all.alpn());
        assertEquals(List.of(two, one, three), all.all());
        assertEquals(Optional.empty(), all.other("http/1.1"));
        assertEquals(Optional.empty(), all.other("spdy"));
        assertSame(two, all.other("h2").orElseThrow());
        assertTrue(connect(all, Optional.empty()));
        assertTrue(connect(all, Optional.of(two)));
        assertFalse(connect(all, Optional.of(protocol("four", 1))));
        assertEquals(List.of("one", "two"), attached);
        assertTrue(connect(Protocols.of(List.of(three, two)), Optional.empty()));
        assertEquals("two", attached.getLast());
    }

    @Test
    void nobodyCanBeServedWithoutProtocols() {
        Protocols none = Protocols.of(List.of());
        assertTrue(none.isEmpty());
        assertFalse(connect(none, Optional.empty()));
    }

    @Test
    void aProtocolIsKeptUntilItsLastConnectionIsClosed() {
        Protocol old = protocol("old", 10, "http/1.1");
        Protocol fresh = protocol("fresh", 10, "http/1.1");
        Protocol same = protocol("same", 1, "x");
        Protocols before = Protocols.of(List.of(old, same));
        connect(before, Optional.empty());
        connect(before, Optional.of(same));
        Protocols after = before.next(List.of(fresh, same));
        CompletableFuture<Void> gone = before.replacedBy(after).toCompletableFuture();
        channels.forEach(EmbeddedChannel::runPendingTasks);
        assertFalse(gone.isDone());
        assertFalse(connect(before, Optional.empty()));
        assertTrue(connect(before, Optional.of(same)));
        assertTrue(connect(after, Optional.empty()));
        assertEquals(List.of("old", "same", "same", "fresh"), attached);
        channels.get(1).close();
        assertFalse(gone.isDone());
        channels.get(0).close();
        channels.get(0).runPendingTasks();
        assertTrue(gone.isDone());
    }
}
