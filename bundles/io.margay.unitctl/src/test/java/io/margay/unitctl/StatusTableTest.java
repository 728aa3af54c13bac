// SPDX-License-Identifier: Apache-2.0
package io.margay.unitctl;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.margay.conf.Conf;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfParser;
import io.margay.conf.ConfSyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StatusTableTest {
    private static Conf parse(String json) throws ConfSyntaxException {
        return ConfParser.parse(json.getBytes(StandardCharsets.UTF_8));
    }

    private static StatusTable.Sample sample(String json, long seconds) throws ConfSyntaxException {
        return new StatusTable.Sample((ConfObject) parse(json), seconds * 1_000_000_000);
    }

    @Test
    void aStatusIsATable() throws ConfSyntaxException {
        StatusTable.Sample before = sample("{\"requests\": {\"total\": 10}}", 1);
        StatusTable.Sample now = sample("{\"modules\": {\"python\": [{\"version\": \"3.12\"}, "
            + "{\"version\": \"3.11\"}], \"php\": {\"version\": \"8.2\"}}, \"connections\": {\"accepted\": 5, "
                + "\"active\": 1}, "
            + "\"requests\": {\"total\": 35}, \"applications\": {\"web\\u001b[2J\": {\"processes\": {\"running\": 2, "
            + "\"starting\": 0, \"idle\": 1}, \"requests\": {\"active\": 7}}, \"odd\": 3}}", 3);
        assertEquals(List.of(
            "connections  accepted 5  active 1",
            "requests     total 35   12.5/s",
            "modules      python 3.12, 3.11; php 8.2",
            "",
            "APPLICATION   RUNNING  STARTING      IDLE    ACTIVE",
            "web?[2J             2         0         1         7",
            "odd                 -         -         -         -"), StatusTable.lines(now, Optional.of(before)));
    }

    @Test
    void countersThatBeganAnewHaveNoRate() throws ConfSyntaxException {
        assertEquals("requests     total 1", StatusTable.lines(sample("{\"requests\": {\"total\": 1}}", 2),
            Optional.of(sample("{\"requests\": {\"total\": 10}}", 1))).get(1));
    }

    @Test
    void differencesAreNamedByTheirPlace() throws ConfSyntaxException {
        Conf before = parse("{\"a\": 1, \"b\": [1, 2], \"c/d\": {\"x\": \"y\"}}");
        Conf after = parse("{\"b\": [1, 3, 4], \"c/d\": {\"x\": \"y\"}, \"e\": null}");
        assertEquals(List.of("- /a: 1", "~ /b/1: 2 -> 3", "+ /b/2: 4", "+ /e: null"),
            ChangeLine.between(before, after));
        assertEquals(List.of(), ChangeLine.between(before, before));
    }
}
