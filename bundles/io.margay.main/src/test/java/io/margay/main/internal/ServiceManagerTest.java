// SPDX-License-Identifier: Apache-2.0
package io.margay.main.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.posix.Address;
import io.margay.posix.Fd;
import io.margay.posix.Processes;
import io.margay.posix.Sockets;
import io.margay.testing.Lines;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ServiceManagerTest {
    private final Lines lines = new Lines();

    @TempDir
    private Path directory;

    private static Fd bound(String name) {
        Fd socket = Sockets.socket(Sockets.AF_UNIX, Sockets.SOCK_DGRAM | Sockets.SOCK_NONBLOCK, 0);
        Sockets.bind(socket, new Address.Unix(name));
        return socket;
    }

    private static String next(Fd socket) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(200);
            int length = Sockets.receive(socket.number(), memory).length();
            return length < 0 ? "" : new String(memory.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE),
                StandardCharsets.US_ASCII);
        }
    }

    private ServiceManager of(String name) {
        return ServiceManager.of(Map.of("NOTIFY_SOCKET", name), null, lines);
    }

    @Test
    void readyAndStoppingAreToldOverFilesAndAbstractNames() {
        for (String name : new String[] {directory.resolve("s").toString(), "@margay-notify-" + Processes.pid()}) {
            try (Fd socket = bound(name)) {
                ServiceManager manager = of(name);
                manager.ready();
                assertEquals("READY=1\nSTATUS=The control socket answers", next(socket));
                manager.stopping(true);
                assertEquals("STOPPING=1\nSTATUS=Requests in progress finish", next(socket));
                manager.stopping(false);
                manager.ready();
                assertEquals("", next(socket));
            }
        }
        assertEquals(0, lines.all.size(), lines.all.toString());
    }

    @Test
    void aManagerThatIsGoneIsOneLineOfTheLog() {
        of(directory.resolve("none").toString()).ready();
        assertEquals(1, lines.all.size());
        assertTrue(lines.all.getFirst().startsWith("warn the service manager could not be told: connect("),
            lines.all.toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"relative", "@", "/", "vsock:2:1"})
    void whatIsNoAddressIsToldAndIgnored(String name) {
        ServiceManager manager = of(name);
        assertEquals(1, lines.all.size());
        assertTrue(lines.all.getFirst().startsWith("warn NOTIFY_SOCKET=\"" + name + "\" is ignored: "),
            lines.all.toString());
        manager.ready();
        assertEquals(1, lines.all.size());
    }

    @Test
    void withoutTheVariableNobodyIsTold() {
        ServiceManager.of(Map.of(), null, lines).ready();
        assertEquals(0, lines.all.size());
    }
}
