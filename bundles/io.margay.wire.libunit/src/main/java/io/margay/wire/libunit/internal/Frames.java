// SPDX-License-Identifier: Apache-2.0
package io.margay.wire.libunit.internal;

import io.margay.engine.EventLoop;
import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import java.util.Optional;

/**
 * What a client sends whose request has become a WebSocket, on its way to the process ({@code spec/ports.md §12.4}): a
 * message for each frame, which stands in shared memory unless it is short. While the process has not read some of them
 * the client has to wait. On the loop of the request.
 */
final class Frames {

    /** Frames in shared memory that a process may have unread. */
    private static final int MOST_UNREAD = 64;
    /** Bytes of such frames. */
    private static final int MOST_BYTES = 2 << 20;
    private static final int SHORT = PortQueue.LONGEST - UnitProtocol.HEADER;
    private static final long AGAIN_MILLIS = 10;

    private final Flight flight;
    private final LibunitWorker worker;
    private final EventLoop engine;
    private final ArrayDeque<OutSegments.Claim> unread = new ArrayDeque<>(0);
    private final ArrayDeque<ByteBuf> waiting = new ArrayDeque<>(0);
    private int bytes;
    private boolean armed;

    Frames(Flight flight, LibunitWorker worker, EventLoop engine) {
        this.flight = flight;
        this.worker = worker;
        this.engine = engine;
    }

    /** Takes a frame over; false when there must not be more until the job resumes. */
    boolean take(ByteBuf frame) {
        waiting.add(frame);
        send();
        if (isBehind()) {
            arm();
            return false;
        }
        return true;
    }

    /** The client has gone: the process is told, and what it has read is nobody's business any more. */
    void end() {
        drop();
        message(true, Optional.empty(), 0);
    }

    /** The process has gone. */
    void close() {
        drop();
        unread.forEach(OutSegments.Claim::release);
        unread.clear();
    }

    private void drop() {
        waiting.forEach(ByteBuf::release);
        waiting.clear();
    }

    private boolean isBehind() {
        return !waiting.isEmpty() || unread.size() >= MOST_UNREAD || bytes >= MOST_BYTES;
    }

    private void arm() {
        if (!armed) {
            armed = true;
            engine.schedule(AGAIN_MILLIS, this::again);
        }
    }

    private void again() {
        armed = false;
        if (flight.job.isDone()) {
            drop();
            return;
        }
        while (!unread.isEmpty() && unread.peek().isReleased()) {
            bytes -= unread.remove().count() * Segment.CHUNK;
        }
        send();
        if (isBehind()) {
            arm();
        } else {
            flight.job.resume();
        }
    }

    private void send() {
        while (!waiting.isEmpty() && unread.size() < MOST_UNREAD && !worker.isBehind(flight.context())) {
            int length = waiting.peek().readableBytes();
            Optional<OutSegments.Claim> claim = Optional.empty();
            if (length > Segment.ROOM) {
                worker.alert("a WebSocket is cut: a frame of " + length + " bytes does not fit in shared memory");
                flight.job.fail();
                return;
            }
            if (length > SHORT) {
                claim = flight.lane.claim(length, flight.stream);
                if (claim.isEmpty()) {
                    return;
                }
            }
            message(false, claim, length);
        }
    }

    private void message(boolean last, Optional<OutSegments.Claim> claim, int length) {
        ByteBuf out = MessageBuffer.OUT.get().bytes;
        out.clear();
        UnitProtocol.header(out, flight.stream, flight.lane.port(), UnitProtocol.WEBSOCKET, last, claim.isPresent());
        if (!last) {
            ByteBuf frame = waiting.remove();
            if (claim.isPresent()) {
                OutSegments.Claim to = claim.get();
                frame.readBytes(to.memory().asSlice(0, length).asByteBuffer());
                unread.add(to);
                bytes += to.count() * Segment.CHUNK;
                out.writeIntLE(to.segment().id).writeIntLE(to.first()).writeIntLE(length);
            } else {
                out.writeBytes(frame, length);
            }
            frame.release();
        }
        worker.say(flight.context());
    }
}
