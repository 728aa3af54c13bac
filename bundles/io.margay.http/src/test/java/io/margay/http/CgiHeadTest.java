// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CgiHeadTest {

    private final List<String> warnings = new ArrayList<>();

    private static ByteBuf bytes(String text) {
        return Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1);
    }

    private static String unescape(String text) {
        return text.replace("\\r", "\r").replace("\\n", "\n");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "A: b\\r\\n\\r\\nbody|200|A: b\\r\\n|body",
        "A: b\\n\\nbody|200|A: b\\r\\n|body",
        "Status: 404 Not Found\\r\\nA: b\\r\\n\\r\\n|404|A: b\\r\\n|``",
        "status:201\\r\\n\\r\\nx|201|``|x",
        "Location: /x\\r\\n\\r\\n|302|Location: /x\\r\\n|``",
        "Location: /x\\r\\nStatus: 201\\r\\n\\r\\n|201|Location: /x\\r\\n|``",
        "\\r\\nbody|200|``|body",
        "\\nbody|200|``|body",
        "A: b\\r\\nno colon\\r\\nC: d\\r\\n\\r\\n|200|A: b\\r\\nC: d\\r\\n|``",
        "A: b\\rc\\r\\n\\r\\n|200|A: b\\rc\\r\\n|``"})
    void understandsHeadsInPiecesOfAnySize(String text, int status, String fields, String body) {
        String whole = unescape(text);
        for (int size = 1; size <= whole.length(); size++) {
            CgiHead head = new CgiHead(1000, warnings::add);
            CgiHead.Result result = CgiHead.Result.MORE;
            int at = 0;
            ByteBuf piece = Unpooled.EMPTY_BUFFER;
            while (result == CgiHead.Result.MORE) {
                piece = bytes(whole.substring(at, Math.min(whole.length(), at + size)));
                at += piece.readableBytes();
                result = head.take(piece);
            }
            assertEquals(CgiHead.Result.DONE, result);
            assertEquals(status, head.status());
            assertEquals(unescape(fields), head.fields().toString(StandardCharsets.ISO_8859_1), "pieces of " + size);
            assertEquals(body, piece.toString(StandardCharsets.ISO_8859_1)
                + whole.substring(Math.min(at, whole.length())), "pieces of " + size);
            head.release();
        }
    }

    @ParameterizedTest
    @CsvSource({"Status: 0, NO_STATUS", "Status: 99 Text, NO_STATUS", "Status: 1000, NO_STATUS", "Status:, NO_STATUS",
        "Status: 099, NO_STATUS", "Status: 000 None, NO_STATUS", "Status: 100 Continue, DONE",
        "Status: 2x0, NO_STATUS", "Status: 200x, NO_STATUS", "Status: 200 OK, DONE", "Status: 999, DONE"})
    void aStatusHasThreeDigits(String line, CgiHead.Result expected) {
        assertEquals(expected, new CgiHead(1000, warnings::add).take(bytes(line + "\r\n\r\n")));
    }

    @Test
    void aHeadHasALimit() {
        CgiHead head = new CgiHead(20, warnings::add);
        assertEquals(CgiHead.Result.MORE, head.take(bytes("A: 0123456789\r\n")));
        assertEquals(CgiHead.Result.TOO_LARGE, head.take(bytes("B: 0123")));
        assertEquals(CgiHead.Result.TOO_LARGE, new CgiHead(20, warnings::add).take(bytes("A: 01234567890123\r\n\r\n")));
        assertEquals(CgiHead.Result.DONE, new CgiHead(20, warnings::add).take(bytes("A: 0123456789012\r\n\r\n")));
    }

    @Test
    void aLineWithoutAColonIsNamedAndLeftOut() {
        new CgiHead(1000, warnings::add).take(bytes("no\u0007colon\r\n\r\n"));
        assertEquals(List.of("colon not found in header 'no colon'"), warnings);
    }
}
