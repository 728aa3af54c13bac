// SPDX-License-Identifier: Apache-2.0
package io.margay.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.port.MessageType;
import io.margay.port.Peer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ProcessTableTest {

    private final Mates mates = new Mates();
    private final ProcessTable table = mates.table;

    @AfterEach
    void close() {
        mates.close();
    }

    @Test
    void processesAreFoundByPidAndLinked() {
        ProcessEntry prototype = mates.add(10, "prototype");
        ProcessEntry worker = mates.add(11, "app", ProcessState.READY, prototype).isolatedPid(2);
        assertEquals(Optional.of(worker), table.find(11));
        assertEquals(Optional.empty(), table.find(12));
        assertEquals(List.of(worker), prototype.children());
        assertEquals(Optional.of(prototype), worker.parent());
        assertEquals(2, worker.isolatedPid());
        assertEquals("\"blog\" application", worker.name());
        assertTrue(table.known(11));
        assertFalse(table.known(12));
        assertTrue(table.maySend(11, MessageType.WHOAMI));
        assertFalse(table.maySend(11, MessageType.SOCKET));
        assertFalse(table.maySend(12, MessageType.WHOAMI));
        assertTrue(table.present(MessageType.PROCESS_CREATED));
        assertFalse(table.present(MessageType.SOCKET));
        table.remove(worker);
        table.remove(worker);
        assertEquals(List.of(), prototype.children());
        assertEquals(2, table.size());
    }

    @Test
    void aPidIsRegisteredOnce() {
        mates.add(10, "router");
        assertThrows(IllegalStateException.class, () -> mates.add(10, "app"));
        assertThrows(IllegalStateException.class, () -> table.add(0, "app", "", Optional.empty()));
    }

    @Test
    void thePortOfATypeIsTheNewestAndGoesWithIt() {
        ProcessEntry old = mates.add(10, "router");
        ProcessEntry fresh = mates.add(11, "router");
        assertEquals(11, table.port("router").orElseThrow().pid());
        table.remove(old);
        assertEquals(11, table.port("router").orElseThrow().pid());
        Peer peer = table.peer("router").orElseThrow();
        table.remove(fresh);
        assertEquals(Optional.empty(), table.port("router"));
        assertFalse(peer.isOpen());
    }

    @Test
    void aPortWithTheSameNumberReplacesTheOld() {
        ProcessEntry router = mates.add(10, "router");
        Peer old = table.peer(router).orElseThrow();
        table.addPort(router, 0, Optional.empty());
        assertFalse(old.isOpen());
        assertEquals(1, router.ports().size());
        assertEquals(Optional.empty(), table.peer(router));
        table.addPort(router, 3, Optional.empty());
        assertEquals(3, table.port(10, 3).orElseThrow().id());
        assertEquals(Optional.empty(), table.port(10, 4));
        assertEquals(3, table.port("router").orElseThrow().id());
    }

    @Test
    void illegalTransitionsAreLoggedAndIgnored() {
        ProcessEntry entry = mates.add(10, "prototype", ProcessState.CREATING, mates.main);
        assertTrue(entry.created());
        assertFalse(entry.created());
        assertEquals(ProcessState.CREATED, entry.state());
        assertTrue(entry.ready());
        assertFalse(entry.ready());
        assertFalse(entry.created());
        assertEquals(ProcessState.READY, entry.state());
        assertEquals(List.of("alert process 10 sent PROCESS_CREATED in unexpected state",
            "alert process 10 sent PROCESS_READY in unexpected state",
            "alert process 10 sent PROCESS_CREATED in unexpected state"), mates.lines.all);
    }

    @Test
    void cleanUpsRunBackwardsAndAllOfThem() {
        ProcessEntry entry = mates.add(10, "prototype");
        List<String> done = new ArrayList<>();
        entry.onExit(() -> done.add("mounts"));
        entry.onExit(() -> {
            throw new IllegalStateException("busy");
        });
        entry.onExit(() -> done.add("cgroup"));
        entry.cleanUp();
        entry.cleanUp();
        assertEquals(List.of("cgroup", "mounts"), done);
        assertEquals(List.of("alert \"blog\" prototype: clean-up failed: busy"), mates.lines.all);
    }
}
