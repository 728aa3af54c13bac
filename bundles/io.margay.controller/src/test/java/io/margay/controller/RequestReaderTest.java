// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RequestReaderTest {
    private static final ControlLimits LIMITS = new ControlLimits(200, 100, 1000, 1, 1, 1, 1);

    private static Optional<Request> read(String text, int piece) throws RequestReader.Refused {
        RequestReader reader = new RequestReader(LIMITS, "x");
        byte[] bytes = text.replace("~", "\r\n").getBytes(StandardCharsets.ISO_8859_1);
        for (int at = 0; at < bytes.length; at += piece) {
            int end = Math.min(bytes.length, at + piece);
            Optional<Request> request = reader.read(Arrays.copyOfRange(bytes, at, end));
            if (request.isPresent()) {
                return request;
            }
        }
        return Optional.empty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "GET / HTTP/1.1~~|GET / ", "GET /a?b HTTP/1.0~Host: x~~|GET /a?b ",
        "PUT / HTTP/1.1~content-length: 2~~{}|PUT / {}",
        "PUT / HTTP/1.1~Content-Length: 2~Content-Length: 2~~{}|PUT / {}",
        "DELETE /%2F HTTP/1.1~Content-Length: 0~X:~~|DELETE /%2F "})
    void completeRequests(String text, String expected) throws RequestReader.Refused {
        for (int piece : new int[] {1, 2, 3, 7, 1000}) {
            Request request = read(text, piece).orElseThrow();
            assertEquals(expected, text(request));
        }
        assertEquals(expected, text(read(text.replace("~", "\n"), 5).orElseThrow()));
    }

    private static String text(Request request) {
        return (request.method() + " " + request.target() + " "
            + new String(request.body(), StandardCharsets.UTF_8)).strip();
    }

    @Test
    void contentWithoutLengthIsWhatCameWithTheHead() throws RequestReader.Refused {
        assertEquals("{}", new String(read("PUT / HTTP/1.1~~{}", 100).orElseThrow().body(), StandardCharsets.UTF_8));
        assertEquals("{}x", new String(read("PUT / HTTP/1.1~Content-Length: 2~~{}x", 100).orElseThrow().body(),
            StandardCharsets.UTF_8));
        assertTrue(read("PUT / HTTP/1.1~Content-Length: 3~~{}", 100).isEmpty());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "GET http://x/ HTTP/1.1~~|request line", "GET / HTTP/2.0~~|request line", "GET /~~|request line",
        "GET  / HTTP/1.1~~|request line", "G(T / HTTP/1.1~~|request line", "GET / HTTP/1.1~X~~|header field",
        "GET / HTTP/1.1~X : y~~|header field", "GET / HTTP/1.1~: y~~|header field",
        "GET / HTTP/1.1~Content-Length: x~~|Content-Length", "GET / HTTP/1.1~Content-Length: -1~~|Content-Length",
        "GET / HTTP/1.1~Content-Length: 99999999999999999999~~|Content-Length",
        "GET / HTTP/1.1~Content-Length: 1~Content-Length: 2~~|Content-Length",
        "GET / HTTP/1.1~Content-Length: 101~~|exceeds 100 bytes",
        "PUT / HTTP/1.1~Transfer-Encoding: chunked~~|Transfer"})
    void refusals(String text, String reason) {
        for (int piece : new int[] {1, 100}) {
            RequestReader.Refused e = assertThrows(RequestReader.Refused.class, () -> read(text, piece));
            assertTrue(e.getMessage().contains(reason), e.getMessage());
        }
    }

    @Test
    void sizesAreBounded() {
        for (String text : new String[] {"GET /" + "x".repeat(300), "GET / HTTP/1.1~X: " + "y".repeat(180) + "~~",
            "PUT / HTTP/1.1~~" + "z".repeat(400)}) {
            RequestReader.Refused e = assertThrows(RequestReader.Refused.class, () -> read(text, 1000));
            assertTrue(e.getMessage().contains("exceeds"), e.getMessage());
        }
    }
}
