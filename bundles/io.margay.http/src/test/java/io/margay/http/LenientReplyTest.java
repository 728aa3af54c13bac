// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What servers of others may do ({@code spec/routing.md §9.3}), and what not even they. */
class LenientReplyTest {

    /** Puts together what was found. */
    private static final class Found implements ReplyParser.Sink {
        private final StringBuilder text = new StringBuilder();

        @Override
        public void interim(AnswerHead head) {
            text.append(head.status()).append('~');
        }

        @Override
        public void head(AnswerHead head) {
            text.append(head.status()).append(head.isMended() ? "!" : "").append('|')
                .append(head.fields().toString(StandardCharsets.ISO_8859_1).replace("\r\n", ",")).append('|');
        }

        @Override
        public void trailer(AsciiString name, AsciiString value) {
            text.append('[').append(name).append('=').append(value).append(']');
        }

        @Override
        public void data(ByteBuf part, boolean last) {
            text.append(part.toString(StandardCharsets.ISO_8859_1)).append(last ? "." : "");
            part.release();
        }
    }

    private static ByteBuf bytes(String text) {
        return Unpooled.copiedBuffer(text.replace("\\r", "\r").replace("\\n", "\n").replace("\\0", "\0"),
            StandardCharsets.ISO_8859_1);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '#', value = {
        "HTTP/1.1 200 OK\\nContent-Length: 2\\n\\nok#200|Content-Length: 2,|ok.",
        "HTTP/1.1 200\\n\\r\\nok#200||ok.", "HTTP/1.0 200 OK\\r\\nA: b\\n\\nok#200|A: b,|ok.",
        "HTTP/1.1 200 OK\\r\\n\\nok#200||ok.",
        "HTTP/1.1 200 OK\\nContent-Length: 1\\nContent-Length: 1\\n\\nok#200!||ok.",
        "HTTP/1.1 200 OK\\nContent-Length: 1\\nA: b\\nContent-Length: 2\\n\\nok#200!|A: b,|ok.",
        "HTTP/1.1 200 OK\\nContent-Length: x\\n\\nok#200!||ok.", "HTTP/1.1 200 OK\\nContent-Length:\\n\\nok#200!||ok.",
        "HTTP/1.1 200 OK\\nContent-Length: -1\\n\\nok#200!||ok.",
        "HTTP/1.1 200 OK\\nContent-Length: 99999999999999999999\\n\\nok#200!||ok.",
        "HTTP/1.1 200 OK\\nStatus: 7\\nTrailer: x\\nContent-Length: 2\\n\\nok"
            + "#200|Status: 7,Trailer: x,Content-Length: 2,|ok.",
        "HTTP/1.1 103 X\\nLink: a\\n\\nHTTP/1.1 200 OK\\nContent-Length: 2\\n\\nok#103~200|Content-Length: 2,|ok.",
        "HTTP/1.1 200 OK\\nTransfer-Encoding: chunked\\n\\n2\\r\\nok\\r\\n0\\r\\nA: b \\r\\nC:\\r\\n\\r\\n"
            + "#200||[A=b][C=]ok."})
    void isUnderstoodWhereverItIsCut(String answer, String wanted) throws BadResponseException {
        byte[] all = new byte[bytes(answer).readableBytes()];
        bytes(answer).readBytes(all);
        Found whole = read(all, all.length);
        assertEquals(wanted, whole.text.toString());
        for (int cut = 1; cut < all.length; cut++) {
            assertEquals(wanted.replaceAll("[^|]*$", ""), read(all, cut).text.toString().replaceAll("[^|]*$", ""));
        }
    }

    private static Found read(byte[] all, int cut) throws BadResponseException {
        Found found = new Found();
        ReplyParser parser = ReplyParser.lenient(1000, found);
        parser.begin(false, false);
        parser.read(Unpooled.wrappedBuffer(all, 0, cut));
        parser.read(Unpooled.wrappedBuffer(all, cut, all.length - cut));
        parser.eof();
        return found;
    }

    @ParameterizedTest
    @ValueSource(strings = {"x\\n\\n", "HTTP/1.1 200 OK\\n A: b\\n\\n", "HTTP/1.1 200 OK\\nA: b\\n c\\n\\n",
        "HTTP/1.1 200 OK\\nA : b\\n\\n", "HTTP/1.1 200 OK\\nA: b\\rc\\n\\n", "HTTP/1.1 200 OK\\nA: \\0\\n\\n",
        "HTTP/1.1 200 OK\\nContent-Length: 1\\nTransfer-Encoding: chunked\\n\\n",
        "HTTP/1.1 200 OK\\nContent-Length: x\\nTransfer-Encoding: chunked\\n\\n",
        "HTTP/1.1 200 OK\\nTransfer-Encoding: chunked, chunked\\n\\n",
        "HTTP/1.1 200 OK\\nTransfer-Encoding: chunked\\n\\n1\\nx",
        "HTTP/1.1 200 OK\\nTransfer-Encoding: chunked\\n\\n0\\r\\nno field\\r\\n\\r\\n",
        "HTTP/1.1 200 OK\\nTransfer-Encoding: chunked\\n\\n0\\r\\nA\\r\\n\\r\\n",
        "HTTP/1.0 200 OK\\nTransfer-Encoding: chunked\\n\\n", "HTTP/1.1 101 Switching\\n\\n"})
    void isRefused(String answer) {
        ReplyParser parser = ReplyParser.lenient(1000, new Found());
        parser.begin(false, false);
        assertThrows(BadResponseException.class, () -> parser.read(bytes(answer)));
    }

    @ParameterizedTest
    @ValueSource(ints = {4000, 5000})
    void trailersHaveABound(int size) throws BadResponseException {
        ReplyParser parser = ReplyParser.lenient(1000, new Found());
        parser.begin(false, false);
        parser.read(bytes("HTTP/1.1 200 OK\\nTransfer-Encoding: chunked\\n\\n0\\r\\n"));
        ByteBuf trailer = bytes("A: " + "x".repeat(size) + "\\r\\n\\r\\n");
        if (size > 4096) {
            assertThrows(BadResponseException.class, () -> parser.read(trailer));
        } else {
            parser.read(trailer);
            assertEquals(true, parser.isDone());
        }
    }
}
