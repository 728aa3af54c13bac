// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

import io.margay.control.ControlReply;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EntityTagTest {
    private final Bench bench = new Bench().started("{\"routes\":[],\"listeners\":{}}");

    private String tag() {
        return bench.ask("GET", "/config", "").join().headers().get("ETag");
    }

    private int status(String method, String target, String body, String field, String value) {
        return bench.ask(method, target, body, Map.of(field, value)).join().status();
    }

    /** T stands for the tag of now. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "PUT|/config/routes|If-Match|T|200", "PUT|/config/settings|If-Match|T|200", "DELETE|/config|If-Match|T|200",
        "POST|/config/routes|If-Match|\"x\", T|200", "PUT|/config/routes|If-Match|*|200",
        "PUT|/config/routes|If-Match|\"x\"|412", "DELETE|/config/routes|If-Match|W/T|412",
        "PUT|/config/routes|If-Match|x|412", "PUT|/config/routes|If-Match|``|412",
        "PUT|/config/settings|If-Match|*|412", "PUT|/config/settings|If-None-Match|*|200",
        "PUT|/config/routes|If-None-Match|*|412", "PUT|/config/routes|If-None-Match|\"x\"|200",
        "POST|/config|If-Match|\"x\"|405", "PUT|/status|If-Match|\"x\"|405",
        "GET|/config|If-None-Match|T|304", "GET|/config/routes|If-None-Match|\"x\",W/T|304",
        "GET|/config|If-None-Match|*|304", "GET|/config|If-None-Match|\"x\"|200",
        "GET|/config/nowhere|If-None-Match|T|404", "GET|/config/nowhere|If-None-Match|*|404",
        "GET|/config/routes|If-Match|\"x\"|412", "GET|/config/routes|If-Match|T|200"})
    void conditions(String method, String target, String field, String value, int expected) {
        String array = method.equals("POST") ? "{\"action\":{\"return\":200}}" : "[]";
        String body = target.endsWith("settings") ? "{}" : array;
        assertEquals(expected, status(method, target, body, field, value.replace("T", tag())));
        assertEquals(expected == 200 && !method.equals("GET") ? 1 : 0, bench.applied.size());
    }

    @Test
    void equalContentHasAnEqualTag() {
        String before = tag();
        assertTrue(before.matches("\"[0-9a-f]{32}\""), before);
        bench.say("PUT", "/config/routes", "[{\"action\":{\"return\":200}}]");
        assertFalse(before.equals(tag()));
        bench.say("DELETE", "/config/routes/0", "");
        assertEquals(before, tag());
        assertEquals(before, bench.ask("GET", "/config/routes", "").join().headers().get("ETag"));
        assertEquals(Map.of(), bench.ask("GET", "/config/x", "").join().headers());
    }

    /** Both have read the same; the second comes while the change of the first is being applied. */
    @Test
    void theSecondOfTwoWritersIsToldSo() {
        String read = tag();
        CompletableFuture<Applied> first = new CompletableFuture<>();
        bench.applier = (conf, without) -> first;
        List<CompletableFuture<ControlReply>> writers = List.of(
            bench.ask("PUT", "/config/routes", "[{\"action\":{\"return\":201}}]", Map.of("If-Match", read)),
            bench.ask("PUT", "/config/routes", "{malformed", Map.of("If-Match", read)));
        first.complete(Applied.success());
        bench.drain();
        assertEquals(200, writers.getFirst().join().status());
        ControlReply refused = writers.getLast().join();
        assertEquals("412 {\"error\": \"Precondition failed.\",\"detail\": \"The configuration has changed since it "
            + "was read: its ETag is " + tag().replace("\"", "\\\"")
            + " now. Read it again, then repeat the change.\"}",
            refused.status() + " " + Bench.compact(refused));
        assertEquals(tag(), refused.headers().get("ETag"));
    }
}
