// SPDX-License-Identifier: Apache-2.0
package io.margay.protocol.http1;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.http.Exchange;
import io.margay.http.HttpSettings;
import io.margay.http.WebSocketFault;
import io.margay.http.WebSocketSettings;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** WebSockets: spec/routing.md §12. */
class WebSocketTest {

    private static final String UPGRADE = "GET /chat HTTP/1.1\r\nHost: x\r\nConnection: keep-alive, Upgrade\r\n"
        + "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    /** The example of RFC 6455. */
    private static final String SWITCHED = "HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Protocol: chat\r\n"
        + "Server: Unit/1.35.0\r\nDate: D\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
    private static final String MASK = "01020304";

    private final List<String> frames = new ArrayList<>();
    private final Wire wire = new Wire(HttpSettings.DEFAULTS.change()
        .webSocket(new WebSocketSettings(200, 60, 30, true, false)).build(), this::handle);
    private Exchange exchange;
    private String ended = "";
    private boolean takesMore = true;

    private void handle(Exchange request) {
        if (!request.request().isWebSocket()) {
            request.respond(200, io.margay.http.Fields.NONE, new byte[0]);
            return;
        }
        exchange = request;
        request.onDone((done, complete) -> ended = complete ? "complete" : "cut");
        request.upgrade(Unpooled.copiedBuffer("Sec-WebSocket-Protocol: chat\r\nUpgrade: x\r\n",
            StandardCharsets.ISO_8859_1), this::frame);
        request.flush();
    }

    private boolean frame(ByteBuf frame) {
        frames.add(ByteBufUtil.hexDump(frame));
        frame.release();
        return takesMore;
    }

    @AfterEach
    void close() {
        wire.close();
    }

    private static String text(String hex) {
        return new String(ByteBufUtil.decodeHexDump(hex), StandardCharsets.ISO_8859_1);
    }

    private void open() {
        assertEquals(SWITCHED, wire.send(UPGRADE).take());
    }

    private String taken() {
        return ByteBufUtil.hexDump(wire.take().getBytes(StandardCharsets.ISO_8859_1));
    }

    @Test
    void framesGoThroughAsTheyAre() {
        open();
        wire.send(text("8182" + MASK + "4964")).trickle(text("0280" + MASK + "8a81" + MASK + "60" + "8081" + MASK
            + "aa"));
        assertEquals(List.of("8182" + MASK + "4964", "0280" + MASK, "8a81" + MASK + "60", "8081" + MASK + "aa"),
            frames);
        exchange.write(Wire.bytes(text("8103616263")), false);
        exchange.flush();
        assertEquals("8103616263", taken());
        exchange.write(Wire.bytes(text("880203e8")), true);
        assertEquals("880203e8", taken());
        assertEquals("complete", ended);
    }

    @Test
    void aCharacterMayBeCut() {
        open();
        wire.send(text("0182" + MASK + "60c1")).send(text("8981" + MASK + "fe")).trickle(text("8082" + MASK + "ab60"));
        assertEquals("8a01ff", taken());
        assertEquals(List.of("0182" + MASK + "60c1", "8082" + MASK + "ab60"), frames);
    }

    @Test
    void whatComesWithTheRequestIsKept() {
        assertEquals(SWITCHED, wire.send(UPGRADE + text("8180" + MASK)).take());
        assertEquals(List.of("8180" + MASK), frames);
    }

    @Test
    void aPingIsAnsweredByTheServer() {
        open();
        wire.send(text("8983" + MASK + "606060"));
        assertEquals("8a03616263", taken());
        assertEquals(List.of(), frames);
    }

    @ParameterizedTest
    @CsvSource({
        "8100,1002,Not masked client frame",
        "81ff8000000000000000" + MASK + ",1002,Invalid extended payload length",
        "0880" + MASK + ",1002,Fragmented control frame",
        "8b80" + MASK + ",1002,Unrecognized opcode 11",
        "c180" + MASK + ",1002,Reserved bits are set",
        "9080" + MASK + ",1002,Reserved bits are set",
        "a980" + MASK + ",1002,Reserved bits are set",
        "8182" + MASK + "c1,1007,Invalid UTF-8",
        "8182" + MASK + "e380,1007,Invalid UTF-8",
        "8181" + MASK + "c2,1007,Invalid UTF-8",
        "8187" + MASK + "eca2,1007,Invalid UTF-8",
        "8883" + MASK + "02eafe,1007,Invalid UTF-8",
        "89fe0080" + MASK + ",1002,Control frame too big: 128 bytes",
        "8881" + MASK + ",1002,Close frame payload length cannot be 1",
        "0180" + MASK + "8280" + MASK + ",1002,'Continuation expected, but 2 opcode received'",
        "8080" + MASK + ",1002,Unrecognized opcode 0",
        "8380" + MASK + ",1002,Unrecognized opcode 3",
        "82fe00c1" + MASK + ",1009,Message too big: 193 bytes",
        "82ff7fffffffffffffff" + MASK + ",1009,Message too big: 9223372036854775807 bytes",
        "8882" + MASK + "02e5,1002,Close code 999 is not valid",
        "8882" + MASK + "02ee,1002,Close code 1004 is not valid",
        "8882" + MASK + "128a,1002,Close code 5000 is not valid",
        "8882" + MASK + "0bf7,1002,Close code 2805 is not valid"})
    void whoBreaksARuleIsTold(String hex, int code, String reason) {
        open();
        wire.send(text(hex));
        String close = "88" + String.format("%02x%04x", reason.length() + 2, code)
            + ByteBufUtil.hexDump(reason.getBytes(StandardCharsets.US_ASCII));
        assertEquals(close, taken());
        assertEquals("cut", ended);
        wire.send(text("8180" + MASK));
        assertEquals(hex.startsWith("0180") ? 1 : 0, frames.size());
    }

