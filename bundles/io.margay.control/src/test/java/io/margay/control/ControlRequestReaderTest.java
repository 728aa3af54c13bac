// SPDX-License-Identifier: Apache-2.0
package io.margay.control;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.posix.Fd;
import io.margay.posix.Files;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ControlRequestReaderTest {
    private static final ControlLimits LIMITS = new ControlLimits(200, 100, 1000, 1, 1, 1, 1);

    private static final int LARGE = 1 << 20;

    /** What is too large for the heap is sealed memory of exactly its bytes. */
    @Test
    void aLargeContentIsSealedMemory() throws Exception {
        byte[] content = new byte[LARGE];
        Arrays.fill(content, (byte) 'x');
        String text = "PUT /large HTTP/1.1~Content-Length: " + LARGE + "~~"
            + new String(content, StandardCharsets.ISO_8859_1);
        ControlRequest request = read(text + "left over", 150).orElseThrow();
        try (Fd memory = request.large().orElseThrow()) {
            assertEquals(0, request.body().length);
            assertEquals(LARGE, Files.status(memory.number()).size());
            assertEquals(Files.SEAL_ALL, Files.seals(memory.number()) & Files.SEAL_ALL);
            assertArrayEquals(content, java.nio.file.Files.readAllBytes(Path.of("/proc/self/fd/" + memory.number())));
        }
        assertEquals(413, assertThrows(ControlRequestReader.Refused.class, () -> read(
            "PUT /large HTTP/1.1~Content-Length: " + (LARGE + 1) + "~~", 1000)).status());
    }

    private static Optional<ControlRequest> read(String text, int piece) throws ControlRequestReader.Refused {
        ControlRequestReader reader = new ControlRequestReader(LIMITS, new ControlPeer.Remote("x"),
            target -> target.equals("/small") ? 10 : Integer.MAX_VALUE, target -> target.equals("/large") ? LARGE : 0);
        byte[] bytes = text.replace("~", "\r\n").getBytes(StandardCharsets.ISO_8859_1);
        for (int at = 0; at < bytes.length; at += piece) {
            int end = Math.min(bytes.length, at + piece);
            Optional<ControlRequest> request = reader.read(Arrays.copyOfRange(bytes, at, end));
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
        "PUT / HTTP/1.1~Transfer-Encoding: Chunked~~2~{}~0~~|PUT / {}",
        "PUT / HTTP/1.1~Transfer-Encoding: chunked~~1;a=b~{~0001 ~}~00~A: b~C: d~~left over|PUT / {}",
        "PUT / HTTP/1.1~Transfer-Encoding: chunked~~A~0123456789~0~~|PUT / 0123456789",
        "DELETE /%2F HTTP/1.1~Content-Length: 0~X:~~|DELETE /%2F "})
    void completeRequests(String text, String expected) throws ControlRequestReader.Refused {
        for (int piece : new int[] {1, 2, 3, 7, 1000}) {
            ControlRequest request = read(text, piece).orElseThrow();
            assertEquals(expected, text(request));
        }
        assertEquals(expected, text(read(text.replace("~", "\n"), 5).orElseThrow()));
    }

    private static String text(ControlRequest request) {
        return (request.method() + " " + request.target() + " "
            + new String(request.body(), StandardCharsets.UTF_8)).strip();
    }

    @Test
    void contentWithoutLengthIsWhatCameWithTheHead() throws ControlRequestReader.Refused {
        assertEquals("{}", new String(read("PUT / HTTP/1.1~~{}", 100).orElseThrow().body(), StandardCharsets.UTF_8));
        assertEquals("{}x", new String(read("PUT / HTTP/1.1~Content-Length: 2~~{}x", 100).orElseThrow().body(),
            StandardCharsets.UTF_8));
        assertTrue(read("PUT / HTTP/1.1~Content-Length: 3~~{}", 100).isEmpty());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "GET http://x/ HTTP/1.1~~|request line", "GET / HTTP/2.0~~|request line", "GET /~~|request line",
        "~~|request line", "GET  / HTTP/1.1~~|request line", "G(T / HTTP/1.1~~|request line",
        "GET / HTTP/1.1~X~~|header field",
        "GET / HTTP/1.1~X : y~~|header field", "GET / HTTP/1.1~: y~~|header field",
        "GET / HTTP/1.1~Content-Length: x~~|Content-Length", "GET / HTTP/1.1~Content-Length: -1~~|Content-Length",
        "GET / HTTP/1.1~Content-Length: 99999999999999999999~~|Content-Length",
        "GET / HTTP/1.1~Content-Length: 1~Content-Length: 2~~|Content-Length",
        "GET / HTTP/1.1~Content-Length: 101~~|exceeds 100 bytes",
        "PUT / HTTP/1.1~Transfer-Encoding: gzip~~|Transfer",
        "PUT / HTTP/1.1~Transfer-Encoding: gzip, chunked~~|Transfer",
        "PUT / HTTP/1.0~Transfer-Encoding: chunked~~|Transfer",
        "PUT / HTTP/1.1~Transfer-Encoding: chunked~Transfer-Encoding: chunked~~|Transfer",
        "PUT / HTTP/1.1~Transfer-Encoding: chunked~Content-Length: 2~~|Transfer",
        "PUT / HTTP/1.1~Transfer-Encoding: chunked~~x~|malformed",
        "PUT / HTTP/1.1~Transfer-Encoding: chunked~~-1~|malformed",
        "PUT / HTTP/1.1~Transfer-Encoding: chunked~~~|malformed",
        "PUT / HTTP/1.1~Transfer-Encoding: chunked~~1111111111111111~|malformed",
        "PUT / HTTP/1.1~Transfer-Encoding: chunked~~1~ab~|malformed",
        "PUT / HTTP/1.1~Transfer-Encoding: chunked~~65~|exceeds 100 bytes"})
    void refusals(String text, String reason) {
        for (int piece : new int[] {1, 100}) {
            ControlRequestReader.Refused e = assertThrows(ControlRequestReader.Refused.class, () -> read(text, piece));
            assertTrue(e.getMessage().contains(reason), e.getMessage());
        }
    }

    @Test
    void fieldsAreKnownByTheirNames() throws ControlRequestReader.Refused {
        String text = "GET / HTTP/1.1~If-Match: \"a\"~X:~IF-MATCH:  \"b\" ~~";
        RequestHeaders headers = read(text, 9).orElseThrow().headers();
        assertEquals(Optional.of("\"a\", \"b\""), headers.get("if-Match"));
        assertEquals(Optional.of(""), headers.get("x"));
        assertEquals(Optional.empty(), headers.get("Expect"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {"/|{}", "/?|{}", "/?#a=b|{}", "/#?a=b|{}",
        "/?a|{a=[]}", "/?a=|{a=[]}", "/?a=b%20c+d&&a=%zz#x|{a=[b c d, %zz]}", "/?%64ry-run=true=1|{dry-run=[true=1]}"})
    void queriesAreDecoded(String target, String expected) {
        assertEquals(expected, RequestQuery.of(target).parameters().toString());
    }

    @Test
    void chunksAreBoundedInAllTheirParts() {
        String head = "PUT / HTTP/1.1~Transfer-Encoding: chunked~~";
        for (String text : new String[] {head + "1;" + "x".repeat(2000), head + "60~" + "y".repeat(96) + "~5~",
            head + "0~" + "X: y~".repeat(100)}) {
            for (int piece : new int[] {1, 5000}) {
                ControlRequestReader.Refused e = assertThrows(ControlRequestReader.Refused.class, () -> read(text,
                    piece));
                assertTrue(e.getMessage().contains("exceeds"), e.getMessage());
            }
        }
    }

    @Test
    void sizesAreBounded() {
        for (String text : new String[] {"GET /" + "x".repeat(300), "GET / HTTP/1.1~X: " + "y".repeat(180) + "~~",
            "PUT / HTTP/1.1~~" + "z".repeat(400)}) {
            ControlRequestReader.Refused e = assertThrows(ControlRequestReader.Refused.class, () -> read(text, 1000));
            assertTrue(e.getMessage().contains("exceeds"), e.getMessage());
        }
    }
}
