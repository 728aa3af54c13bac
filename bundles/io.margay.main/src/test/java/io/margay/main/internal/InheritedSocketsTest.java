// SPDX-License-Identifier: Apache-2.0
package io.margay.main.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.posix.Address;
import io.margay.posix.Descriptors;
import io.margay.posix.Exit;
import io.margay.posix.Fd;
import io.margay.posix.Processes;
import io.margay.posix.Sockets;
import io.margay.posix.SpawnSpec;
import io.margay.testing.Lines;
import io.margay.process.StartException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InheritedSocketsTest {

    private final Lines lines = new Lines();

    private static Fd listener() {
        Fd socket = Sockets.socket(Sockets.AF_INET, Sockets.SOCK_STREAM, 0);
        Sockets.bind(socket, new Address.Ip4(0x7F000001, 0));
        Sockets.listen(socket, 5);
        return socket;
    }

    @Test
    void aListenerWithTheSameAddressUsesTheInheritedSocket() {
        Fd socket = listener();
        Address address = Sockets.localAddress(socket);
        int number = socket.release();
        Descriptors.closeOnExec(number, false);
        InheritedSockets inherited = InheritedSockets.read(Map.of("NGINX", number + ";ignored"), 1, lines);
        assertEquals(List.of("alert using inherited listen sockets: " + number + ";ignored"), lines.all);
        assertTrue(inherited.present());
        assertTrue(Descriptors.closeOnExec(number));
        assertEquals(address, inherited.all().getFirst().address());
        assertEquals(Optional.empty(), inherited.find(Address.parse("127.0.0.1:1")));
        try (Fd reused = assertInstanceOf(ListenSockets.Opened.class,
                new ListenSockets(inherited, lines).open(address.text(), 7, false)).socket()) {
            assertEquals(address, Sockets.localAddress(reused));
            assertTrue(Sockets.accept(reused, true).isEmpty(), "non-blocking");
        }
        inherited.all().getFirst().socket().close();
    }

    @ParameterizedTest
    @CsvSource({"x;, x;", "'4x;5;', '4x;5;'", "-1;, -1;", "';', ';'", "99999999999;, 99999999999;"})
    void badNumbersStopTheStart(String list, String rest) {
        assertEquals("invalid socket number \"" + rest
                + "\" in NGINX environment variable, ignoring the rest of the variable",
            assertThrows(StartException.class, () -> InheritedSockets.read(Map.of("NGINX", list), 1, lines))
                .getMessage());
    }

    @Test
    void whatIsNoSocketStopsTheStartAndStaysOpen() {
        try (Fd file = io.margay.posix.Files.open("/dev/null", 0, 0)) {
            Map<String, String> environment = Map.of("NGINX", file.number() + ";");
            assertThrows(StartException.class, () -> InheritedSockets.read(environment, 1, lines));
            assertTrue(Descriptors.isOpen(file.number()));
        }
    }

    @ParameterizedTest
    @CsvSource({"'', ''", "1, ''", "1, 43", "-1, 42", "x, 42", "0, 42", "'', 42"})
    void systemdVariablesOfOthersAreIgnored(String fds, String pid) {
        assertFalse(InheritedSockets.read(Map.of("LISTEN_FDS", fds, "LISTEN_PID", pid), 42, lines).present());
    }

    /** Two sockets on 3 and 4 need a process of their own, which runs {@link Systemd}. */
    @Test
    void systemdSocketsAreThreeAndUp() {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        try (Fd one = listener(); Fd two = listener()) {
            String script = "export LISTEN_PID=$$ LISTEN_FDS=2; exec \"$@\"";
            int pid = Processes.spawn(SpawnSpec.of("/bin/sh", List.of("sh", "-c", script, "sh", java,
                "--enable-native-access=ALL-UNNAMED", "-Xshare:auto", "-cp", System.getProperty("java.class.path"),
                Systemd.class.getName(), Sockets.localAddress(one).text(), Sockets.localAddress(two).text()))
                .withFd(3, one.number()).withFd(4, two.number()));
            assertEquals(new Exit(pid, 0, 0, false), Processes.waitFor(pid));
        }
    }

    /** Finds the sockets of the command line among the inherited ones; exit code 0 when it does. */
    static final class Systemd {

        private Systemd() {
        }

        public static void main(String[] addresses) {
            Lines lines = new Lines();
            InheritedSockets inherited = InheritedSockets.read(System.getenv(), Processes.pid(), lines);
            boolean found = inherited.all().stream().map(socket -> socket.address().text()).toList()
                .equals(List.of(addresses));
            boolean said = lines.all.equals(List.of("info using 2 systemd listen sockets"));
            System.exit(found && said ? 0 : 1);
        }
    }
}
