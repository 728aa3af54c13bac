// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.Optional;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * An exchange that has become a WebSocket ({@code spec/routing.md §12}), whatever it travels by: reads frames, answers
 * pings, asks silent clients whether they are there, and closes by the rules. What the client has sent before it broke
 * one is still answered: the application is given a close frame behind it, and has some time to come to its own. On the
 * loop.
 */
public final class FrameSession implements WebSocketFrames.Sink {

    /** What frames travel by. */
    @ConsumerType
    public interface Carrier {

        /** Sends a frame of the server itself; takes it over. */
        void send(ByteBuf frame);

        /** Whether the client may send more than has come; it need not obey at once. */
        void read(boolean more);

        /** So many bytes of what came are not kept any more: the client has room for as many. */
        void taken(int bytes);

        /** The last frame was sent by the server: the exchange ends. */
        void leave();
    }

    private static final long SECOND = 1_000_000_000L;
    /** How long an application may need for what it was given before a client broke a rule. */
    private static final long LAST_WORDS = 2 * SECOND;
    private static final int CONTROL = 8;
    private static final int OPCODE = 0x0f;
    private static final int FINAL = 0x80;
    private static final int PONG = 0x8a;
    private static final int PING = 0x8900;

    private final BaseExchange exchange;
    private final FrameListener listener;
    private final ByteBufAllocator alloc;
    private final PendingInput pending;
    private final Carrier carrier;
    private final WebSocketSettings settings;
    private final WebSocketFrames frames;
    private final FrameOutput output;
    private final Optional<MessageInflater> inflater;
    private long heard;
    private boolean asked;
    private boolean paused;
    /** Whether the application was given a message, which it may answer. */
    private boolean given;
    /** Until when it has time for its last words, if the client broke a rule. */
    private long wordsUntil;

    /**
     * The response head is on the wire.
     *
     * @param pending what has come already; others may not touch it any more
     */
    public FrameSession(BaseExchange exchange, FrameListener listener, ByteBufAllocator alloc, PendingInput pending,
            Carrier carrier) {
        this.exchange = exchange;
        this.listener = listener;
        this.alloc = alloc;
        this.pending = pending;
        this.carrier = carrier;
        settings = exchange.settings().webSocket();
        Optional<Deflation> deflation = exchange.deflation();
        ZlibPool zlib = exchange.loop().zlib();
        frames = new WebSocketFrames(settings.maxFrameSize(), deflation.isPresent(), alloc, this);
        inflater = deflation.map(by -> new MessageInflater(zlib, by.context(), alloc, settings.maxFrameSize()));
        output = new FrameOutput(exchange, carrier, alloc, deflation.map(by ->
            new MessageDeflater(zlib, by.context(), alloc, part -> exchange.output(part, false))));
        heard = exchange.loop().now();
        exchange.frames(this);
    }

    /** Reads when the call that made it is over: the client may have sent frames already, which were kept. */
    public void begin() {
        paused = true;
        exchange.loop().netty().execute(this::resume);
    }

    /** Takes what has come, in order, and keeps what nobody wants yet; takes over. */
    public void input(ByteBuf in) {
        heard = exchange.loop().now();
        asked = false;
        int size = in.readableBytes();
        if (exchange.isDone()) {
            in.release();
            carrier.taken(size);
        } else if (paused || pending.isReadable()) {
            keep(in);
        } else {
            boolean all = frames.read(in);
            carrier.taken(size - in.readableBytes());
            if (all) {
                in.release();
            } else {
                keep(in);
            }
        }
    }

    private void keep(ByteBuf in) {
        if (exchange.isDone()) {
            carrier.taken(in.readableBytes());
            in.release();
            return;
        }
        carrier.read(false);
        pending.keep(in, alloc);
    }

    /** The application takes frames again: first those that were kept. */
    public void resume() {
        if (!paused || exchange.isDone()) {
            return;
        }
        paused = false;
        if (pending.isReadable()) {
            input(pending.take());
        }
        if (!paused && !exchange.isDone()) {
            heard = exchange.loop().now();
            carrier.read(true);
        }
    }

    @Override
    public boolean frame(ByteBuf frame) {
        ByteBuf plain = frame;
        if (inflater.isPresent() && inflater.get().takes(frame)) {
            plain = inflater.get().inflate(frame);
            Optional<WebSocketFault> fault = inflater.get().fault();
            if (fault.isPresent()) {
                plain.release();
                frames.end();
                fault(fault.get());
                return false;
            }
        }
        int head = plain.getByte(plain.readerIndex());
        given |= (head & FINAL) != 0 && (head & OPCODE) < CONTROL;
        paused |= !listener.frame(plain);
        if (paused) {
            // Netty may be about to read on.
            carrier.read(false);
        }
        return !paused;
    }

    @Override
    public void ping(ByteBuf payload) {
        int size = payload.readableBytes();
        output.own(alloc.buffer(2 + size).writeByte(PONG).writeByte(size).writeBytes(payload));
    }

    @Override
    public void fault(WebSocketFault fault) {
        exchange.loop().log().info("websocket error " + fault.code() + ": " + fault.text());
        if (!given) {
            output.end(fault);
            return;
        }
        wordsUntil = exchange.loop().now() + LAST_WORDS;
        output.endsWith(fault);
        ByteBuf frame = alloc.directBuffer();
        fault.writeMasked(frame);
        listener.frame(frame);
    }

    /** Sends frames of the application, whole or in parts; takes over. */
    void write(ByteBuf data, boolean last) {
        output.write(data, last);
    }

    /** The server ends it, whatever the application still has to say. */
    void leave(WebSocketFault fault) {
        if (output.isBetween()) {
            ByteBuf frame = alloc.buffer(fault.size());
            fault.write(frame);
            exchange.output(frame, true);
        } else {
            exchange.abort();
        }
    }

    /** Looks whether the client is silent too long. */
    public void check(long now) {
        output.settle();
        Optional<WebSocketFault> ending = output.ending();
        if (ending.isPresent()) {
            if (now - wordsUntil >= 0) {
                output.end(ending.get());
            }
            return;
        }
        if (paused || frames.isOver()) {
            return;
        }
        if (settings.readTimeout() > 0 && now - heard >= settings.readTimeout() * SECOND) {
            frames.end();
            fault(WebSocketFault.SILENT);
        } else if (settings.keepAlive() > 0 && !asked && now - heard >= settings.keepAlive() * SECOND) {
            asked = true;
            output.own(alloc.buffer(2).writeShort(PING));
        }
    }

    /** Gives memory back; nothing is read any more. */
    public void close() {
        frames.close();
        output.close();
        inflater.ifPresent(MessageInflater::close);
    }
}
