// SPDX-License-Identifier: Apache-2.0
package io.margay.unitctl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventsVerbTest {
    private static final String STREAM = """
        HTTP/1.1 200 OK\r
        Content-Type: text/event-stream\r
        \r
        id: 7
        event: application
        data: {"id":7,"time":"2026-01-02T03:04:05.123456789Z","type":"application","what":"restarted","cause":6,\
        "application":"one"}

        :\s

        event: stream
        data: {"type":"stream","what":"dropped","reason":"slow"}

        """;

    @TempDir
    private Path directory;

    private int on(Run run, String answer, List<String> asked, String... arguments) throws IOException {
        Path socket = directory.resolve("control");
        try (FakeServer server = FakeServer.at(socket, seen -> answer)) {
            int code = run.on(socket, arguments);
            assertEquals(asked, server.whats());
            return code;
        }
    }

    @Test
    void eventsAreATable() throws IOException {
        Run run = new Run();
        assertEquals(0, on(run, STREAM, List.of("GET /events"), "events"), run.err());
        assertEquals("""
            TIME                         ID             CAUSE          TYPE           WHAT       ABOUT
            2026-01-02T03:04:05.123456Z  7              6              application    restarted  application "one"
                                                                       stream         dropped    reason "slow"
            """, run.out());
    }

    @Test
    void eventsAreJson() throws IOException {
        Run run = new Run();
        assertEquals(0, on(run, STREAM, List.of("GET /events?since=3&type=application,module"), "events", "--json",
            "--since", "3", "--type", "application,module", "-n", "1"), run.err());
        assertEquals("{\"id\":7,\"time\":\"2026-01-02T03:04:05.123456789Z\",\"type\":\"application\","
            + "\"what\":\"restarted\",\"cause\":6,\"application\":\"one\"}\n", run.out());
    }

    @Test
    void aRefusalIsTold() throws IOException {
        Run run = new Run();
        assertEquals(1, on(run, FakeServer.answer(403, "{\"error\": \"Access denied.\"}"), List.of("GET /events"),
            "events", "--json"));
        assertTrue(run.err().contains("Access denied."), run.err());
    }

    @ParameterizedTest
    @ValueSource(strings = {"events --since x", "-s unix:/b events", "events -n a"})
    void wrongUsageIsTold(String arguments) {
        Run run = new Run();
        assertEquals(2, run.on(directory.resolve("none"), arguments.split(" ")), run.err());
    }
}
