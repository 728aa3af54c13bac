// SPDX-License-Identifier: Apache-2.0
package io.margay.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.margay.posix.Fd;
import io.margay.posix.Files;
import io.margay.posix.PosixException;
import io.margay.posix.Processes;
import io.margay.posix.Sockets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The line between main and a child that boots meanwhile. */
class PrestartedTest {
    private final int before = Processes.openDescriptors().length;
    private Fd childEnd;
    private Prestarted child;

    @BeforeEach
    void open() {
        Fd[] line = Sockets.pair(Sockets.SOCK_SEQPACKET);
        childEnd = line[1];
        Sockets.nonBlocking(childEnd, false);
        child = new Prestarted(1, line[0], Path.of("/nowhere"));
    }

    @AfterEach
    void close() {
        child.line().close();
        childEnd.close();
        assertEquals(before, Processes.openDescriptors().length);
    }

    @Test
    void dataAndDescriptorsArriveInTheirOrder() {
        Fd first = Files.sealedMemory("first", new byte[3]);
        Fd second = Files.sealedMemory("second", new byte[5]);
        try (first; second) {
            child.send("{\"a\":\"\u00e4\"}", List.of(first, second));
        }
        Prestarted.StartData data = Prestarted.receive(childEnd);
        assertEquals("{\"a\":\"\u00e4\"}", data.text());
        assertEquals(List.of(3L, 5L), data.fds().stream().map(fd -> Files.status(fd.number()).size()).toList());
        data.fds().forEach(Fd::close);
        assertFalse(child.line().isOpen());
        assertFalse(childEnd.isOpen());
    }

    @Test
    void aChildWhoseMainIsGoneEnds() {
        child.line().close();
        assertThrows(StartException.class, () -> Prestarted.receive(childEnd));
    }

    @Test
    void aChildThatIsGoneIsAFault() {
        childEnd.close();
        assertThrows(PosixException.class, () -> child.send("{}", List.of()));
        assertFalse(child.line().isOpen());
    }

    @Test
    void tooMuchDataIsAFault() {
        assertThrows(StartException.class, () -> child.send("x".repeat(200_000), List.of()));
    }
}
