// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The life of a WebSocket between its client and its application ({@code spec/routing.md §12}). */
class FrameSessionTest {
    private static final byte[] NO_MASK = {(byte) 0x81, 0};

    private final UnpooledByteBufAllocator memory = new UnpooledByteBufAllocator(true);
    private long now = TimeUnit.SECONDS.toNanos(1000);
    private final WebSocketSettings settings = new WebSocketSettings(500, 60, 30, false, false);
    private final TestExchange exchange = new TestExchange(
        HttpSettings.DEFAULTS.change().webSocket(settings).build(), () -> now);
    private final PendingInput pending = new PendingInput();
    private final List<String> heard = new ArrayList<>();
    private final List<String> flow = new ArrayList<>();
    private final ByteArrayOutputStream own = new ByteArrayOutputStream();
    private boolean more = true;
    private int taken;
    private FrameSession session;

    private FrameSession session() {
        exchange.switching = Optional.of(listener -> {
            session = new FrameSession(exchange, listener, memory, pending, new FrameSession.Carrier() {
                @Override
                public void send(ByteBuf frame) {
                    byte[] bytes = FrameBytes.taken(frame);
                    own.writeBytes(bytes);
                    exchange.sent.writeBytes(bytes);
                }

                @Override
                public void read(boolean wanted) {
                    flow.add(wanted ? "go" : "stop");
                }

                @Override
                public void taken(int bytes) {
                    taken += bytes;
                }

                @Override
                public void leave() {
                    flow.add("leave");
                    exchange.gone();
                }
            });
            return session;
        });
        assertTrue(exchange.upgrade(TestExchange.bytes(""), frame -> {
            heard.add(FrameBytes.show(FrameBytes.taken(frame)));
            return more;
        }));
        session.begin();
        return session;
    }

    /** A session that reads. */
    private FrameSession reading() {
        session().resume();
        flow.clear();
        return session;
    }

    private void input(byte[] bytes) {
        session.input(memory.directBuffer().writeBytes(bytes));
    }

    private void text(String text) {
        input(FrameBytes.client(0x81, FrameBytes.text(text)));
    }

    private void seconds(long count) {
        now += TimeUnit.SECONDS.toNanos(count);
        session.check(now);
    }

    private String owned() {
        return FrameBytes.show(own.toByteArray());
    }

    private static ByteBuf server(int first, String text) {
        return Unpooled.wrappedBuffer(FrameBytes.server(first, FrameBytes.text(text)));
    }

    @AfterEach
    void nothingIsHeld() {
        if (!exchange.isDone()) {
            exchange.gone();
        }
        pending.discard();
        assertEquals(0, memory.metric().usedHeapMemory() + memory.metric().usedDirectMemory());
    }

    // ---- reading ------------------------------------------------------

    @Test
    void beginsWhenItsMakerIsDone() {
        pending.keep(memory.directBuffer().writeBytes(FrameBytes.client(0x81, FrameBytes.text("early"))), memory);
        session();
        text("next");
        assertEquals(List.of(), heard, "not during the call that makes it");
        assertEquals(List.of("stop"), flow);
        session.resume();
        assertEquals(List.of("81:early", "81:next"), heard);
        assertEquals(List.of("stop", "go"), flow);
    }

    @Test
    void whoWantsNoMoreIsLeftAlone() {
        reading();
        more = false;
        byte[] a = FrameBytes.client(0x81, FrameBytes.text("a"));
        byte[] b = FrameBytes.client(0x81, FrameBytes.text("b"));
        input(FrameBytes.join(a, b, b));
        assertEquals(List.of("81:a"), heard);
        assertTrue(flow.contains("stop") && !flow.contains("go"));
        assertEquals(a.length, taken, "room for what was taken only");
        input(a);
        assertEquals(List.of("81:a"), heard, "in its turn");
        session.resume();
        assertEquals(List.of("81:a", "81:b"), heard, "one at a time");
        more = true;
        session.resume();
        assertEquals(List.of("81:a", "81:b", "81:b", "81:a"), heard);
        assertEquals("go", flow.getLast());
        assertEquals(4 * a.length, taken, "all of it");
        flow.clear();
        session.resume();
        assertEquals(List.of(), flow, "it was not waiting");
    }

