// SPDX-License-Identifier: Apache-2.0
package io.margay.port;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class PayloadsTest {

    private static Function<Message, Object> as(Function<Message, Object> decode) {
        return decode;
    }

    static Stream<Arguments> forms() {
        return Stream.of(
            Arguments.of(NewPort.of(0x0102, 0x03040506, 3), NewPort.of(0x0102, 0x03040506, 3).encode(),
                as(NewPort::decode), "02010000060504030040000000000000000001000000000003" + "00".repeat(7)),
            Arguments.of(new StartWorker(2, 300), new StartWorker(2, 300).encode(), as(StartWorker::decode),
                "02002c01"),
            Arguments.of(new WhoAmI(77), new WhoAmI(77).encode(), as(WhoAmI::decode), "4d000000"),
            Arguments.of(new RemovePid(258), new RemovePid(258).encode(), as(RemovePid::decode), "02010000"),
            Arguments.of(Quit.NORMAL, Quit.NORMAL.encode(), as(Quit::decode), ""),
            Arguments.of(Quit.GRACEFUL, Quit.GRACEFUL.encode(), as(Quit::decode), "01"),
            Arguments.of(new Quit(true, 5), new Quit(true, 5).encode(), as(Quit::decode), "0105000000"),
            Arguments.of(new Quit(false, 5), new Quit(false, 5).encode(), as(Quit::decode), "0005000000"),
            Arguments.of(new SocketRequest("*:80", -1, false), new SocketRequest("*:80", -1, false).encode(),
                as(SocketRequest::decode), "2a3a3830ffffffff00"),
            Arguments.of(new SocketRequest("*:80", 7, true), new SocketRequest("*:80", 7, true).encode(),
                as(SocketRequest::decode), "2a3a38300700000001"),
            Arguments.of(new SocketError(SocketError.INUSE, "é"), new SocketError(SocketError.INUSE, "é").encode(),
                as(SocketError::decode), "03c3a9"),
            Arguments.of(new ContentRequest("é", 258), new ContentRequest("é", 258).encode(),
                as(ContentRequest::decode), "0201000000000000c3a9"));
    }

    @ParameterizedTest
    @MethodSource("forms")
    void roundTrip(Object value, byte[] encoded, Function<Message, Object> decode, String hex) {
        assertEquals(hex, HexFormat.of().formatHex(encoded));
        assertEquals(value, decode.apply(Messages.of(0, 0, 1, encoded)));
    }

    static Stream<Arguments> malformed() {
        return Stream.of(
            Arguments.of(as(NewPort::decode), 31, "new_port: invalid message size (31)"),
            Arguments.of(as(NewPort::decode), 33, "new_port: invalid message size (33)"),
            Arguments.of(as(StartWorker::decode), 3, "start_process: invalid message size (3 != 4)"),
            Arguments.of(as(WhoAmI::decode), 0, "whoami: buffer is NULL or unexpected size"),
            Arguments.of(as(WhoAmI::decode), 5, "whoami: buffer is NULL or unexpected size"),
            Arguments.of(as(RemovePid::decode), 8, "remove_pid: invalid message size (8 != 4)"),
            Arguments.of(as(Quit::decode), 4, "quit: invalid message size (4)"),
            Arguments.of(as(SocketRequest::decode), 4, "socket: invalid message size (4)"),
            Arguments.of(as(SocketRequest::decode), 5000, "socket: invalid message size (5000)"),
            Arguments.of(as(SocketError::decode), 0, "socket: error without a code"),
            Arguments.of(as(ContentRequest::decode), 8, "content request: unexpected buffer size (8)"),
            Arguments.of(as(ContentRequest::decode), 1033, "content request: unexpected buffer size (1033)"));
    }

    @ParameterizedTest
    @MethodSource("malformed")
    void wrongLengthIsRefusedByName(Function<Message, Object> decode, int length, String text) {
        Message message = Messages.of(0, 0, 1, new byte[length]);
        assertEquals(text, assertThrows(PayloadException.class, () -> decode.apply(message)).getMessage());
    }

    @Test
    void startProcessSplitsAtTheFirstNul() {
        byte[] json = "{\"a\":\"\0\"}".getBytes(StandardCharsets.UTF_8);
        StartProcess decoded = StartProcess.decode(Messages.of(2, 0, 1, new StartProcess("blög", 258, json).encode()));
        assertEquals("blög 258", decoded.name() + " " + decoded.revision());
        assertArrayEquals(json, decoded.json());
        Message cut = Messages.of(2, 0, 1, "blog\0{}".getBytes(StandardCharsets.UTF_8));
        assertThrows(PayloadException.class, () -> StartProcess.decode(cut));
        Message open = Messages.of(2, 0, 1, "blog{}".getBytes(StandardCharsets.UTF_8));
        assertThrows(PayloadException.class, () -> StartProcess.decode(open));
        assertThrows(IllegalArgumentException.class, () -> new StartProcess("a\0b", 0, json));
    }

    @Test
    void startProcessNamesItsDescriptors() {
        byte[] json = {'{', '}'};
        byte[] good = new StartProcess("a", 1, 7, List.of("listen", "x-1"), json).encode();
        assertEquals("6100" + "01000000" + "07000000" + "02" + "6c697374656e00" + "782d3100" + "7b7d",
            HexFormat.of().formatHex(good));
        StartProcess decoded = StartProcess.decode(Messages.of(2, 0, 1, good));
        assertEquals(List.of("listen", "x-1"), decoded.descriptors());
        assertEquals("1 7", decoded.revision() + " " + decoded.generation());
        assertArrayEquals(json, decoded.json());
        for (int length = 0; length < good.length - json.length; length++) {
            Message cut = Messages.of(2, 0, 1, Arrays.copyOf(good, length));
            assertThrows(PayloadException.class, () -> StartProcess.decode(cut), "length " + length);
        }
        for (String names : List.of("02" + "6100" + "6100", "01" + "00", "01" + "4100", "01" + "2f00",
            "11" + "6100".repeat(17), "ff" + "6100".repeat(255), "01" + "61".repeat(33) + "00")) {
            Message bad = Messages.of(2, 0, 1, HexFormat.of().parseHex("61000100000000000000" + names + "7b7d"));
            assertThrows(PayloadException.class, () -> StartProcess.decode(bad), names);
        }
        assertThrows(IllegalArgumentException.class, () -> new StartProcess("a", 0,
            Stream.iterate(0, i -> i + 1).limit(17).map(i -> "d" + i).toList(), json));
    }

    @Test
    void namesOfContentsAreNotRepaired() {
        Message message = Messages.of(MessageType.CERT_GET, 0, 1, HexFormat.of().parseHex("000000000000000061ff"));
        assertThrows(PayloadException.class, () -> ContentRequest.decode(message));
    }

    @Test
    void namedContentsComeBackInTheirOrder() {
        Map<String, byte[]> contents = new LinkedHashMap<>();
        contents.put("bä", new byte[] {1, 2});
        contents.put("a", new byte[0]);
        byte[] joined = NamedContents.encode(contents);
        Map<String, byte[]> decoded = NamedContents.decode(joined);
        assertEquals(List.of("bä", "a"), List.copyOf(decoded.keySet()));
        assertArrayEquals(new byte[] {1, 2}, decoded.get("bä"));
        assertEquals(0, decoded.get("a").length);
        for (int length = 1; length < joined.length; length++) {
            byte[] part = Arrays.copyOf(joined, length);
            if (length != 13) {
                assertThrows(PayloadException.class, () -> NamedContents.decode(part), "length " + length);
            }
        }
        byte[] negative = {-1, -1, -1, -1, 0, 0, 0, 0};
        assertThrows(PayloadException.class, () -> NamedContents.decode(negative));
    }

    @Test
    void quitTakesEveryOtherByteAsNormal() {
        assertEquals(Quit.NORMAL, Quit.decode(Messages.of(22, 0, 1, (byte) 0)));
        assertEquals(Quit.NORMAL, Quit.decode(Messages.of(22, 0, 1, (byte) 2)));
    }

    @Test
    void longErrorTextsAreCut() {
        assertEquals(2048, new SocketError(0, "x".repeat(5000)).encode().length);
        assertEquals(2047, SocketError.plain("x".repeat(5000)).length);
    }
}
