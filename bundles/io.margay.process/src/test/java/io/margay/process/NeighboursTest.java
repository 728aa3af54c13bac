// SPDX-License-Identifier: Apache-2.0
package io.margay.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.port.Header;
import io.margay.port.Message;
import io.margay.port.MessageType;
import io.margay.port.NewPort;
import io.margay.port.PayloadException;
import io.margay.port.Ports;
import io.margay.port.RemovePid;
import io.margay.port.Rpc;
import io.margay.posix.Fd;
import io.margay.posix.Sockets;
import io.margay.testing.Lines;
import io.margay.testing.ManualLoop;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class NeighboursTest {

    private final ManualLoop loop = new ManualLoop();
    private final Lines lines = new Lines();
    private final ProcessTable table = new ProcessTable(Kinds.stock(), "router", lines);
    private final Rpc rpc = new Rpc(loop, Rpc.OWNER_ROUTER, lines);
    private final List<String> events = new ArrayList<>();
    private final Neighbours neighbours = new Neighbours(Ports.standalone(), loop, table, rpc, lines)
        .whenArrived(port -> events.add("arrived " + port.pid() + "." + port.id() + " " + port.peer().isPresent()))
        .whenLeft(entry -> events.add("left " + entry.pid()));

    private static Message message(int type, int stream, byte[] payload, Fd... fds) {
        int[] numbers = new int[fds.length];
        for (int i = 0; i < fds.length; i++) {
            numbers[i] = fds[i].release();
        }
        return new Message(Header.last(type, stream, 1), ByteBuffer.wrap(payload), 1, 0, 0, numbers);
    }

    private void arrive(int pid, int id, int type, Fd... fds) {
        try (Message message = message(MessageType.NEW_PORT, 0, NewPort.of(id, pid, type).encode(), fds)) {
            neighbours.newPort(message);
        }
    }

    private void leave(int pid, int stream) {
        neighbours.removePid(message(MessageType.REMOVE_PID, stream, new RemovePid(pid).encode()));
    }

    @Test
    void portsArriveAndLeave() {
        Fd[] pair = Sockets.seqpacketPair();
        arrive(20, 0, 4, pair[1]);
        arrive(21, 0, 5);
        arrive(20, 1, 4);
        assertEquals(List.of("arrived 20.0 true", "arrived 21.0 false", "arrived 20.1 false"), events);
        assertEquals(ProcessState.READY, table.find(20).orElseThrow().state());
        rpc.register(message -> { }, failure -> events.add("request " + failure.kind()), 0, 20);
        leave(20, 0);
        leave(20, 0);
        assertEquals(List.of("request PEER_GONE", "left 20"), events.subList(3, events.size()));
        assertTrue(table.find(20).isEmpty());
        assertTrue(Sockets.receive(pair[0].number(), Arena.ofAuto().allocate(16)).isEnd());
        pair[0].close();
    }

    @Test
    void aFailedStartEndsItsRequest() {
        int stream = rpc.register(message -> events.add("started"), failure -> events.add("" + failure.kind()), 0, 0);
        leave(33, stream);
        assertEquals(List.of("PEER_GONE"), events);
    }

    @Test
    void contradictionsAreRefused() {
        arrive(20, 0, 3);
        assertEquals("new_port: process 20 is no app",
            assertThrows(PayloadException.class, () -> arrive(20, 1, 5)).getMessage());
        assertEquals("new_port: unknown process type 6",
            assertThrows(PayloadException.class, () -> arrive(22, 0, 6)).getMessage());
        assertEquals("new_port: invalid pid 0",
            assertThrows(PayloadException.class, () -> arrive(0, 0, 5)).getMessage());
        assertEquals(1, table.size());
    }
}
