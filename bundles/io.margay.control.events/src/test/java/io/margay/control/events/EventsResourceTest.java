// SPDX-License-Identifier: Apache-2.0
package io.margay.control.events;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.conf.Conf;
import io.margay.conf.ConfObject;
import io.margay.control.ControlPeer;
import io.margay.control.ControlReply;
import io.margay.control.ControlRequest;
import io.margay.control.ProcessQueries;
import io.margay.control.RequestHeaders;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import org.junit.jupiter.api.Test;

class EventsResourceTest {
    private final List<Runnable> timers = new ArrayList<>();
    private final EventRing ring = new EventRing();
    private final EventsResource resource = new EventsResource(new ProcessQueries() {
        @Override
        public List<String> names() {
            return List.of();
        }

        @Override
        public CompletionStage<Conf> ask(String process, String inspector, String question) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Executor loop() {
            return Runnable::run;
        }

        @Override
        public Runnable after(long millis, Runnable task) {
            timers.add(task);
            return () -> timers.remove(task);
        }
    }, ring);

    /** Takes as much as it asks for. */
    private static final class Client implements Flow.Subscriber<byte[]> {
        final List<String> pieces = new ArrayList<>();
        boolean complete;
        private Flow.Subscription source;

        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            source = subscription;
        }

        @Override
        public void onNext(byte[] piece) {
            pieces.add(new String(piece, StandardCharsets.UTF_8));
        }

        @Override
        public void onError(Throwable failure) {
            throw new AssertionError(failure);
        }

        @Override
        public void onComplete() {
            complete = true;
        }

        Client take(long count) {
            source.request(count);
            return this;
        }
    }

    private ControlReply get(String target, Map<String, List<String>> headers) {
        return resource.handle(new ControlRequest("GET", target, new RequestHeaders(headers), new byte[0],
            new ControlPeer.Remote("test"))).toCompletableFuture().join();
    }

    private Client client(String target, String... last) {
        ControlReply reply = get(target, last.length == 0 ? Map.of() : Map.of("Last-Event-ID", List.of(last[0])));
        assertEquals("text/event-stream", reply.type());
        Client client = new Client();
        reply.stream().orElseThrow().subscribe(client);
        return client;
    }

    private long publish(String type) {
        return ring.publish(type, "changed", ConfObject.EMPTY, 0);
    }

    @Test
    void eventsComeAsTheyAreWanted() {
        Client client = client("/events").take(1);
        long cause = ring.publish("configuration", "changed", ConfObject.builder().put("revision", 3).build(), 0);
        long id = ring.publish("application", "restarted", ConfObject.builder().put("application", "a").build(), cause);
        assertEquals(1, client.pieces.size());
        client.take(5);
        assertEquals(2, client.pieces.size());
        String text = client.pieces.get(1);
        assertTrue(text.startsWith("id: " + id + "\nevent: application\ndata: {\"id\":" + id + ",\"time\":\""), text);
        assertTrue(text.endsWith("\"type\":\"application\",\"what\":\"restarted\",\"cause\":" + cause
            + ",\"application\":\"a\"}\n\n"), text);
    }

    @Test
    void aClientGoesOnWhereItWas() {
        long first = publish("module");
        publish("module");
        Client client = client("/events", Long.toString(first)).take(9);
        assertEquals(1, client.pieces.size());
        assertTrue(client.pieces.getFirst().startsWith("id: " + (first + 1) + "\n"), client.pieces.toString());
    }

    @Test
    void onlyWantedTypesCome() {
        Client client = client("/events?type=process,module").take(9);
        publish("configuration");
        publish("module");
        assertEquals(1, client.pieces.size());
    }

    @Test
    void whatIsLostIsTold() {
        long first = publish("module");
        for (int i = 0; i < EventRing.SIZE + 5; i++) {
            publish("module");
        }
        for (String last : new String[] {"0", Long.toString(first), Long.toString(first + 1_000_000)}) {
            Client client = client("/events", last).take(5000);
            String gap = client.pieces.getFirst();
            assertTrue(gap.startsWith("event: stream\ndata: {\"type\":\"stream\",\"what\":\"gap\""), gap);
            assertEquals(EventRing.SIZE + 1, client.pieces.size());
        }
    }

    @Test
    void aSlowClientIsDroppedWithAWord() {
        Client slow = client("/events").take(1);
        for (int i = 0; i < EventRing.SIZE + 2; i++) {
            publish("module");
        }
        assertEquals(1, slow.pieces.size());
        slow.take(1);
        assertTrue(slow.pieces.get(1).contains("\"what\":\"dropped\""), slow.pieces.get(1));
        assertTrue(slow.complete);
        slow.take(5);
        assertEquals(2, slow.pieces.size());
    }

    @Test
    void aClientThatWaitsHearsThatTheConnectionLives() {
        Client waits = client("/events").take(2);
        Client reads = client("/events");
        timers.removeFirst().run();
        assertEquals(List.of(": \n\n"), waits.pieces);
        assertEquals(List.of(), reads.pieces);
        assertEquals(1, timers.size());
        waits.source.cancel();
        reads.source.cancel();
        timers.removeFirst().run();
        assertEquals(List.of(), timers);
    }

    @Test
    void clientsAreBounded() {
        List<Client> all = new ArrayList<>();
        for (int i = 0; i < 64; i++) {
            all.add(client("/events"));
        }
        assertEquals(503, get("/events", Map.of()).status());
        all.getFirst().source.cancel();
        assertEquals(200, get("/events", Map.of()).status());
    }

    @Test
    void badRequestsAreRefused() {
        assertEquals(400, get("/events?since=x", Map.of()).status());
        assertEquals(400, get("/events?since=1234567890123456789", Map.of()).status());
        assertEquals(404, get("/events/x", Map.of()).status());
    }

    @Test
    void withTheBundleAllStreamsEnd() {
        Client client = client("/events").take(1);
        resource.stop();
        publish("module");
        assertTrue(client.complete);
        assertEquals(List.of(), client.pieces);
        assertFalse(timers.isEmpty());
    }
}
