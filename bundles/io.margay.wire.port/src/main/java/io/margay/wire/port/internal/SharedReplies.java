// SPDX-License-Identifier: Apache-2.0
package io.margay.wire.port.internal;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;

/**
 * What a reply socket keeps when its context works on many requests at a time: a slow client must not stop the others,
 * so instead of the socket the one response waits. The worker asks now and then whether the client has taken what was
 * sent, and goes on when told so. One that goes on regardless has its socket stopped.
 */
final class SharedReplies {

    /** Bytes that a response may send while its client takes nothing: more than a worker that asks ever has. */
    private static final int ALLOWANCE = 512 * 1024;
    /** Words for the worker that may wait: it reads them sooner or later, so more is no honest worker's need. */
    private static final int MAX_WORDS = 65_536;

    /** Bytes of frames that may wait: beyond, whoever sends one more is cut. */
    private static final int MAX_FRAMES = 16 << 20;
    /** Longest piece of a frame in a message. */
    private static final int PIECE = 32 * 1024;

    /** Sends a word about a request; false when the socket has no room. */
    interface Sender {

        /** The message of that type. */
        boolean send(int stream, int type, ByteBuf payload);
    }

    private record Word(int stream, int type, ByteBuf payload) {
    }

    private static final class Behind {
        private int bytes;
        private int questions;
    }

    private final Sender sender;
    private final Map<Integer, Behind> behind = new HashMap<>();
    private final ArrayDeque<Word> words = new ArrayDeque<>(0);
    private int waiting;

    SharedReplies(Sender sender) {
        this.sender = sender;
    }

    /**
     * A part of a response was sent.
     *
     * @param room whether the client takes more
     * @param asks whether the worker wants to be told when it does
     * @return false when the socket has to wait as well
     */
    boolean sent(int stream, int length, boolean room, boolean asks) {
        if (room) {
            if (asks) {
                say(stream, Messages.TYPE_SHM_ACK);
            }
            return true;
        }
        Behind of = behind.computeIfAbsent(stream, none -> new Behind());
        of.bytes += length;
        of.questions += asks ? 1 : 0;
        return of.bytes <= ALLOWANCE;
    }

    /** The client takes more, or has gone: answers what was asked. */
    void writable(int stream) {
        Behind of = behind.remove(stream);
        for (int i = of == null ? 0 : of.questions; i > 0; i--) {
            say(stream, Messages.TYPE_SHM_ACK);
        }
    }

    /** Tells the worker something about a request, now or as soon as there is room. */
    void say(int stream, int type) {
        say(new Word(stream, type, Unpooled.EMPTY_BUFFER));
    }

    private void say(Word word) {
        if (words.isEmpty() && sender.send(word.stream, word.type, word.payload)) {
            word.payload.release();
        } else {
            words.add(word);
            waiting += word.payload.readableBytes();
        }
    }

    /**
     * Passes a frame on, in pieces that messages can hold, each behind a byte that is 1 for the last.
     *
     * @param frame taken over
     * @return false when so many wait that this one was dropped
     */
    boolean frame(int stream, ByteBuf frame) {
        try {
            if (waiting > MAX_FRAMES) {
                return false;
            }
            while (frame.isReadable()) {
                int size = Math.min(PIECE, frame.readableBytes());
                ByteBuf piece = frame.alloc().buffer(1 + size);
                piece.writeByte(size == frame.readableBytes() ? 1 : 0).writeBytes(frame, size);
                say(new Word(stream, Messages.TYPE_WEBSOCKET, piece));
            }
            return true;
        } finally {
            frame.release();
        }
    }

    /** Sends what waits. */
    void flush() {
        while (!words.isEmpty() && sender.send(words.peek().stream, words.peek().type, words.peek().payload)) {
            Word word = words.remove();
            waiting -= word.payload.readableBytes();
            word.payload.release();
        }
    }

    /** Drops what waits. */
    void close() {
        words.forEach(word -> word.payload.release());
        words.clear();
        waiting = 0;
    }

    /** Whether something waits for room. */
    boolean waits() {
        return !words.isEmpty();
    }

    /** Whether the worker does not listen any more. */
    boolean isDeaf() {
        return words.size() > MAX_WORDS;
    }
}
