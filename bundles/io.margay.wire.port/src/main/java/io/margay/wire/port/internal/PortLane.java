// SPDX-License-Identifier: Apache-2.0
package io.margay.wire.port.internal;

import io.margay.dispatch.AppRequest;
import io.margay.dispatch.Job;
import io.margay.dispatch.Lane;
import io.margay.engine.EventLoop;
import io.margay.engine.Watch;
import io.margay.lang.RequestEncoder;
import io.margay.posix.Files;
import io.margay.posix.Processes;
import io.margay.posix.Sockets;
import io.netty.buffer.ByteBuf;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/** The request socket of a generation as one loop writes it. */
final class PortLane implements Lane {

    private final PortGeneration generation;
    private final EventLoop engine;
    private final int index;
    private final RequestEncoder encoder;
    private final int pid = Processes.pid();
    /** How many requests it has sent, and the last of them that a worker is known to have; any thread reads them. */
    private final AtomicLong lastSent = new AtomicLong();
    private final AtomicLong lastTaken = new AtomicLong();
    private Optional<Watch> room = Optional.empty();

    PortLane(PortGeneration generation, int index, RequestEncoder encoder) {
        this.generation = generation;
        this.engine = generation.context().loops().get(index);
        this.index = index;
        this.encoder = encoder;
    }

    @Override
    public Offer offer(Job job) {
        NativeBuffer out = NativeBuffer.OUT.get();
        int length = encode(job, out.bytes);
        if (length < 0) {
            generation.context().log().alert("headers to big to fit in shared memory (" + out.bytes.writerIndex()
                + ")");
            return Offer.REFUSED;
        }
        if (Files.write(generation.request(), out.segment, 0, length) == Sockets.WOULD_BLOCK) {
            return Offer.FULL;
        }
        long order = lastSent.getPlain() + 1;
        lastSent.setRelease(order);
        job.queued(order, this);
        return Offer.QUEUED;
    }

    private int encode(Job job, ByteBuf out) {
        AppRequest request = job.request();
        out.clear();
        Messages.header(out, job.id(), pid, index, Messages.TYPE_REQ_HEADERS);
        out.writerIndex(Messages.REQUEST_HEADER);
        if (!encoder.encode(request, out)) {
            return -1;
        }
        int end = out.writerIndex();
        // A language may be anybody's.
        if (end > Messages.LONGEST || end < Messages.REQUEST_HEADER) {
            return -1;
        }
        ByteBuf body = request.body();
        int inline = body.readableBytes();
        if (inline > Messages.LONGEST - end || inline < request.contentLength()) {
            inline = 0;
        } else if (inline > 0) {
            out.writeBytes(body, body.readerIndex(), inline);
        }
        Messages.request(out, end - Messages.REQUEST_HEADER, inline, request);
        return end + inline;
    }

    @Override
    public void cancel(Job job) {
        generation.slots().cancel(index, job.id());
    }

    @Override
    public void awaitRoom(Runnable action) {
        if (room.isEmpty()) {
            room = Optional.of(engine.watch(generation.request(), (readable, writable, hangup) -> action.run(), false,
                true));
        } else {
            room.get().interest(false, true);
        }
    }

    @Override
    public void idle() {
        room.ifPresent(watch -> watch.interest(false, false));
    }

    @Override
    public void leave() {
        room.ifPresent(Watch::cancel);
        room = Optional.empty();
    }

    /** A worker has a request of this queue, and so all before it are taken, too. */
    void taken(Job job) {
        if (job.order() > lastTaken.getPlain()) {
            lastTaken.setRelease(job.order());
        }
    }

    /** The number of the last request that was sent; any thread. */
    long lastSent() {
        return lastSent.getAcquire();
    }

    /** The number of the last request that is known to be taken; any thread. */
    long lastTaken() {
        return lastTaken.getAcquire();
    }
}
