// SPDX-License-Identifier: Apache-2.0
package io.margay.router.internal;

import io.margay.http.HttpCounters.Totals;
import io.margay.port.Header;
import io.margay.port.Message;
import io.margay.port.MessageType;
import io.margay.port.PayloadException;
import io.margay.port.Peer;
import io.margay.process.CoreChild;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * What the routers have counted whose place this one has taken: those that are there still are asked, those that have
 * left have said it last. So the numbers of the status never fall. On the control loop.
 */
final class Predecessors {

    private static final long ANSWER_MILLIS = 1_000;

    private final CoreChild child;
    /** What is known of each that was there when this process began, by its pid. */
    private final Map<Integer, Totals> known = new TreeMap<>();
    private Totals gone = Totals.ZERO;

    /** With the pids of those that are there. */
    Predecessors(CoreChild child, List<Integer> pids) {
        this.child = child;
        pids.forEach(pid -> known.put(pid, Totals.ZERO));
    }

    /** The sums of all of them now. */
    CompletionStage<Totals> totals() {
        List<CompletableFuture<?>> asked = new ArrayList<>();
        known.keySet().forEach(pid -> asked.add(ask(pid)));
        return CompletableFuture.allOf(asked.toArray(CompletableFuture<?>[]::new)).thenApply(all ->
            known.values().stream().reduce(gone, Totals::plus));
    }

    /** What is known of all of them without asking. */
    Totals soFar() {
        return known.values().stream().reduce(gone, Totals::plus);
    }

    /** Of those that are gone alone, which is what this process says of itself to the next one. */
    Totals gone() {
        return gone;
    }

    private CompletableFuture<Void> ask(int pid) {
        CompletableFuture<Void> answered = new CompletableFuture<>();
        int stream = child.rpc().register(answer -> {
            known.computeIfPresent(pid, (same, before) -> decode(answer));
            answered.complete(null);
        }, failure -> answered.complete(null), ANSWER_MILLIS, pid);
        if (child.table().find(pid).flatMap(child.table()::peer).map(peer -> peer.send(
                Header.last(MessageType.COUNTERS, stream, child.self())))
                .filter(sent -> sent != Peer.Sent.DROPPED).isEmpty()) {
            child.rpc().failStream(stream);
        }
        return answered;
    }

    /** The last word of one that leaves: all of its connections are closed. */
    void said(Message message) {
        Totals last = decode(message);
        known.remove(message.senderPid());
        gone = gone.plus(closed(last));
    }

    /** One is gone, perhaps without a word: then what is known counts. */
    void left(int pid) {
        Totals last = known.remove(pid);
        if (last != null) {
            gone = gone.plus(closed(last));
        }
    }

    private static Totals closed(Totals last) {
        return new Totals(last.accepted(), 0, last.accepted(), last.requests());
    }

    static byte[] encode(Totals totals) {
        return ByteBuffer.allocate(4 * Long.BYTES).putLong(totals.accepted()).putLong(totals.idle())
            .putLong(totals.closed()).putLong(totals.requests()).array();
    }

    private static Totals decode(Message message) {
        ByteBuffer payload = ByteBuffer.wrap(message.bytes());
        if (payload.remaining() != 4 * Long.BYTES) {
            throw new PayloadException("counters_handler: " + payload.remaining() + " bytes");
        }
        return new Totals(payload.getLong(), payload.getLong(), payload.getLong(), payload.getLong());
    }
}
