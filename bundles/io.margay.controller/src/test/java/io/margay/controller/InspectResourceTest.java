// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.conf.Conf;
import io.margay.conf.ConfObject;
import io.margay.status.Inspectors;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InspectResourceTest {
    private final Bench bench = new Bench().started("{}");

    @BeforeEach
    void begin() {
        bench.resources.add(new InspectResource(bench.plane, new Inspectors() {
            @Override
            public List<String> names() {
                return List.of("memory");
            }

            @Override
            public Optional<Conf> dump(String name) {
                return name.equals("memory") ? Optional.of(ConfObject.builder().put("heap", 5).build())
                    : Optional.empty();
            }
        }), Map.of());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "/control/inspect|200 {\"main\": [\"threads\"],\"controller\": [\"memory\"],\"router\": [\"threads\"]}",
        "/control/inspect/main|200 [\"threads\"]", "/control/inspect/controller/memory|200 {\"heap\": 5}",
        "/control/inspect/controller/memory/heap|200 5", "/control/inspect/router/threads|200 {\"threads\": 7}",
        "/control/inspect/router/nothing|404 {\"error\": \"Value doesn't exist.\"}",
        "/control/inspect/router/threads/x|404 {\"error\": \"Value doesn't exist.\"}",
        "/control/inspect/app|404 {\"error\": \"Value doesn't exist.\"}"})
    void processesShowWhatTheyHave(String path, String expected) {
        assertEquals(expected, bench.say("GET", path, ""));
    }

    @Test
    void aProcessThatDoesNotAnswerIsNamed() {
        bench.helpersFail = true;
        assertEquals("504 {\"error\": \"Process does not answer.\",\"detail\": \"router: not there\"}",
            bench.say("GET", "/control/inspect/router/threads", ""));
        assertEquals("200 {\"main\": {\"error\": \"not there\"},\"controller\": [\"memory\"],\"router\": "
            + "{\"error\": \"not there\"}}", bench.say("GET", "/control/inspect", "").replace(",\"", ",\""));
        assertTrue(bench.say("PUT", "/control/inspect/router", "").startsWith("405 "));
    }
}
