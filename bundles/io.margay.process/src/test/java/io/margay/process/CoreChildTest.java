// SPDX-License-Identifier: Apache-2.0
package io.margay.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.margay.port.Rpc;
import io.margay.posix.Descriptors;
import io.margay.posix.Fd;
import io.margay.posix.Processes;
import io.margay.posix.Sockets;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The start data of a core process, taken over in this one. */
@Timeout(60)
class CoreChildTest {

    private static final int MAIN = 1_000_000_000;

    private final RealLoop real = new RealLoop();

    @AfterEach
    void close() {
        real.close();
    }

    private CoreChild child(String init) {
        return new CoreChild(init, ProcessType.ROUTER, real.loop(), Rpc.OWNER_ROUTER, real.lines);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '!', quoteCharacter = '^', value = {
        "{!the start data of the router is malformed: ", "[]!the start data of the router is malformed: ",
        "{}!the start data names no port", "{\"read\":\"5\"}!the start data names no port"})
    void wrongStartDataEndsTheStart(String init, String text) {
        String message = assertThrows(StartException.class, () -> child(init)).getMessage();
        assertTrue(message.startsWith(text), message);
    }

    @Test
    void theDescriptorsAreTakenOver() throws Exception {
        Fd[] read = Sockets.seqpacketPair();
        Fd[] main = Sockets.seqpacketPair();
        Fd[] live = Sockets.seqpacketPair();
        Fd[] more = Sockets.seqpacketPair();
        Descriptors.closeOnExec(more[0].number(), false);
        int number = more[0].release();
        CoreChild child = child("{\"pid\":" + MAIN + ",\"read\":" + read[0].release() + ",\"main\":"
            + main[0].release() + ",\"live\":" + live[0].release() + ",\"listen\":" + number + ",\"name\":\"x\"}");
        assertEquals(MAIN + " " + Processes.pid(), child.mainPid() + " " + child.self());
        assertEquals("x", child.init().string("name").orElseThrow());
        assertEquals(Optional.empty(), child.fd("conf"));
        try (Fd taken = child.fd("listen").orElseThrow()) {
            assertEquals(number, taken.number());
            String info = java.nio.file.Files.readString(java.nio.file.Path.of("/proc/self/fdinfo/" + number));
            int flags = Integer.parseInt(info.replaceAll("(?s).*flags:\\s*([0-7]+).*", "$1"), 8);
            assertTrue((flags & 02000000) != 0, "close-on-exec");
        }
        assumeFalse(Processes.hasNoNewPrivileges(), "this JVM may gain privileges");
        assertEquals("failed to set no_new_privs", real.call(() ->
            assertThrows(StartException.class, () -> child.open(code -> { }))).getMessage());
        assertTrue(real.call(child.table()::size) == 0, "nothing is received yet");
        child.main().close();
        for (Fd[] pair : new Fd[][] {read, main, live, more}) {
            pair[1].close();
        }
    }
}
