// SPDX-License-Identifier: Apache-2.0
package io.margay.wire.port.internal;

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

    /** Sends a word about a request; false when the socket has no room. */
    interface Sender {

        /** The message of that type, without a payload. */
        boolean send(int stream, int type);
    }

    private static final class Behind {
        private int bytes;
        private int questions;
    }

    private final Sender sender;
    private final Map<Integer, Behind> behind = new HashMap<>();
    private final ArrayDeque<int[]> words = new ArrayDeque<>(0);

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
        if (!words.isEmpty() || !sender.send(stream, type)) {
            words.add(new int[] {stream, type});
        }
    }

    /** Sends what waits. */
    void flush() {
        while (!words.isEmpty() && sender.send(words.peek()[0], words.peek()[1])) {
            words.remove();
        }
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