    @ParameterizedTest
    @CsvSource({"8880", "888203e8", "88820bb8", "88821387"})
    void afterACloseFrameNothingIsRead(String head) {
        open();
        String frame = head.length() == 4 ? head + MASK : head.substring(0, 4) + MASK
            + String.format("%04x", Integer.parseInt(head.substring(4), 16) ^ 0x0102);
        wire.send(text(frame)).send(text("8180" + MASK));
        assertEquals(List.of(frame), frames);
        assertEquals("", ended);
        exchange.write(Wire.bytes(text("880203e8")), true);
        assertEquals("complete", ended);
    }

    @Test
    void aListenerThatHasEnoughIsGivenNoMore() {
        open();
        takesMore = false;
        wire.send(text("8180" + MASK + "8280" + MASK + "8180" + MASK));
        assertEquals(1, frames.size());
        assertFalse(wire.channel.config().isAutoRead());
        wire.send(text("8980" + MASK));
        assertEquals("", taken());
        exchange.resume();
        assertEquals(2, frames.size());
        takesMore = true;
        exchange.resume();
        assertEquals(3, frames.size());
        assertEquals("8a00", taken());
        assertTrue(wire.channel.config().isAutoRead());
    }

    @Test
    void aSilentClientIsAskedOnceAndThenClosed() {
        open();
        wire.pass(29);
        assertEquals("", taken());
        wire.pass(2);
        assertEquals("8900", taken());
        wire.pass(10);
        wire.send(text("8a80" + MASK));
        wire.pass(31);
        assertEquals("8900", taken());
        wire.pass(30);
        assertEquals("88" + "1b03e9" + ByteBufUtil.hexDump("Remote peer is going away".getBytes(
            StandardCharsets.US_ASCII)), taken());
        assertEquals("cut", ended);
    }

    @Test
    void theEndOfAClientIsToldAndTheConnectionCloses() {
        open();
        wire.endInput();
        assertEquals("cut", ended);
        assertFalse(wire.isOpen());
    }

    @Test
    void aClientThatFloodsAndLeavesHoldsNothing() {
        open();
        takesMore = false;
        wire.send(text("8180" + MASK));
        wire.send(text("81fe0080" + MASK) + "x".repeat(50));
        wire.channel.close();
        assertEquals("cut", ended);
        exchange.resume();
        exchange.write(Wire.bytes("x"), true);
        assertEquals(1, frames.size());
    }

    private static final String PROTOCOL_ERROR = "8817" + "03ea"
        + ByteBufUtil.hexDump("Reserved bits are set".getBytes(StandardCharsets.US_ASCII));
    /** The same as if the client had sent it. */
    private static final String TOLD = "8897" + "00000000" + PROTOCOL_ERROR.substring(4);

    private void write(String hex, boolean last) {
        exchange.write(Wire.bytes(text(hex)), last);
        exchange.flush();
    }

    private void breakARule() {
        open();
        wire.send(text("8180" + MASK + "c180" + MASK + "8980" + MASK));
        assertEquals(List.of("8180" + MASK, TOLD), frames);
        assertEquals("", taken());
        assertEquals("", ended);
    }

    @ParameterizedTest
    @CsvSource({"810161880203ea, 810161, false", "81, 81, true", "8101, 8101, true", "810161, 810161, true",
        "8100880203ea8100, 8100, true", "0101618001628800, 010161800162, false"})
    void whatWasAskedBeforeIsAnswered(String answer, String sent, boolean last) {
        breakARule();
        write(answer, last);
        boolean whole = !sent.equals("81") && !sent.equals("8101");
        // Nothing may stand in the middle of a frame, not even the reason.
        assertEquals((sent.equals("81") ? "" : sent) + (whole ? PROTOCOL_ERROR : ""), taken());
        assertEquals("cut", ended);
    }

    @Test
    void anApplicationHasNotAllTheTimeForItsLastWords() {
        breakARule();
        write("810161", false);
        wire.pass(1);
        wire.send(text("8180" + MASK));
        assertEquals("810161", taken());
        wire.pass(2);
        assertEquals(PROTOCOL_ERROR, taken());
        assertEquals("cut", ended);
        assertEquals(2, frames.size());
    }

    @Test
    void aFrameOfTheServerWaitsForTheEndOfAnotherOne() {
        open();
        write("8103", false);
        wire.send(text("8981" + MASK + "60" + "8981" + MASK + "63"));
        write("6162", false);
        assertEquals("81036162", taken());
        write("638001", false);
        // Only the last ping is answered (RFC 6455 §5.5.3).
        assertEquals("638a0162" + "8001", taken());
        write("78", false);
        wire.send(text("8980" + MASK));
        assertEquals("788a00", taken());
    }

    @ParameterizedTest
    @CsvSource({"810161, true", "8101, false", "'', true"})
    void theServerLeaves(String before, boolean whole) {
        open();
        write(before, false);
        exchange.close(WebSocketFault.LEAVING);
        assertEquals(before + (whole ? "881603e9" + ByteBufUtil.hexDump("Server is going away".getBytes(
            StandardCharsets.US_ASCII)) : ""), taken());
        assertEquals(whole ? "complete" : "cut", ended);
    }
}
