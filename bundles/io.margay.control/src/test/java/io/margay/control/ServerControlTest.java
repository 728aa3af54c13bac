// SPDX-License-Identifier: Apache-2.0
package io.margay.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ServerControlTest {
    private static ServerControl.Reply parse(String text) throws IOException {
        return ServerControl.parse(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void replies() throws IOException {
        ServerControl.Reply plain = parse("HTTP/1.1 412 No\r\nETag: \"x\"\r\nX: 1\r\n\r\n{\"ä\":1}");
        assertEquals(412, plain.status());
        assertEquals("\"x\"", plain.tag());
        assertEquals("{\"ä\":1}", new String(plain.body(), StandardCharsets.UTF_8));
        ServerControl.Reply chunked = parse("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
            + "3\r\nabc\r\na;x=y\r\n0123456789\r\n0\r\n\r\n");
        assertEquals("abc0123456789", new String(chunked.body(), StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "HTTP/1.1 200 OK\r\n", "SSH-2.0\r\n\r\n", "HTTP/1.1 abc\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"})
    void malformedReplies(String text) {
        assertThrows(IOException.class, () -> parse(text));
    }
}
