// SPDX-License-Identifier: Apache-2.0
package io.margay.port;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.margay.testing.ManualLoop;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DispatcherTest {

    /** Pids and the types that they may send. */
    private final Map<Integer, Set<Integer>> processes =
        new HashMap<>(Map.of(10, Set.of(), 11, Set.of(), 12, Set.of()));
    private final List<String> lines = new ArrayList<>();
    private final List<String> handled = new ArrayList<>();
    private final RoleLookup roles = new RoleLookup() {
        @Override
        public boolean known(int pid) {
            return processes.containsKey(pid);
        }

        @Override
        public boolean maySend(int pid, int type) {
            return processes.getOrDefault(pid, Set.of()).contains(type);
        }

        @Override
        public boolean present(int type) {
            return processes.values().stream().anyMatch(types -> types.contains(type));
        }
    };
    private final Dispatcher table = new Dispatcher(roles, (level, text) -> lines.add(text));

    private void accept(int type, int... pids) {
        for (int pid : pids) {
            allow(type, pid);
        }
        table.on(type, message -> handled.add(MessageType.name(message.type())));
    }

    private void allow(int type, int pid) {
        Set<Integer> types = new HashSet<>(processes.get(pid));
        types.add(type);
        processes.put(pid, types);
    }

    @ParameterizedTest
    @CsvSource({
        "2, process 12 cannot start processes",
        "3, process 12 cannot create listener sockets",
        "4, process 12 cannot send SOCKET_UNLINK",
        "5, process 12 cannot send modules",
        "6, process 12 cannot store conf",
        "7, process 12 cannot store certificates",
        "8, process 12 cannot delete certificates",
        "9, process 12 cannot store scripts",
        "10, process 12 cannot delete scripts",
        "11, process 12 cannot send ACCESS_LOG"})
    void refusesOthersWithTheText(int type, String text) {
        accept(type, 10);
        table.accept(Messages.of(type, 1, 12));
        table.accept(Messages.of(type, 1, 10));
        assertEquals(List.of(text), lines);
        assertEquals(List.of(MessageType.name(type)), handled);
    }

    @Test
    void theKernelsPidCounts() {
        accept(MessageType.SOCKET, 10);
        table.accept(Messages.of(Header.last(MessageType.SOCKET, 1, 10), 12));
        assertEquals(List.of("process 12 cannot create listener sockets"), lines);
        table.accept(Messages.of(Header.last(MessageType.SOCKET, 1, 12), 10));
        assertEquals(List.of("SOCKET"), handled);
    }

    @Test
    void unknownSendersHaveTextsOfTheirOwn() {
        accept(MessageType.CERT_GET, 10, 11);
        accept(MessageType.START_PROCESS);
        accept(MessageType.CONF_STORE, 11);
        table.accept(Messages.of(Header.last(MessageType.CERT_GET, 1, 10).replyTo(4), 99));
        table.accept(Messages.of(MessageType.START_PROCESS, 1, 12));
        table.accept(Messages.of(MessageType.CONF_STORE, 1, 99));
        assertEquals(List.of("process port not found (pid 99, reply_port 4)", "router port not found",
            "process 99 cannot store conf"), lines);
        assertEquals(List.of(), handled);
    }

    @Test
    void typesOutsideTheTableAreRefused() {
        List<String> refused = new ArrayList<>();
        table.whenRefused((message, text) -> refused.add(message.stream() + ": " + text));
        table.accept(Messages.of(MessageType.OOSM, 5, 10));
        assertEquals(List.of("5: process 10 sent unexpected message OOSM"), refused);
        assertEquals(1, lines.size());
    }

    @Test
    void anyoneIsHandledAndMalformedPayloadsAreRefused() {
        table.onAny(MessageType.WHOAMI, message -> handled.add("parent " + WhoAmI.decode(message).pid()));
        table.accept(Messages.of(MessageType.WHOAMI, 1, 99, new WhoAmI(12).encode()));
        table.accept(Messages.of(MessageType.WHOAMI, 1, 99));
        assertEquals(List.of("parent 12"), handled);
        assertEquals(List.of("whoami: buffer is NULL or unexpected size"), lines);
    }

    @Test
    void anExceptionOfAHandlerIsAnsweredAndGoesOn() {
        List<String> refused = new ArrayList<>();
        table.whenRefused((message, text) -> refused.add(message.stream() + ": " + text));
        table.onAny(MessageType.DATA, message -> {
            throw new IllegalStateException("broken");
        });
        assertThrows(IllegalStateException.class, () -> table.accept(Messages.of(MessageType.DATA, 7, 10)));
        assertEquals(List.of("7: message DATA could not be handled: java.lang.IllegalStateException: broken"), refused);
        assertEquals(List.of(), lines, "the loop logs it");
    }

    @Test
    void answersReachTheRequestFromAllowedSendersOnly() {
        Rpc rpc = new Rpc(new ManualLoop(), Rpc.OWNER_CONTROLLER, (level, text) -> lines.add(text));
        int stream = rpc.register(message -> handled.add("ready"), failure -> handled.add("error"), 0, 0);
        allow(MessageType.RPC_READY, 10);
        table.answers(rpc);
        table.accept(Messages.of(MessageType.RPC_ERROR, stream, 12));
        assertEquals(1, rpc.pending());
        table.accept(Messages.of(MessageType.RPC_READY, stream, 10));
        assertEquals(List.of("ready"), handled);
        assertEquals(List.of("process 12 cannot send RPC_ERROR"), lines);
    }
}
