// SPDX-License-Identifier: Apache-2.0
package io.margay.wire.fastcgi.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.http.Records;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** An application that sends anything but a response: one line in the log, one 503, and nothing else notices. */
class HostileResponderTest extends Stage {

    private static byte[] bytes(String text) {
        if (text.startsWith("head ")) {
            byte[] head = (text.substring(5) + "\r\n\r\nA").getBytes(StandardCharsets.US_ASCII);
            return ByteBuffer.allocate(Records.HEADER + head.length).put(HexFormat.of().parseHex("01060001"))
                .putShort((short) head.length).putShort((short) 0).put(head).array();
        }
        return text.startsWith("0x") ? HexFormat.of().parseHex(text.substring(2))
            : text.getBytes(StandardCharsets.US_ASCII);
    }

    @ParameterizedTest
    @CsvSource({
        "garbage!, it sent a record of version 103",
        "0x0206000100010000, it sent a record of version 2",
        "0x0106000700010000, 'it sent a record of request 7, which it does not have'",
        "0x01060001, it closed its connection before the response was complete",
        "0x0106000100ff0000616263, it closed its connection before the response was complete",
        "0x0103000100020000, it sent an end of the request with 2 bytes",
        "0x0163000100010000, it sent a record of the unexpected type 99",
        "0x01030001000800000000000000000000, it sent no response",
        "0x010300010008000000000000" + "02000000, it refused the request with the status 2",
        "0x01060001000300006162630103000100080000" + "0000000000000000, its response has no end of the head",
        "head Status: 9, it sent a response whose status is no number of three digits",
        "head A: b, it closed its connection before the response was complete"})
    void oneRequestFails(String sent, String expected) throws Exception {
        make("'processes': 2");
        CountDownLatch gone = new CountDownLatch(1);
        responder.script = talk -> {
            talk.send(bytes(sent));
            talk.fd.close();
            gone.countDown();
        };
        assertEquals(sent.startsWith("head A") ? "cut: 200 A: b\r\nA" : "503", send(1).await());
        assertEquals("application \"blog\": " + expected, log.getFirst());
        assertEquals(1, log.size(), log.toString());
        // A request that is sent to a process at the moment in which it closes its connection is lost.
        gone.await();
        serves();
    }

    private void serves() {
        responder.script = talk -> talk.answer("A: b\r\n\r\nhello");
        for (int i = 0; i < 4; i++) {
            assertEquals("200 A: b\r\nhello", send(i % 2).await());
        }
        assertEquals(2, pool.status().running());
    }

    @ParameterizedTest
    @CsvSource({"garbage!", "0x0206000100010000", "0x0106", "0x0103000100020000"})
    void aResponseThatHasBegunIsCut(String sent) throws Exception {
        make("'processes': 2");
        responder.script = talk -> {
            talk.send(Records.STDOUT, "A: b\r\n\r\nsome");
            talk.send(bytes(sent));
            talk.fd.close();
        };
        assertEquals("cut: 200 A: b\r\nsome", send(1).await());
        serves();
    }

    @ParameterizedTest
    @CsvSource({"200000000", "70000"})
    void aHeadThatDoesNotEnd(int length) throws Exception {
        make("'processes': 2, 'limits': {'response_head': 65536}");
        responder.script = talk -> {
            byte[] part = "X-A: yyyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n".repeat(500).getBytes(StandardCharsets.US_ASCII);
            for (int sent = 0; sent < length; sent += part.length) {
                talk.send(Records.STDOUT, part);
            }
        };
        assertEquals("502", send(0).await());
        assertTrue(log.getFirst().contains("limits.response_head"), log.toString());
        serves();
    }

    @ParameterizedTest
    @CsvSource({"0", "1"})
    void twoResponses(int loop) throws Exception {
        make("'processes': 2");
        responder.script = talk -> {
            byte[] one = HexFormat.of().parseHex("0106000100020000" + "0d0a" + "01030001000800000000000000000000");
            byte[] two = new byte[2 * one.length];
            System.arraycopy(one, 0, two, 0, one.length);
            System.arraycopy(one, 0, two, one.length, one.length);
            talk.send(two);
        };
        assertEquals("200 ", send(loop).await());
        assertEquals("application \"blog\": it sent more than one response", log.getFirst());
        serves();
    }
}
