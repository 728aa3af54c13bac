// SPDX-License-Identifier: Apache-2.0
package io.margay.dispatch;

import io.margay.engine.EventLoop;
import io.margay.engine.Watch;
import io.margay.lang.RequestEncoder;
import io.margay.posix.Fd;
import io.margay.posix.Files;
import io.margay.posix.PosixException;
import io.margay.posix.Sockets;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.concurrent.FastThreadLocal;
import java.util.ArrayDeque;

/** The part of a pool that belongs to one event loop: its requests from encoding to the last response part. */
final class PoolLoop {

    static final int[] NO_FDS = {};
    /** Working memory of the thread for messages to and from workers; free whenever a callback begins. */
    static final FastThreadLocal<NativeBuffer> OUT = buffer();
    static final FastThreadLocal<NativeBuffer> IN = buffer();

    private static final FastThreadLocal<byte[]> COPY = new FastThreadLocal<>() {
        @Override
        protected byte[] initialValue() {
            return new byte[4096];
        }
    };

    private final AppPool pool;
    private final EventLoop engine;
    private final int index;
    private final RequestEncoder encoder;
    private final StreamTable table = new StreamTable();
    private final ArrayDeque<Queued> pending = new ArrayDeque<>();
    private final LoopTimeouts timeouts;
    private int lastStream;
    private long lastSent;
    private long lastTaken;
    private Channel channel;
    private Watch room;

    /** A message that waits for room in the request socket. */
    private record Queued(Outstanding entry, ByteBuf message) {
    }

    PoolLoop(AppPool pool, EventLoop engine, int index, RequestEncoder encoder) {
        this.pool = pool;
        this.engine = engine;
        this.index = index;
        this.encoder = encoder;
        this.channel = pool.current();
        this.timeouts = new LoopTimeouts(pool, this);
    }

    private static FastThreadLocal<NativeBuffer> buffer() {
        return new FastThreadLocal<>() {
            @Override
            protected NativeBuffer initialValue() {
                return new NativeBuffer();
            }
        };
    }

    EventLoop engine() {
        return engine;
    }

    int index() {
        return index;
    }

    int pid() {
        return pool.pid();
    }

    StreamTable table() {
        return table;
    }

    void alert(String text) {
        pool.log().alert(text);
    }

    // ---- requests -----------------------------------------------------

    /** Puts a request into the queue. */
    void submit(AppRequest request) {
        Outstanding entry = new Outstanding(nextStream(), request);
        table.put(entry);
        pool.began();
        NativeBuffer out = OUT.get();
        int length = encode(entry, out.bytes);
        if (length < 0) {
            alert("headers to big to fit in shared memory (" + out.bytes.writerIndex() + ")");
            request.fail(500);
            finish(entry);
            return;
        }
        send(entry, out, length);
        timeouts.arm();
        // After the send: a start that fails from now on finds the request in the queue.
        pool.requestArrived();
    }

    private int nextStream() {
        do {
            lastStream++;
        } while (lastStream == 0 || table.find(lastStream) != null);
        return lastStream;
    }

    private int encode(Outstanding entry, ByteBuf out) {
        AppRequest request = entry.request;
        out.clear();
        Wire.header(out, entry.stream, pool.pid(), index, Wire.TYPE_REQ_HEADERS);
        out.writerIndex(Wire.REQUEST_HEADER);
        if (!encoder.encode(request, out)) {
            return -1;
        }
        int end = out.writerIndex();
        if (end > Wire.MAX_MESSAGE) {
            return -1;
        }
        ByteBuf body = request.body();
        int inline = body.readableBytes();
        if (inline > Wire.MAX_MESSAGE - end || inline < request.contentLength()) {
            inline = 0;
        } else if (inline > 0) {
            out.writeBytes(body, body.readerIndex(), inline);
        }
        Wire.request(out, end - Wire.REQUEST_HEADER, inline, request);
        return end + inline;
    }

    private void send(Outstanding entry, NativeBuffer out, int length) {
        if (pending.isEmpty() && write(entry, out, length)) {
            return;
        }
        if (!pool.mayWait()) {
            alert("stream #" + Integer.toUnsignedString(entry.stream) + ", app '" + pool.spec().name()
                + "': failed to send app message");
            entry.request.fail(500);
            finish(entry);
            return;
        }
        entry.pending = true;
        pending.add(new Queued(entry, ByteBufAllocator.DEFAULT.directBuffer(length, length)
            .writeBytes(out.bytes, 0, length)));
        awaitRoom();
    }

    private boolean write(Outstanding entry, NativeBuffer out, int length) {
        int sent = Files.write(channel.request(), out.segment, 0, length);
        if (sent == Sockets.WOULD_BLOCK) {
            return false;
        }
        entry.order = ++lastSent;
        return true;
    }