    @Test
    void pingsAreAnswered() {
        reading();
        input(FrameBytes.join(FrameBytes.client(0x89, FrameBytes.text("one")),
            FrameBytes.client(0x89, new byte[0]), FrameBytes.client(0x89, new byte[125])));
        assertEquals("8a:one 8a: 8a:" + "\0".repeat(125), owned());
        assertEquals(List.of(), heard, "the application does not hear of it");
    }

    @Test
    void pingsOfOneWhoDoesNotReadAreAnsweredOnce() {
        reading();
        exchange.writable = false;
        for (int i = 0; i < 100; i++) {
            input(FrameBytes.client(0x89, FrameBytes.text("" + i)));
        }
        assertEquals(0, own.size());
        exchange.writable = true;
        session.check(now);
        assertEquals("8a:99", owned(), "the newest stands for all (RFC 6455 §5.5.3)");
    }

    @Test
    void framesOfTheServerStandBetweenThoseOfTheApplication() {
        reading();
        ByteBuf frame = server(0x81, "hello");
        for (int i = 0; i < 7; i++) {
            exchange.write(frame.readRetainedSlice(1), false);
            if (i < 6) {
                input(FrameBytes.client(0x89, FrameBytes.text("p" + i)));
                assertEquals(0, own.size(), "not in the middle of a frame");
            }
        }
        frame.release();
        session.check(now);
        assertEquals("81:hello 8a:p5", FrameBytes.show(exchange.sent.toByteArray()));
    }

    // ---- broken rules -------------------------------------------------

    @Test
    void aFaultBeforeAnyMessageEndsIt() {
        reading();
        input(NO_MASK);
        assertEquals("88:\u0003\u00eaNot masked client frame", owned());
        assertEquals(List.of("leave"), flow);
        assertTrue(exchange.isDone());
        assertEquals(List.of("info websocket error 1002: Not masked client frame"), exchange.log);
        input(NO_MASK);
        assertEquals(1, exchange.log.size(), "what comes then is thrown away");
    }

    @Test
    void aFaultBehindAMessageLetsTheApplicationAnswerFirst() {
        reading();
        text("question");
        input(NO_MASK);
        assertEquals(List.of("81:question", "88:\u0003\u00eaNot masked client frame"), heard);
        assertFalse(exchange.isDone());
        exchange.write(server(0x81, "answer"), false);
        exchange.write(server(0x88, ""), false);
        assertEquals("81:answer 88:\u0003\u00eaNot masked client frame",
            FrameBytes.show(exchange.sent.toByteArray()), "the close frame is that of the server");
        assertTrue(exchange.isDone());
    }

    @Test
    void anApplicationThatSimplyEndsIsClosedForTheFault() {
        reading();
        text("question");
        input(NO_MASK);
        exchange.write(server(0x81, "answer"), true);
        assertEquals("81:answer 88:\u0003\u00eaNot masked client frame",
            FrameBytes.show(exchange.sent.toByteArray()));
        assertTrue(exchange.wire.toString().endsWith("cut"));
    }

    @ParameterizedTest
    @CsvSource({"1, false", "2, true", "3, true"})
    void itHasTwoSecondsForThat(int seconds, boolean over) {
        reading();
        text("question");
        input(NO_MASK);
        seconds(seconds);
        assertEquals(over, exchange.isDone());
        assertEquals(over ? "88:\u0003\u00eaNot masked client frame" : "", owned());
    }

    @Test
    void inTheMiddleOfAFrameThereIsNoOther() {
        reading();
        text("question");
        exchange.write(Unpooled.wrappedBuffer(FrameBytes.server(0x81, FrameBytes.text("answer")), 0, 4), false);
        input(NO_MASK);
        seconds(2);
        assertEquals("", owned(), "a close frame would become a part of the message");
        assertTrue(exchange.isDone());
    }

    // ---- time ---------------------------------------------------------

