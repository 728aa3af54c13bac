// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests as written for HTTP/1.1, as streams. */
class Http2RequestTest {
    private final Http2Request request = new Http2Request(true);
    private final StringBuilder seen = new StringBuilder();

    private void write(String bytes) throws Http2Request.UntranslatableException {
        ByteBuf in = Unpooled.copiedBuffer(bytes.replace("|", "\r\n"), StandardCharsets.ISO_8859_1);
        while (in.isReadable()) {
            Http2Request.Piece piece = request.next(in);
            if (piece.head() != null) {
                piece.head().forEach(field -> seen.append(field.getKey()).append('=').append(field.getValue())
                    .append(' '));
                seen.append(piece.isHead() ? "(HEAD) " : "");
            }
            if (piece.body() != null) {
                seen.append('<').append(piece.body().toString(StandardCharsets.ISO_8859_1)).append('>');
                piece.body().release();
            }
            seen.append(piece.last() ? "." : "");
        }
        in.release();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '!', value = {
        "GET /a?b HTTP/1.1|Host: h:1|X-Y: z||!:method=GET :scheme=https :path=/a?b :authority=h:1 x-y=z .",
        "HEAD * HTTP/1.1|Host: h|Content-Length: 0||!"
            + ":method=HEAD :scheme=https :path=* :authority=h content-length=0 (HEAD) .",
        "PUT / HTTP/1.1|Host: h|Connection: TE|TE: trailers|Content-Length: 5||ab~cde!"
            + ":method=PUT :scheme=https :path=/ :authority=h te=trailers content-length=5 <ab><cde>.",
        "PUT / HTTP/1.1|Host: h|Transfer-Encoding: chunked||~3|~abc~|a|~0123456789~|0||!"
            + ":method=PUT :scheme=https :path=/ :authority=h <abc><0123456789><>.",
        "PUT / HTTP/1.1|Host: h|Transfer-Encoding: chunked||~0||!:method=PUT :scheme=https :path=/ :authority=h <>."})
    void oneAfterTheOther(String bytes, String expected) throws Exception {
        for (int i = 0; i < 2; i++) {
            seen.setLength(0);
            for (String part : bytes.split("~")) {
                write(part);
            }
            assertEquals(expected, seen.toString());
        }
    }

    /** An extended CONNECT; whatever comes then belongs to it. */
    @Test
    void aWebSocket() throws Exception {
        write("GET /s HTTP/1.1|Host: h|Sec-WebSocket-Key: k|Sec-WebSocket-Protocol: p|Connection: Upgrade"
            + "|Upgrade: websocket||");
        write("abc");
        write("GET");
        assertEquals(":scheme=https :path=/s :authority=h :method=CONNECT :protocol=websocket "
            + "sec-websocket-protocol=p <abc><GET>", seen.toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET / HTTP/1.1|Host: h|Connection: Upgrade|Upgrade: h2c||", "GET / HTTP/1.1|Host"})
    void whatHasNoFormInHttp2(String bytes) {
        assertThrows(Http2Request.UntranslatableException.class, () -> write(bytes));
    }
}
