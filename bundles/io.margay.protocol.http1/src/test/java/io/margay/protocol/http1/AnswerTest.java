// SPDX-License-Identifier: Apache-2.0
package io.margay.protocol.http1;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.http.Answer;
import io.margay.http.Fields;
import io.margay.http.HttpSettings;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Answers that are made once and sent many times. */
class AnswerTest {
    private static final String GET = "GET / HTTP/1.1\r\n\r\n";
    private static final HttpSettings PLAIN = HttpSettings.DEFAULTS.change().serverVersion(false).build();

    private final Answer answer = new Answer(201, Fields.of("A", "b"), "body".getBytes(StandardCharsets.ISO_8859_1));

    private String ask(HttpSettings settings, String request) {
        try (Wire wire = new Wire(settings, e -> e.respond(answer))) {
            return wire.send(request).take();
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"GET|1.1||''|body", "HEAD|1.1||''|''", "GET|1.0||''|body",
        "GET|1.1|close|close|body", "GET|1.0|keep-alive|keep-alive|body", "HEAD|1.1|close|close|''"})
    void looksAsEachClientWantsIt(String method, String version, String connection, String answered, String body) {
        String request = method + " / HTTP/" + version + "\r\n"
            + (connection == null ? "" : "Connection: " + connection + "\r\n") + "\r\n";
        String expected = "HTTP/1.1 201 Created\r\nA: b\r\nServer: Unit/1.35.0\r\nDate: D\r\nContent-Length: 4\r\n"
            + (answered.isEmpty() ? "" : "Connection: " + answered + "\r\n") + "\r\n" + body;
        assertEquals(expected, ask(HttpSettings.DEFAULTS, request));
        assertEquals(expected, ask(HttpSettings.DEFAULTS, request));
    }

    @Test
    void isPreparedOnceForALoop() {
        try (Wire wire = new Wire(e -> e.respond(answer))) {
            wire.send(GET);
            Object prepared = answer.prepared();
            assertInstanceOf(Prepared.class, prepared);
            wire.send(GET + GET);
            assertSame(prepared, answer.prepared());
            assertEquals(3, wire.take().split("201 Created", -1).length - 1);
        }
    }

    @Test
    void whatAnotherProtocolHasLeftIsReplaced() {
        answer.prepared("of another");
        String first = ask(HttpSettings.DEFAULTS, GET);
        Object prepared = answer.prepared();
        assertEquals(first, ask(HttpSettings.DEFAULTS, GET));
        assertTrue(ask(PLAIN, GET).contains("\r\nServer: Unit\r\n"));
        assertNotSame(prepared, answer.prepared());
        assertEquals(first, ask(HttpSettings.DEFAULTS, GET));
    }

    @Test
    void theDateIsThatOfTheLoop() {
        try (Wire wire = new Wire(e -> e.respond(answer))) {
            String text = wire.send(GET).received();
            String date = new String(wire.loop.date(), StandardCharsets.ISO_8859_1);
            assertTrue(text.contains("\r\nDate: " + date + "\r\n"));
        }
    }
}