    @Test
    void theSilentAreAskedOnceAndThenGivenUp() {
        reading();
        seconds(29);
        assertEquals("", owned());
        seconds(1);
        assertEquals("89:", owned());
        seconds(29);
        assertEquals("89:", owned(), "once");
        assertFalse(exchange.isDone());
        seconds(1);
        assertTrue(exchange.isDone());
        assertEquals("89: 88:\u0003\u00e9Remote peer is going away", owned());
    }

    @Test
    void anyByteIsASignOfLife() {
        reading();
        seconds(59);
        input(new byte[] {(byte) 0x81});
        seconds(29);
        assertEquals("89:", owned());
        seconds(1);
        assertEquals("89: 89:", owned(), "asked again");
        seconds(29);
        assertFalse(exchange.isDone());
        seconds(1);
        assertTrue(exchange.isDone());
    }

    @Test
    void whoIsNotReadIsNotSilent() {
        reading();
        more = false;
        text("a");
        seconds(1000);
        assertFalse(exchange.isDone());
        assertEquals("", owned());
        session.resume();
        seconds(29);
        assertEquals("", owned(), "the time begins anew");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void bothTimersCanBeOff(int readTimeout) {
        TestExchange other = new TestExchange(HttpSettings.DEFAULTS.change()
            .webSocket(new WebSocketSettings(500, readTimeout, 0, false, false)).build(), () -> now);
        FrameSession silent = new FrameSession(other, frame -> true, memory, new PendingInput(),
            new FrameSession.Carrier() {
                @Override
                public void send(ByteBuf frame) {
                    own.writeBytes(FrameBytes.taken(frame));
                }

                @Override
                public void read(boolean wanted) {
                    flow.add("read");
                }

                @Override
                public void taken(int bytes) {
                    taken += bytes;
                }

                @Override
                public void leave() {
                    flow.add("leave");
                }
            });
        silent.check(now + TimeUnit.DAYS.toNanos(1));
        assertEquals(readTimeout > 0 ? List.of("leave") : List.of(), flow);
        silent.close();
    }

    // ---- the end ------------------------------------------------------

    @Test
    void behindTheCloseOfTheClientTheApplicationMayStillSpeak() {
        reading();
        input(FrameBytes.client(0x88, FrameBytes.code(1000, "bye")));
        assertEquals(List.of("88:\u0003\u00e8bye"), heard);
        text("late");
        seconds(1000);
        assertEquals(1, heard.size());
        assertFalse(exchange.isDone(), "the application ends it");
        exchange.write(server(0x88, ""), true);
        assertEquals("88:", FrameBytes.show(exchange.sent.toByteArray()));
        assertTrue(exchange.wire.toString().endsWith("done"));
    }

    @Test
    void theServerLeavesByACloseFrame() {
        reading();
        exchange.write(server(0x82, "data"), false);
        exchange.close(WebSocketFault.LEAVING);
        assertEquals("82:data 88:\u0003\u00e9Server is going away", FrameBytes.show(exchange.sent.toByteArray()));
        assertTrue(exchange.wire.toString().endsWith("done"), "a whole response");
        exchange.close(WebSocketFault.LEAVING);
        exchange.write(server(0x81, "late"), false);
        assertEquals("82:data 88:\u0003\u00e9Server is going away", FrameBytes.show(exchange.sent.toByteArray()));
    }

    @Test
    void inTheMiddleOfAFrameItCuts() {
        reading();
        exchange.write(Unpooled.wrappedBuffer(new byte[] {(byte) 0x82, 4, 1}), false);
        exchange.close(WebSocketFault.LEAVING);
        assertTrue(exchange.wire.toString().endsWith("cut"));
        assertEquals(3, exchange.sent.size());
    }

    @Test
    void onlyARequestForItBecomesOne() {
        assertThrows(IllegalStateException.class, () -> exchange.upgrade(TestExchange.bytes(""), frame -> true));
        exchange.close(WebSocketFault.LEAVING);
        assertFalse(exchange.isDone(), "nothing to close");
    }
}
