// SPDX-License-Identifier: Apache-2.0
package io.margay.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.conf.ConfWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PortInspectorTest {

    private final Mates mates = new Mates();

    @AfterEach
    void close() {
        mates.close();
    }

    private String dump() {
        return new String(ConfWriter.compact(new PortInspector(mates.table, () -> List.of(9, 7)).dump()),
            StandardCharsets.UTF_8);
    }

    @Test
    void ownOnesFirstThenThoseOfOthersByPidWhileTheyLive() {
        ProcessEntry worker = mates.add(30, "app");
        ProcessEntry router = mates.add(20, "router");
        mates.table.addPort(worker, 3, Optional.empty());
        String own = "{\"name\":\"own\",\"descriptor\":7,\"receives\":true},"
            + "{\"name\":\"own\",\"descriptor\":9,\"receives\":true},";
        String others = row("router", 20, 0, router) + "," + row("\\\"blog\\\" application", 30, 0, worker)
            + ",{\"name\":\"\\\"blog\\\" application\",\"pid\":30,\"port\":3,\"receives\":false}";
        assertEquals("{\"count\":5,\"ports\":[" + own + others + "]}", dump());
        mates.table.remove(worker);
        mates.table.removePort(router, 0);
        assertTrue(dump().startsWith("{\"count\":2,"), dump());
    }

    /** A port that takes the place of another has its number and another descriptor. */
    @Test
    void aPortThatIsReplacedIsNotShownTwice() {
        ProcessEntry router = mates.add(20, "router");
        mates.table.addPort(router, 0, Optional.empty());
        assertTrue(dump().endsWith("{\"name\":\"router\",\"pid\":20,\"port\":0,\"receives\":false}]}"), dump());
        assertTrue(dump().startsWith("{\"count\":3,"), dump());
    }

    private String row(String name, int pid, int id, ProcessEntry entry) {
        return "{\"name\":\"" + name + "\",\"pid\":" + pid + ",\"port\":" + id + ",\"descriptor\":"
            + entry.port(id).orElseThrow().peer().orElseThrow().number() + ",\"receives\":false}";
    }
}
