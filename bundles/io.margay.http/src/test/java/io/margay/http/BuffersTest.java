// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.AsciiString;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is kept for later: input, forms of bodies, the ends of connections, times. */
class BuffersTest {
    private final UnpooledByteBufAllocator memory = new UnpooledByteBufAllocator(true);

    private ByteBuf bytes(String text) {
        ByteBuf bytes = memory.directBuffer(Math.max(1, text.length()));
        bytes.writeCharSequence(text, StandardCharsets.ISO_8859_1);
        return bytes;
    }

    private static String text(ByteBuf bytes) {
        return bytes.toString(StandardCharsets.ISO_8859_1);
    }

    @AfterEach
    void nothingIsHeld() {
        assertEquals(0, memory.metric().usedHeapMemory() + memory.metric().usedDirectMemory());
    }

    // ---- input --------------------------------------------------------

    @Test
    void inputIsKeptInItsOrder() {
        PendingInput input = new PendingInput();
        assertFalse(input.isReadable());
        StringBuilder wanted = new StringBuilder();
        for (int i = 0; i < 500; i++) {
            String part = i % 7 == 0 ? "" : "part " + i + "|";
            input.keep(bytes(part), memory);
            wanted.append(part);
            assertEquals(wanted.length() > 0, input.isReadable());
        }
        ByteBuf all = input.take();
        assertEquals(wanted.toString(), text(all));
        assertFalse(input.isReadable(), "it is the caller's");
        all.release();
    }

    @Test
    void aBufferThatABodyLooksAtIsNotWrittenTo() {
        PendingInput input = new PendingInput();
        ByteBuf first = bytes("bodynext");
        ByteBuf body = first.readRetainedSlice(4);
        input.keep(first, memory);
        input.keep(bytes(" and on"), memory);
        input.keep(bytes(" and on"), memory);
        assertEquals("body", text(body));
        assertEquals(1, first.refCnt(), "only the body holds it");
        body.release();
        ByteBuf all = input.take();
        assertEquals("next and on and on", text(all));
        all.release();
    }

    @Test
    void whatIsKeptCanBeThrownAway() {
        PendingInput input = new PendingInput();
        input.discard();
        input.keep(bytes("a"), memory);
        input.discard();
        assertFalse(input.isReadable());
        input.discard();
        input.keep(bytes(""), memory);
        input.keep(bytes("b"), memory);
        ByteBuf all = input.take();
        assertEquals("b", text(all));
        all.release();
        assertFalse(input.take().isReadable(), "nothing is no error");
    }

    @Test
    void whatWasTakenInPartIsKeptAgain() {
        PendingInput input = new PendingInput();
        input.keep(bytes("abcdef"), memory);
        ByteBuf all = input.take();
        all.skipBytes(4);
        input.keep(all, memory);
        input.keep(bytes("gh"), memory);
        ByteBuf rest = input.take();
        assertEquals("efgh", text(rest));
        rest.release();
    }

    // ---- variants -----------------------------------------------------

    @ParameterizedTest
    @CsvSource({"0, 0, true", "0, 1, false", "10, 9, true", "10, 10, true", "10, 11, false"})
    void variantsFitOrAreNotKept(long most, int size, boolean kept) {
        Variants variants = new Variants(most);
        assertEquals(most, variants.most());
        variants.keep("gzip", new byte[size]);
        assertEquals(kept, variants.get("gzip").isPresent());
        assertEquals(Optional.empty(), variants.get("GZIP"), "the name is exact");
    }