    private void awaitRoom() {
        if (room == null) {
            room = engine.watch(channel.request(), (readable, writable, hangup) -> sendPending(), false, true);
        } else {
            room.interest(false, true);
        }
    }

    private void sendPending() {
        NativeBuffer out = OUT.get();
        while (!pending.isEmpty()) {
            Queued first = pending.peek();
            if (first.entry.pending) {
                int length = first.message.readableBytes();
                out.bytes.clear();
                out.bytes.writeBytes(first.message, 0, length);
                if (!write(first.entry, out, length)) {
                    return;
                }
                first.entry.pending = false;
            }
            pending.remove();
            first.message.release();
            pool.waited(1);
        }
        if (room != null) {
            room.interest(false, false);
        }
    }

    // ---- responses ----------------------------------------------------

    Outstanding find(int stream) {
        return table.find(stream);
    }

    /** Something about the request arrived. */
    void answered(Outstanding entry, ReplySocket from) {
        entry.reply = from;
        if (entry.order > lastTaken) {
            lastTaken = entry.order;
        }
        timeouts.touch(entry);
    }

    /** Whether a later request of this loop was taken, and so this one too: the socket keeps the order. */
    boolean overtaken(Outstanding entry) {
        return !entry.pending && entry.order < lastTaken;
    }

    void fail(Outstanding entry) {
        entry.fail();
        finish(entry);
    }

    /** The request needs the application no more. */
    void finish(Outstanding entry) {
        if (!table.remove(entry.stream)) {
            return;
        }
        entry.pending = false;
        pool.ended();
        if (entry.reply != null) {
            entry.reply.resume(entry);
        }
    }

    /** The body as a file; the caller closes it. */
    Fd bodyOf(AppRequest request) {
        if (request.bodyFile().isPresent()) {
            return request.bodyFile().get().duplicate();
        }
        Fd memory = Files.memfd("body", 0);
        try {
            ByteBuf body = request.body();
            byte[] copy = COPY.get();
            for (int at = body.readerIndex(); at < body.writerIndex();) {
                int part = Math.min(copy.length, body.writerIndex() - at);
                byte[] bytes = part == copy.length ? copy : new byte[part];
                body.getBytes(at, bytes, 0, part);
                Files.writeAll(memory.number(), bytes);
                at += part;
            }
            return memory;
        } catch (PosixException e) {
            memory.close();
            throw e;
        }
    }

    // ---- orders of the home loop, run here ----------------------------

    /** The socket ended; its worker may live on, but what it had taken by it is lost. */
    void replyEnded(ReplySocket socket) {
        table.forEach(entry -> {
            if (entry.reply == socket) {
                fail(entry);
            }
        });
    }

    /** Ends the requests of a dead worker: first what it has sent, then what it owes. */
    void workerGone(WorkerLink worker) {
        worker.replies.get(index).forEach(ReplySocket::drain);
        table.forEach(entry -> {
            if (entry.reply != null && entry.reply.worker() == worker) {
                fail(entry);
            }
        });
        Slots slots = worker.channel.slots;
        for (int slot = worker.slot; slot < worker.slot + worker.contexts; slot++) {
            Outstanding entry = slots.loop(slot) == index ? table.find(slots.stream(slot)) : null;
            if (entry != null && entry.reply == null && !entry.pending) {
                fail(entry);
            }
        }
        OrphanCheck.begin(pool, this);
    }

    /** From now on requests go to another channel. */
    void move(Channel next) {
        if (room != null) {
            room.cancel();
            room = null;
        }
        channel = next;
        if (!pending.isEmpty()) {
            awaitRoom();
        }
    }

    /** No request will come any more. */
    void retire() {
        if (room != null) {
            room.cancel();
            room = null;
        }
    }

    /** Sends a message that was taken back out of another channel's socket; takes over {@code message}. */
    void resend(ByteBuf message) {
        Outstanding entry = table.find(Wire.stream(message));
        if (entry != null && entry.reply == null) {
            NativeBuffer out = OUT.get();
            int length = message.readableBytes();
            out.bytes.clear();
            out.bytes.writeBytes(message, message.readerIndex(), length);
            send(entry, out, length);
        }
        message.release();
    }

    /** A request was taken back out of the socket, because nobody will serve it. */
    void withdrawn(int stream) {
        Outstanding entry = table.find(stream);
        if (entry != null && entry.reply == null) {
            fail(entry);
        }
    }

    /** Fails waiting requests, oldest first; gives how many. */
    int failPending(int most) {
        int failed = 0;
        while (failed < most && !pending.isEmpty()) {
            Queued first = pending.remove();
            first.message.release();
            pool.waited(1);
            if (first.entry.pending) {
                fail(first.entry);
                failed++;
            }
        }
        return failed;
    }
}
