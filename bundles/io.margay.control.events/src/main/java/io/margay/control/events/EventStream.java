// SPDX-License-Identifier: Apache-2.0
package io.margay.control.events;

import io.margay.conf.ConfObject;
import io.margay.conf.ConfWriter;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Flow;

/**
 * Events for one client, as server-sent events. Nothing is kept for it but its place among them: one that is too slow
 * for the ring is told so and dropped. On the loop only.
 */
final class EventStream implements Flow.Publisher<byte[]>, Flow.Subscription {
    private static final byte[] HEARTBEAT = ": \n\n".getBytes(StandardCharsets.US_ASCII);

    private final EventRing ring;
    private final Set<String> types;
    private final Runnable left;
    private Optional<Flow.Subscriber<? super byte[]>> client = Optional.empty();
    private long place;
    private long wanted;
    private boolean told;
    private boolean busy;
    private boolean ended;

    /**
     * A stream.
     *
     * @param place the event behind which it begins
     * @param told whether the client is to hear first that events behind its place are lost
     * @param types those that it wants; none for all
     * @param left called when the client has left
     */
    EventStream(EventRing ring, long place, boolean told, Set<String> types, Runnable left) {
        this.ring = ring;
        this.place = place;
        this.told = told;
        this.types = types;
        this.left = left;
    }

    @Override
    public void subscribe(Flow.Subscriber<? super byte[]> subscriber) {
        client = Optional.of(subscriber);
        subscriber.onSubscribe(this);
    }

    @Override
    public void request(long count) {
        wanted += count;
        proceed();
    }

    /** Sends what there is, as far as it is wanted. */
    void proceed() {
        // What is sent may at once be asked for more.
        if (busy) {
            return;
        }
        busy = true;
        while (wanted > 0 && !ended && step()) {
            wanted--;
        }
        busy = false;
    }

    private boolean step() {
        if (told) {
            told = false;
            place = ring.beginning();
            send(event("gap", 0, "events before these are not kept any more; read the state anew"));
            return true;
        }
        if (ring.hasLost(place)) {
            send(event("dropped", 0, "this client reads too slowly"));
            end();
            return false;
        }
        while (true) {
            Optional<EventRing.Event> next = ring.after(place);
            if (next.isEmpty()) {
                return false;
            }
            place = next.get().id();
            if (types.isEmpty() || types.contains(next.get().type())) {
                send(text(next.get().type(), place, next.get().value()));
                return true;
            }
        }
    }

    /** Sends no more. */
    void end() {
        if (!ended) {
            ended = true;
            client.ifPresent(Flow.Subscriber::onComplete);
            left.run();
        }
    }

    /** Shows a client that waits that the connection lives. */
    void beat() {
        if (wanted > 0 && !ended) {
            wanted--;
            send(HEARTBEAT);
        }
    }

    private void send(byte[] piece) {
        client.orElseThrow().onNext(piece);
    }

    private static byte[] event(String what, long id, String reason) {
        return text("stream", id, ConfObject.builder().put("type", "stream").put("what", what).put("reason", reason)
            .build());
    }

    /** JSON of one line has no line ends, so that it is one line of data. */
    private static byte[] text(String type, long id, ConfObject value) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(((id > 0 ? "id: " + id + "\n" : "") + "event: " + type + "\ndata: ")
            .getBytes(StandardCharsets.US_ASCII));
        out.writeBytes(ConfWriter.compact(value));
        out.writeBytes(new byte[] {'\n', '\n'});
        return out.toByteArray();
    }

    @Override
    public void cancel() {
        if (!ended) {
            ended = true;
            left.run();
        }
    }
}