    @Test
    void allTogetherFit() {
        Variants variants = new Variants(10);
        variants.keep("a", new byte[4]);
        variants.keep("b", new byte[4]);
        variants.keep("c", new byte[3]);
        variants.keep("d", new byte[2]);
        variants.keep("e", new byte[1]);
        assertTrue(variants.get("a").isPresent() && variants.get("b").isPresent() && variants.get("d").isPresent());
        assertTrue(variants.get("c").isEmpty() && variants.get("e").isEmpty());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 16_383, 16_384, 16_385, 100_000})
    void theFirstOfAnameStays(int size) {
        Variants variants = new Variants(1 << 20);
        byte[] body = new byte[size];
        body[size - 1] = 7;
        variants.keep("x", body);
        variants.keep("x", new byte[size]);
        ByteBuf one = variants.get("x").orElseThrow();
        assertEquals(size, one.readableBytes());
        assertEquals(7, one.getByte(size - 1), "not the second");
        one.skipBytes(size);
        ByteBuf other = variants.get("x").orElseThrow();
        assertEquals(size, other.readableBytes(), "each has a view of its own");
        assertFalse(one.release(), "nobody can free it");
        assertFalse(other.release());
        assertEquals(size, variants.get("x").orElseThrow().readableBytes());
        // A small one is copied into the response, a large one goes by reference, which sockets want outside the heap.
        assertEquals(size > 16 * 1024, other.isDirect());
    }

    @Test
    void aBodyThatChangesKeepsNothing() {
        Variants.NONE.keep("x", new byte[0]);
        assertEquals(Optional.empty(), Variants.NONE.get("x"));
        assertEquals(3, new Answer(200, Fields.NONE, new byte[3]).variants().most(), "at most as large as the body");
    }

    // ---- ends ---------------------------------------------------------

    @Test
    void theEndsOfAConnectionAreThoseOfItsSocketUnlessTold() {
        EmbeddedChannel channel = new EmbeddedChannel();
        assertTrue(ConnectionEnds.remote(channel).isUnix(), "one that has no address");
        assertEquals("unix:", ConnectionEnds.remote(channel).text().toString());
        assertEquals("", ConnectionEnds.local(channel).portText().toString());
        PeerAddress client = PeerAddress.of(new byte[] {10, 0, 0, 1}, 4711);
        PeerAddress server = PeerAddress.of(new byte[] {10, 0, 0, 2}, 443);
        ConnectionEnds.tell(channel, client, server);
        assertSame(client, ConnectionEnds.remote(channel));
        assertSame(server, ConnectionEnds.local(channel));
        assertEquals("10.0.0.1", client.text().toString());
        assertEquals("4711", client.portText().toString());
        channel.close();
    }

    @Test
    void anAddressWithoutNumbersIsNone() {
        PeerAddress address = PeerAddress.of(InetSocketAddress.createUnresolved("example.com", 80));
        assertTrue(address.isUnix());
        assertEquals(0, address.ip().length);
        assertEquals(0, address.port());
        assertThrows(RuntimeException.class, () -> PeerAddress.of(new byte[3], 1), "4 or 16 bytes");
    }

    @Test
    void aHandshakeIsToldByItsChannel() {
        EmbeddedChannel channel = new EmbeddedChannel();
        EmbeddedChannel other = new EmbeddedChannel();
        assertEquals(Optional.empty(), TlsInfo.of(channel));
        TlsInfo info = new TlsInfo(AsciiString.of("TLSv1.3"), AsciiString.of("X"), AsciiString.EMPTY_STRING, false,
            TlsInfo.NONE, Optional.empty());
        info.attach(channel);
        assertSame(info, TlsInfo.of(channel).orElseThrow());
        assertEquals(Optional.empty(), TlsInfo.of(other));
        assertNotSame(TlsInfo.NONE, TlsInfo.SUCCESS);
        channel.close();
        other.close();
    }

    // ---- times --------------------------------------------------------

    @ParameterizedTest
    @EnumSource(Timings.Stage.class)
    void eachStageIsNotedByItself(Timings.Stage stage) {
        Timings timings = new Timings();
        timings.mark(stage, -5);
        for (Timings.Stage each : Timings.Stage.values()) {
            assertEquals(each == stage, timings.has(each), each.name());
            assertEquals(each == stage ? -5 : 0, timings.at(each), "a clock may stand below zero");
            assertEquals(0, timings.between(stage, each));
        }
        timings.mark(stage, 10);
        assertEquals(10, timings.at(stage), "the second time counts");
        Timings.Stage other = stage == Timings.Stage.BEGIN ? Timings.Stage.LAST_BYTE : Timings.Stage.BEGIN;
        timings.mark(other, 4);
        assertEquals(6, timings.between(other, stage));
        assertEquals(-6, timings.between(stage, other));
        timings.clear();
        assertFalse(timings.has(stage) || timings.has(other));
        assertEquals(0, timings.at(stage));
    }

    @Test
    void whatIsNamedIsForgottenWithTheTimes() {
        Timings timings = new Timings();
        timings.mark(Timings.Stage.BEGIN, 1);
        timings.listener("*:80");
        timings.route("/routes/0");
        timings.application("app");
        timings.upstream("127.0.0.1:1");
        timings.note(this);
        assertEquals("*:80 /routes/0 app 127.0.0.1:1", timings.listener() + " " + timings.route() + " "
            + timings.application() + " " + timings.upstream());
        assertSame(this, timings.note());
        timings.clear();
        assertEquals("", timings.listener() + timings.route() + timings.application() + timings.upstream());
        assertSame(null, timings.note());
    }

    // ---- statuses -----------------------------------------------------

    @ParameterizedTest
    @CsvSource({"0, false, true", "99, false, true", "100, false, false", "101, false, false", "199, false, false",
        "200, true, true", "203, true, true", "204, false, false", "205, true, true", "303, true, true",
        "304, false, false", "305, true, true", "999, true, true"})
    void bodiesAndLengthsOfStatuses(int status, boolean body, boolean length) {
        assertEquals(body, StatusRules.allowsBody(status));
        assertEquals(length, StatusRules.allowsLength(status));
    }
}
