// SPDX-License-Identifier: Apache-2.0
package io.margay.protocol.http1;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.http.Fields;
import io.margay.http.HttpSettings;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Requests that servers have been seen to read in different ways are read in one, or refused: RFC 9112 §11. */
class SmugglingTest {
    private static final Pattern STATUS = Pattern.compile("HTTP/1\\.1 (\\d{3}) ");
    private static final String SMUGGLED = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n";
    private static final String NEXT = "GET /next HTTP/1.1\r\nHost: a\r\n\r\n";

    @TempDir
    private Path directory;

    static Stream<String[]> cases() throws IOException {
        try (InputStream in = SmugglingTest.class.getResourceAsStream("smuggling.txt")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines()
                .filter(line -> !line.isBlank() && !line.startsWith("#")).map(line -> line.split(" \\| ", 3)).toList()
                .stream();
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void isReadInOneWay(String whole, String chunks, String bytes) {
        String request = bytes.replace("{H}", "Host: a\\r\\n").translateEscapes().replace("{S}", SMUGGLED)
            .replace("{N}", NEXT);
        for (boolean chunked : new boolean[] {false, true}) {
            String expected = chunked ? chunks : whole;
            String once = answers(request, chunked, false);
            assertEquals(expected, once);
            assertEquals(expected, answers(request, chunked, true), "byte by byte");
        }
    }

    private String answers(String request, boolean chunked, boolean slow) {
        HttpSettings settings = HttpSettings.DEFAULTS.change().chunkedTransform(chunked)
            .bodyTempPath(directory.toString()).build();
        List<String> targets = new ArrayList<>();
        try (Wire wire = new Wire(settings, e -> {
            targets.add(e.request().target().toString());
            e.respond(200, Fields.NONE, Wire.NOTHING);
        })) {
            if (slow) {
                request.chars().takeWhile(c -> wire.isOpen()).forEach(c -> wire.send(String.valueOf((char) c)));
            } else {
                wire.send(request);
            }
            String text = wire.take();
            String statuses = STATUS.matcher(text.replace("HTTP/1.1 100 Continue\r\n", "")).results()
                .map(MatchResult::group).map(line -> line.substring(9, 12)).collect(Collectors.joining(" "));
            assertTrue(!targets.contains("/smuggled"), () -> "found what was hidden in " + request);
            if (statuses.matches(".*[45]..")) {
                String last = text.substring(text.lastIndexOf("HTTP/1.1 "));
                // What is no HTTP/1.1 needs no word for that.
                boolean silent = !request.substring(0, request.indexOf('\n')).contains("HTTP/1.1");
                assertTrue(last.contains("\r\nConnection: close\r\n") || silent && !last.contains("Connection:"),
                    () -> "not the last answer: " + text);
                assertEquals("", wire.send(NEXT).take(), "nothing is answered after an error");
            }
            return statuses;
        }
    }
}
