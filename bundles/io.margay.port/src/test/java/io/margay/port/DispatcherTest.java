// SPDX-License-Identifier: Apache-2.0
package io.margay.port;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DispatcherTest {

    private enum Role { ROUTER, CONTROLLER, APP, NOBODY }

    private static final Map<Integer, Role> PROCESSES = Map.of(10, Role.ROUTER, 11, Role.CONTROLLER, 12, Role.APP);

    private final List<String> lines = new ArrayList<>();
    private final List<String> handled = new ArrayList<>();
    private final RoleLookup<Role> roles = new RoleLookup<>() {
        @Override
        public Optional<Role> role(int pid) {
            return Optional.ofNullable(PROCESSES.get(pid));
        }

        @Override
        public boolean present(Role role) {
            return PROCESSES.containsValue(role);
        }
    };
    private final Dispatcher<Role> table = new Dispatcher<>(roles, PortLog.to(lines::add, lines::add));

    private void accept(int type, EnumSet<Role> senders) {
        table.on(type, senders, message -> handled.add(MessageType.name(message.type())));
    }

    @Test
    void kindsMayBeNames() {
        RoleLookup<String> names = new RoleLookup<>() {
            @Override
            public Optional<String> role(int pid) {
                return pid == 10 ? Optional.of(new String("scheduler")) : Optional.empty();
            }

            @Override
            public boolean present(String role) {
                return role.equals("scheduler");
            }
        };
        new Dispatcher<>(names, PortLog.to(lines::add, lines::add))
            .on(MessageType.DATA, Set.of("scheduler"), message -> handled.add("data"))
            .accept(Messages.of(MessageType.DATA, 1, 10));
        assertEquals(List.of("data"), handled);
        assertEquals(List.of(), lines);
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
        accept(type, EnumSet.of(Role.ROUTER));
        table.accept(Messages.of(type, 1, 12));
        table.accept(Messages.of(type, 1, 10));
        assertEquals(List.of(text), lines);
        assertEquals(List.of(MessageType.name(type)), handled);
    }

    @Test
    void theKernelsPidCounts() {
        accept(MessageType.SOCKET, EnumSet.of(Role.ROUTER));
        table.accept(Messages.of(Header.last(MessageType.SOCKET, 1, 10), 12));
        assertEquals(List.of("process 12 cannot create listener sockets"), lines);
        table.accept(Messages.of(Header.last(MessageType.SOCKET, 1, 12), 10));
        assertEquals(List.of("SOCKET"), handled);
    }

    @Test
    void unknownSendersHaveTextsOfTheirOwn() {
        accept(MessageType.CERT_GET, EnumSet.of(Role.ROUTER, Role.CONTROLLER));
        accept(MessageType.START_PROCESS, EnumSet.of(Role.NOBODY));
        accept(MessageType.CONF_STORE, EnumSet.of(Role.CONTROLLER));
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
        Rpc rpc = new Rpc(new ManualLoop(), Rpc.OWNER_CONTROLLER, PortLog.to(lines::add, lines::add));
        int stream = rpc.register(message -> handled.add("ready"), failure -> handled.add("error"), 0, 0);
        table.answers(rpc, EnumSet.of(Role.ROUTER));
        table.accept(Messages.of(MessageType.RPC_ERROR, stream, 12));
        assertEquals(1, rpc.pending());
        table.accept(Messages.of(MessageType.RPC_READY, stream, 10));
        assertEquals(List.of("ready"), handled);
        assertEquals(List.of("process 12 cannot send RPC_ERROR"), lines);
    }
}
