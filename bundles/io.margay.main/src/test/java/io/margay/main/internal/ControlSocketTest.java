// SPDX-License-Identifier: Apache-2.0
package io.margay.main.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.posix.Address;
import io.margay.posix.Fd;
import io.margay.posix.FileStatus;
import io.margay.posix.Files;
import io.margay.posix.Sockets;
import io.margay.process.StartException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ControlSocketTest {

    private static final ControlSocket.Names NOBODY = new ControlSocket.Names(
        name -> name.equals("nobody") ? OptionalInt.of(65534) : OptionalInt.empty(),
        name -> name.equals("nogroup") ? OptionalInt.of(65534) : OptionalInt.empty());

    @TempDir
    private Path directory;
    private String path;

    @BeforeEach
    void path() {
        path = directory.resolve("run/unit/control.sock").toString();
    }

    private ControlSocket create(int mode, String user, String group) {
        ControlSocket socket = unpublished(mode, user, group);
        socket.publish();
        return socket;
    }

    private ControlSocket unpublished(int mode, String user, String group) {
        return ControlSocket.create(new ControlSocket.Options("unix:" + path, mode, Optional.ofNullable(user),
            Optional.ofNullable(group)), NOBODY);
    }

    private static boolean answers(String address) {
        Address target = Address.parse(address);
        try (Fd probe = Sockets.socket(target.family(), Sockets.SOCK_STREAM, 0)) {
            return Sockets.connect(probe, target);
        }
    }

    @Test
    void hasItsNameOnlyWhenItAnswers() {
        ControlSocket socket = unpublished(0600, null, null);
        assertTrue(Files.status(path).isEmpty(), "nobody would answer yet");
        assertThrows(StartException.class, () -> unpublished(0600, null, null), "two servers start at once");
        socket.publish();
        socket.publish();
        assertTrue(answers("unix:" + path));
        socket.remove();
        assertTrue(Files.status(path).isEmpty());
        ControlSocket never = unpublished(0600, null, null);
        never.remove();
        assertTrue(Files.status(path + ".tmp").isEmpty());
    }

    @Test
    void isMadeWithItsDirectoriesAndRemoved() {
        ControlSocket socket = create(0640, null, null);
        assertEquals(0640, Files.status(path).orElseThrow().permissions());
        assertEquals(0755, Files.status(directory.resolve("run").toString()).orElseThrow().permissions());
        assertTrue(answers("unix:" + path));
        assertTrue(Sockets.accept(socket.socket(), true).isPresent());
        assertTrue(Sockets.accept(socket.socket(), true).isEmpty());
        socket.remove();
        assertTrue(Files.status(path).isEmpty());
        assertTrue(Files.status(path + ".tmp").isEmpty());
    }

    @Test
    void aLivingServerKeepsItsSocket() {
        ControlSocket first = create(ControlSocket.DEFAULT_MODE, null, null);
        StartException busy = assertThrows(StartException.class, () -> create(0600, null, null));
        assertTrue(busy.getMessage().matches("connect\\(\\d+, unix:" + path + "\\) socket already in use"),
            busy.getMessage());
        assertTrue(Files.status(path + ".tmp").isEmpty());
        assertTrue(answers("unix:" + path));
        first.remove();
    }

    @Test
    void aStaleFileIsReplaced() {
        create(0600, null, null).socket().close();
        assertTrue(Files.status(path).isPresent());
        ControlSocket second = create(0600, null, null);
        assertTrue(answers("unix:" + path));
        second.remove();
    }

    @Test
    void ownersAreLookedUp() {
        assertEquals("getpwnam_r(\"ghost\", ...) failed (0: Success) (User not found)",
            assertThrows(StartException.class, () -> create(0600, "ghost", null)).getMessage());
        assertEquals("getgrnam_r(\"ghosts\", ...) failed (0: Success) (Group not found)",
            assertThrows(StartException.class, () -> create(0600, null, "ghosts")).getMessage());
        Assumptions.assumeTrue(Files.status("/proc/self").orElseThrow().uid() == 0, "chown needs root");
        ControlSocket socket = create(0600, "nobody", "nogroup");
        FileStatus status = Files.status(path).orElseThrow();
        assertEquals(65534, status.uid());
        assertEquals(65534, status.gid());
        socket.remove();
    }

    @Test
    void tcpAndAbstractAddressesHaveNoFile() {
        String address = "127.0.0.1:" + ListenSocketsTest.free();
        ControlSocket tcp = ControlSocket.create(new ControlSocket.Options(address, 0600, Optional.empty(),
            Optional.empty()), NOBODY);
        assertTrue(answers(address));
        StartException busy = assertThrows(StartException.class, () -> ControlSocket.create(
            new ControlSocket.Options(address, 0600, Optional.empty(), Optional.empty()), NOBODY));
        assertTrue(busy.getMessage().endsWith(", " + address + ") failed (98: Address already in use)"),
            busy.getMessage());
        tcp.remove();
        String name = "unix:@margay-control-" + ProcessHandle.current().pid();
        ControlSocket socket = ControlSocket.create(new ControlSocket.Options(name, 0600, Optional.of("ghost"),
            Optional.empty()), NOBODY);
        assertTrue(answers(name));
        socket.remove();
    }

    @Test
    void badAddressesAndDirectoriesStopTheStart() throws java.io.IOException {
        assertThrows(StartException.class, () -> ControlSocket.create(
            new ControlSocket.Options("nowhere", 0600, Optional.empty(), Optional.empty()), NOBODY));
        java.nio.file.Files.writeString(directory.resolve("run"), "a file");
        StartException blocked = assertThrows(StartException.class, () -> create(0600, null, null));
        assertTrue(blocked.getMessage().contains("(20: Not a directory)"), blocked.getMessage());
    }
}
