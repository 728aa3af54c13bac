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
import org.junit.jupiter.params.provider.CsvSource;

class ExplainVerbTest {
    private static final String ANSWER = """
        {"listener": "*:80", "request": {"method": "GET", "scheme": "http", "host": "a", "path": "/x",
        "source": "127.0.0.1:0"}, "pass": "routes", "filters": ["forwarded"], "steps": [
        {"step": "routes/0", "matched": false, "conditions": [{"condition": "host", "pattern": ["b", "!a"],
        "value": "a", "decisive": "!a", "matched": false}]},
        {"step": "routes/1", "matched": true, "conditions": []}], "omitted": 2, "actions": [
        {"at": "/routes/1/action", "kind": "pass", "action": {"pass": "applications/one"}, "path": "/y",
        "filters": ["response_headers"]}], "result": {"action": "pass", "application": "one", "target": "t"}}""";

    @TempDir
    private Path directory;

    @Test
    void theWayIsShownAsLines() throws IOException {
        Path socket = directory.resolve("control");
        Run run = new Run();
        try (FakeServer server = FakeServer.at(socket, seen -> FakeServer.ok(ANSWER))) {
            assertEquals(0, run.on(socket, "explain", "http://a/x?b=c d", "-l", "*:80", "-H", "X-A: 1", "-b", "s=1"),
                run.err());
            assertEquals(List.of("GET /control/explain?method=GET&scheme=http&host=a&uri=%2fx%3fb%3dc%20d&header.X-A=1"
                + "&cookie=s%3d1&listener=%2a%3a80"), server.whats());
        }
        assertEquals("""
            request   GET http://a/x from 127.0.0.1:0
            listener  *:80 passes to routes, filters forwarded
              step    routes/0 does not match
                      - host "a" against ["b","!a"], by "!a"
              step    routes/1 matches
                      2 more steps did not match
            action    /routes/1/action {"pass":"applications/one"}, path /y, filters response_headers
            result    application one, target t
            """, run.out());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"x|begins neither", "/x -H nothing|no header field", "|Missing"})
    void wrongUsageIsTold(String arguments, String message) {
        Run run = new Run();
        assertEquals(2, run.on(directory.resolve("none"), ("explain " + (arguments == null ? "" : arguments)).strip()
            .split(" ")));
        assertTrue(run.err().contains(message), run.err());
    }
}
