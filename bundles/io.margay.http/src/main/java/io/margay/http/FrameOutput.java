// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.util.Optional;

/**
 * What is sent on a WebSocket: frames of the application, which come in parts of any size, and those of the server
 * between them. Compresses the former where that was agreed on. On the loop.
 */
final class FrameOutput {
    private static final int MOST_HEAD = 14;
    private static final int CONTINUATION = 0;
    private static final int CLOSE = 8;
    private static final int NOTHING = -1;

    private final BaseExchange exchange;
    private final FrameSession.Carrier carrier;
    private final ByteBufAllocator alloc;
    private final FrameEdge edge = new FrameEdge();
    private final Optional<MessageDeflater> deflater;
    /** Bytes of the header on its way that have been sent already. */
    private int told;
    /** Whether the message on its way is compressed. */
    private boolean inCompressed;
    /** Whether the frame on its way is. */
    private boolean compresses;
    /** The newest frame of the server for which there was no room: older ones are as good as said by it. */
    private Optional<ByteBuf> owed = Optional.empty();
    /** Why the server ends it, if it only waits for what the application still has to say. */
    private Optional<WebSocketFault> ending = Optional.empty();

    FrameOutput(BaseExchange exchange, FrameSession.Carrier carrier, ByteBufAllocator alloc,
            Optional<MessageDeflater> deflater) {
        this.exchange = exchange;
        this.carrier = carrier;
        this.alloc = alloc;
        this.deflater = deflater;
    }

    // ---- of the application -------------------------------------------

    /** Sends what the application says; takes over {@code data}, after the last of which the exchange is complete. */
    void write(ByteBuf data, boolean last) {
        if (deflater.isEmpty() && owed.isEmpty() && ending.isEmpty()) {
            edge.pass(data);
            told = edge.known();
            exchange.output(data, last);
            return;
        }
        try {
            while (data.isReadable() && !exchange.isDone()) {
                if (isBetween()) {
                    between(data.getByte(data.readerIndex()) & 15);
                }
                if (!exchange.isDone()) {
                    step(data);
                }
            }
        } finally {
            data.release();
        }
        if (exchange.isDone()) {
            return;
        }
        if (!last) {
            settle();
        } else if (ending.isPresent()) {
            end(ending.get());
        } else {
            exchange.output(Unpooled.EMPTY_BUFFER, true);
        }
    }

    /** Passes on what belongs together: a header, or what there is of a payload. */
    private void step(ByteBuf data) {
        boolean head = edge.isInHead();
        int to = edge.advance(data, data.readerIndex(), data.writerIndex());
        ByteBuf part = data.readSlice(to - data.readerIndex());
        if (!head && compresses) {
            deflater.orElseThrow().add(part);
        } else if (!head) {
            exchange.output(part.retain(), false);
        } else if (edge.known() == 0) {
            begin();
        }
        if (compresses && edge.isReached()) {
            deflater.orElseThrow().flush(edge.isFinal());
        }
    }

    /** The header of a frame is complete. */
    private void begin() {
        int opcode = edge.opcode();
        if (opcode > CONTINUATION && opcode < CLOSE) {
            inCompressed = told == 0 && deflater.isPresent() && edge.isPlain()
                && deflater.get().isWorth(edge.length(), edge.isFinal());
            if (inCompressed) {
                deflater.get().begin(opcode);
            }
        }
        compresses = inCompressed && opcode < CLOSE;
        if (!compresses) {
            ByteBuf out = alloc.buffer(MOST_HEAD);
            edge.writeHead(out, told);
            exchange.output(out, false);
        }
        told = 0;
    }

    // ---- of the server ------------------------------------------------

    /** Whether a frame of the server may stand here. */
    boolean isBetween() {
        return edge.isReached() || compresses;
    }

    /** Sends a frame of the server as soon as one may stand and the client takes it; takes it over. */
    void own(ByteBuf frame) {
        owed.ifPresent(ByteBuf::release);
        owed = Optional.of(frame);
        settle();
    }

    /** Looks whether what is owed can be sent by now. */
    void settle() {
        if (isBetween()) {
            between(NOTHING);
        }
    }

    /** At a place where a frame of the server may stand. */
    private void between(int next) {
        if (owed.isPresent() && exchange.isWritable()) {
            ByteBuf frame = owed.get();
            owed = Optional.empty();
            carrier.send(frame);
        }
        if (next == CLOSE && edge.isReached()) {
            ending.ifPresent(this::end);
        }
    }

    /** From now on the close frame of the application, or its end, is where that of the server stands. */
    void endsWith(WebSocketFault fault) {
        ending = Optional.of(fault);
    }

    /** Why the server ends it, while that waits for the application. */
    Optional<WebSocketFault> ending() {
        return ending;
    }

    /** Ends the exchange: by a close frame unless the application is in the middle of another one. */
    void end(WebSocketFault fault) {
        if (isBetween()) {
            ByteBuf frame = alloc.buffer(fault.size());
            fault.write(frame);
            carrier.send(frame);
        }
        carrier.leave();
    }

    /** Gives memory back. */
    void close() {
        owed.ifPresent(ByteBuf::release);
        owed = Optional.empty();
        deflater.ifPresent(MessageDeflater::close);
    }
}
