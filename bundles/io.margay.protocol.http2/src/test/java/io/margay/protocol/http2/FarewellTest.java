// SPDX-License-Identifier: Apache-2.0
package io.margay.protocol.http2;

import static io.margay.testing.Http2Frames.frame;
import static io.margay.testing.Http2Frames.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.http.Exchange;
import io.margay.http.Fields;
import io.margay.testing.Http2Frames;
import io.margay.testing.Http2Frames.Frame;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How a connection takes its leave. */
class FarewellTest {
    private static final int ACK = 1;

    /** Why a server leaves: its codec is replaced, its router is, its listener has gone. */
    @ParameterizedTest
    @ValueSource(strings = {"replaced", "left", "removed"})
    void aServerThatLeavesSaysWhichRequestsWereTheLastWhenTheClientHasHeardOfIt(String why) {
        List<Exchange> waiting = new ArrayList<>();
        try (Peer peer = new Peer(waiting::add)) {
            peer.send(get(1, "/"));
            leave(peer, why);
            byte[] question = asked(peer.pass(0.5));
            assertEquals("", peer.pass(4).take(), "once");
            // It had sent this when it heard that it had better not.
            peer.send(get(3, "/"), pong(question));
            assertEquals(why.equals("removed") ? "3 reset 7\ngoaway 3 0" : "goaway 3 0", peer.take());
            peer.send(get(5, "/"));
            assertEquals("5 reset 7", peer.take(), "it knew better");
            waiting.forEach(e -> e.respond(200, Fields.NONE, new byte[0]));
            String ends = peer.take();
            assertTrue(ends.startsWith("1 [:status=200"), ends);
            assertEquals(!why.equals("removed"), ends.contains("3 [:status=200"), ends);
            assertFalse(ends.contains("5 "), ends);
            // A client may have taken the connection for a request before it heard, and use it now.
            peer.pass(0.5).send(get(7, "/"));
            assertEquals("7 reset 7", peer.take());
            assertTrue(peer.pass(0.5).isOpen());
            peer.send(get(9, "/"));
            assertEquals("", peer.take(), "the own end is said");
            assertTrue(peer.pass(1.9).isOpen(), "what the client says until it closes is no reason for a reset");
            assertTrue(peer.send(frame(Http2Frames.PING, 0, 0, new byte[8])).pass(1.9).isOpen());
            assertEquals("", peer.take());
            assertFalse(peer.pass(0.2).isOpen());
        }
    }

    @Test
    void aClientThatDoesNotAnswerIsNotWaitedForLong() {
        List<Exchange> waiting = new ArrayList<>();
        try (Peer peer = new Peer(waiting::add)) {
            peer.send(get(1, "/"));
            leave(peer, "left");
            byte[] question = asked(peer.pass(0.5));
            peer.send(frame(Http2Frames.PING, 0, 0, new byte[8]), pong(new byte[8]));
            assertEquals("", peer.pass(4.9).take(), "another PING is no answer");
            assertEquals("goaway 1 0", peer.pass(0.1).take());
            peer.send(pong(question));
            assertEquals("", peer.take(), "too late");
            waiting.getFirst().respond(200, Fields.NONE, new byte[0]);
            assertTrue(peer.take().startsWith("1 [:status=200"));
        }
    }

    private static void leave(Peer peer, String why) {
        switch (why) {
            case "replaced" -> peer.protocol.replaced();
            case "left" -> peer.server.leave();
            default -> peer.server.remove();
        }
    }

    /** What the PING says that comes behind a GOAWAY without a last stream. */
    private static byte[] asked(Peer peer) {
        List<Frame> frames = peer.frames();
        assertEquals(List.of(Http2Frames.GOAWAY, Http2Frames.PING), frames.stream().map(Frame::type).toList());
        assertEquals(Integer.MAX_VALUE, frames.getFirst().number());
        assertFalse(frames.getLast().has(ACK));
        return frames.getLast().payload();
    }

    private static byte[] pong(byte[] question) {
        return frame(Http2Frames.PING, ACK, 0, question);
    }
}
