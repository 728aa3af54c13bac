// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The answers of streams as lines of HTTP/1.1. */
class Http2AnswerTest {
    private final Http2Answer answer = new Http2Answer();

    /** Fields as {@code name=value}, separated by blanks; an underscore is a blank, a dollar sign the end of a line. */
    private static Http2Headers fields(String text) {
        Http2Headers fields = new DefaultHttp2Headers(false);
        for (String field : text.split(" ")) {
            int at = field.indexOf('=');
            fields.add(field.substring(0, at).replace('$', '\n'),
                field.substring(at + 1).replace('_', ' ').replace('$', '\n'));
        }
        return fields;
    }

    private static String text(ByteBuf out) {
        String text = out.toString(StandardCharsets.ISO_8859_1).replace("\r\n", "|");
        out.release();
        return text;
    }

    private String head(String fields, boolean last) {
        return text(answer.head(fields(fields), last, UnpooledByteBufAllocator.DEFAULT));
    }

    private String data(String part, boolean last) {
        ByteBuf in = Unpooled.copiedBuffer(part, StandardCharsets.ISO_8859_1);
        try {
            return text(answer.data(in, last, UnpooledByteBufAllocator.DEFAULT));
        } finally {
            in.release();
        }
    }

    @ParameterizedTest
    @CsvSource({
        ":status=200 content-length=3 x=a_b, abc, HTTP/1.1 200 OK|content-length: 3|x: a b||abc",
        ":status=200 x=y, abc, HTTP/1.1 200 OK|x: y|transfer-encoding: chunked||3|abc|0||",
        ":status=404 connection=close upgrade=h2c transfer-encoding=gzip te=x, '', "
            + "HTTP/1.1 404 Not Found|te: x|transfer-encoding: chunked||0||",
        ":status=299 x=y, ab, HTTP/1.1 299 |x: y|transfer-encoding: chunked||2|ab|0||"})
    void answersWithABody(String fields, String body, String expected) {
        answer.begin(false, false);
        assertEquals(expected, head(fields, false) + data(body, true));
        assertTrue(answer.isOver() && !answer.isBroken());
    }

    @ParameterizedTest
    @CsvSource({
        "false, :status=200 x=y, HTTP/1.1 200 OK|x: y|content-length: 0||",
        "false, :status=200 content-length=0, HTTP/1.1 200 OK|content-length: 0||",
        "false, :status=204 x=y, HTTP/1.1 204 No Content|x: y||",
        "false, :status=304 content-length=7, HTTP/1.1 304 Not Modified|content-length: 7||",
        "true, :status=200 content-length=7, HTTP/1.1 200 OK|content-length: 7||"})
    void answersWithoutABody(boolean ofHead, String fields, String expected) {
        answer.begin(ofHead, false);
        assertEquals(expected, head(fields, true));
        assertTrue(answer.isOver() && !answer.isBroken());
    }

    @Test
    void interimAnswersAndTrailers() {
        answer.begin(false, false);
        assertEquals("HTTP/1.1 103 Early Hints|link: </a>||", head(":status=103 link=</a>", false));
        assertEquals("HTTP/1.1 200 OK|grpc: 1|transfer-encoding: chunked||", head(":status=200 grpc=1", false));
        assertEquals("1|a|", data("a", false));
        assertEquals("0|grpc-status: 0||", head("grpc-status=0", true));
        assertTrue(answer.isOver() && !answer.isBroken());
        answer.reset();
        assertTrue(!answer.isBroken(), "what comes behind a whole answer harms nobody");
    }

    /** Nothing of it, or not all, reaches a client: the connection ends. */
    @ParameterizedTest
    @ValueSource(strings = {":status=101 x=y", ":status=99 x=y", ":status=051 x=y",
        ":status=2000 x=y", ":status=200_OK x=y", ":status=+20 x=y", ":status=200 :status=200",
        ":status=abc x=y", "x=y", ":status=200 x=a$b:_c",
        ":status=200 x$y=a", ":status=200 a:b=c", ":status=200 =c", ":status=200 content-length=4"})
    void whatCannotBeWrittenIsBroken(String fields) {
        answer.begin(false, false);
        assertEquals("", head(fields, true));
        assertTrue(answer.isBroken());
    }

    /** Read otherwise than here, such a length would move the end of the answer. */
    @ParameterizedTest
    @ValueSource(strings = {"content-length=-5", "content-length=+5", "content-length=5 content-length=5",
        "content-length=5,5", "content-length=", "content-length=9999999999999999999", "content-length=0x5"})
    void lengthsThatAreNone(String length) {
        for (boolean last : new boolean[] {false, true}) {
            answer.begin(false, false);
            assertEquals("", head(":status=200 " + length, last));
            assertTrue(answer.isBroken());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"ab", "abcd"})
    void aBodyThatIsNotAsLongAsItSays(String body) {
        answer.begin(false, false);
        head(":status=200 content-length=3", false);
        assertEquals(body.length() > 3 ? "" : body, data(body, true));
        assertTrue(answer.isBroken());
    }

    @Test
    void whatComesInNoOrder() {
        answer.begin(false, false);
        assertEquals("", data("before the head", false));
        assertTrue(answer.isBroken());
        answer.begin(false, false);
        head(":status=200 x=y", false);
        assertEquals("", head("x=y", false), "trailers end a stream");
        assertTrue(answer.isBroken());
        answer.begin(false, false);
        answer.reset();
        assertTrue(answer.isBroken());
        answer.begin(false, false);
        head(":status=200 content-length=3", false);
        data("a", false);
        head("x=y", true);
        assertTrue(answer.isBroken(), "trailers before the end of the body");
    }

    /** A WebSocket is there with any 2xx, and passes as it is until the stream ends; otherwise it is an answer. */
    @ParameterizedTest
    @CsvSource({
        "':status=200 sec-websocket-protocol=p content-length=0', true, 'HTTP/1.1 101 Switching Protocols"
            + "|sec-websocket-protocol: p|connection: upgrade|upgrade: websocket||abcd'",
        "':status=204 x=y', true, 'HTTP/1.1 101 Switching Protocols|x: y|connection: upgrade|upgrade: websocket||abcd'",
        "':status=404 content-length=4', false, 'HTTP/1.1 404 Not Found|content-length: 4||abcd'"})
    void answersToAWebSocket(String fields, boolean isSocket, String expected) {
        answer.begin(false, true);
        assertEquals(expected, head(fields, false) + data("ab", false) + data("cd", false));
        assertEquals(isSocket, answer.isSocket());
        assertFalse(answer.isOver());
        assertEquals("", data("", true));
        assertTrue(answer.isOver() && !answer.isBroken());
    }
}
