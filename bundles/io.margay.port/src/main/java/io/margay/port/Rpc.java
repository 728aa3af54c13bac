// SPDX-License-Identifier: Apache-2.0
package io.margay.port;

import io.margay.engine.EventLoop;
import io.margay.engine.Timer;
import io.margay.log.ErrorLog;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Binds answers to requests by stream numbers ({@code spec/ports.md §5.2}). One object for each event loop, used on its
 * thread only.
 *
 * <p>Unit shares one counter between all processes. Here the top eight bits of a stream name the loop that made it, so
 * numbers never meet although no memory is shared.
 */
public final class Rpc {

    /** Owner number of the main process. */
    public static final int OWNER_MAIN = 1;
    /** Owner number of the controller. */
    public static final int OWNER_CONTROLLER = 2;
    /** Owner number of the router's first loop; loop {@code n} has {@code OWNER_ROUTER + n}. */
    public static final int OWNER_ROUTER = 16;
    /** The highest owner number. */
    public static final int OWNER_MAX = 255;

    private static final int SHIFT = 24;
    private static final int MASK = (1 << SHIFT) - 1;

    /** One request that waits. */
    private static final class Entry {
        private final Consumer<Message> ready;
        private final Consumer<RpcFailure> error;
        private final int peer;
        private Timer timer;

        Entry(Consumer<Message> ready, Consumer<RpcFailure> error, int peer) {
            this.ready = ready;
            this.error = error;
            this.peer = peer;
        }

        void disarm() {
            if (timer != null) {
                timer.cancel();
            }
        }
    }

    private final EventLoop loop;
    private final int owner;
    private final ErrorLog log;
    private final Map<Integer, Entry> entries = new HashMap<>();
    private int counter;

    /**
     * Makes the registry of one loop.
     *
     * @param loop its loop, for deadlines
     * @param owner number of the loop, unique among all core processes, 1 to {@value #OWNER_MAX}
     * @param log takes answers of processes that were not asked
     */
    public Rpc(EventLoop loop, int owner, ErrorLog log) {
        if (owner < 1 || owner > OWNER_MAX) {
            throw new IllegalArgumentException("owner " + owner + " out of range");
        }
        this.loop = loop;
        this.owner = owner;
        this.log = log;
    }

    /**
     * Registers a request before it is sent. Exactly one of the handlers ends it; when answers come in several messages
     * the ready handler is called for each.
     *
     * @param ready takes every message that is not an error
     * @param error takes the failure
     * @param millis time until the request is given up, or 0 for no deadline
     * @param peer global pid of the process that is asked: its death ends the request, and nobody else can answer; 0
     *     when it may be any
     * @return the stream to put in the header
     */
    public int register(Consumer<Message> ready, Consumer<RpcFailure> error, long millis, int peer) {
        int stream = next();
        Entry entry = new Entry(ready, error, peer);
        entries.put(stream, entry);
        if (millis > 0) {
            entry.timer = loop.schedule(millis, () -> end(stream, RpcFailure.Kind.DEADLINE));
        }
        return stream;
    }

    /**
     * Forgets a request without calling its handlers.
     *
     * @return whether it was there
     */
    public boolean forget(int stream) {
        Entry entry = entries.remove(stream);
        if (entry != null) {
            entry.disarm();
        }
        return entry != null;
    }

    /**
     * Hands a message to the request that it answers. A message with the last flag and an error end the request. The
     * answer of a process that was not asked is ignored with an alert.
     *
     * @return false when no request has this stream, which is no fault since it may be late, or when it is another's
     */
    public boolean dispatch(Message message) {
        Integer stream = message.stream();
        Entry entry = entries.get(stream);
        if (entry == null) {
            return false;
        }
        if (entry.peer != 0 && entry.peer != message.senderPid()) {
            log.alert("process " + message.senderPid() + " answered a request to process " + entry.peer);
            return false;
        }
        boolean error = message.type() == MessageType.RPC_ERROR;
        if (error || message.header().last()) {
            entries.remove(stream);
            entry.disarm();
        }
        if (error) {
            entry.error.accept(new RpcFailure(RpcFailure.Kind.ERROR, Optional.of(message)));
        } else {
            entry.ready.accept(message);
        }
        return true;
    }

    /**
     * Ends one request as if its peer had died, for a REMOVE_PID that names the stream.
     *
     * @return whether it was there
     */
    public boolean failStream(int stream) {
        return end(stream, RpcFailure.Kind.PEER_GONE);
    }

    /** Ends every request that is bound to a process which is gone. */
    public void fail(int peer) {
        if (peer == 0) {
            return;
        }
        List<Integer> bound = new ArrayList<>();
        entries.forEach((stream, entry) -> {
            if (entry.peer == peer) {
                bound.add(stream);
            }
        });
        bound.forEach(stream -> end(stream, RpcFailure.Kind.PEER_GONE));
    }

    /** Ends every request, when the process leaves. */
    public void cancelAll() {
        List.copyOf(entries.keySet()).forEach(stream -> end(stream, RpcFailure.Kind.CANCELLED));
    }

    /** How many requests wait. */
    public int pending() {
        return entries.size();
    }

    private boolean end(int stream, RpcFailure.Kind kind) {
        Entry entry = entries.remove(stream);
        if (entry == null) {
            return false;
        }
        entry.disarm();
        entry.error.accept(RpcFailure.of(kind));
        return true;
    }

    private int next() {
        if (entries.size() >= MASK) {
            throw new IllegalStateException("too many requests wait");
        }
        int stream;
        do {
            counter = counter % MASK + 1;
            stream = owner << SHIFT | counter;
        } while (entries.containsKey(stream));
        return stream;
    }
}
