// SPDX-License-Identifier: Apache-2.0
package io.margay.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.margay.port.Header;
import io.margay.port.MessageType;
import io.margay.port.Peer;
import io.margay.port.Ports;
import io.margay.port.Rpc;
import io.margay.posix.Descriptors;
import io.margay.posix.Fd;
import io.margay.posix.Processes;
import io.margay.posix.Sockets;
import io.margay.testing.RealLoop;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
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

    /** Start data with the kinds of processes, if it is an object with members. */
    private CoreChild child(String init) {
        String kinds = ",\"kinds\":" + Kinds.json() + "}";
        boolean plain = init.endsWith("}") && init.length() > 2 && !init.contains("kinds");
        return raw(plain ? init.substring(0, init.length() - 1) + kinds : init);
    }

    private CoreChild raw(String init) {
        return new CoreChild(init, "router", Ports.standalone(), real.loop(), Rpc.OWNER_ROUTER, real.lines);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '!', quoteCharacter = '^', value = {
        "{!the start data of the router is malformed: ", "[]!the start data of the router is malformed: ",
        "{}!the start data names no kinds of processes", "{\"kinds\":[1]}!the start data names malformed kinds",
        "{\"p\":1}!the start data names no port", "{\"read\":\"5\"}!the start data names no port"})
    void wrongStartDataEndsTheStart(String init, String text) {
        String message = assertThrows(StartException.class, () -> child(init)).getMessage();
        assertTrue(message.startsWith(text), message);
    }

    /** Without other ids: those of this JVM cannot be given back. */
    @Test
    void anOpenChildIsReadyObeysMainAndEndsWithIt() throws Exception {
        Fd[] read = Sockets.seqpacketPair();
        Fd[] main = Sockets.seqpacketPair();
        Fd[] live = Sockets.seqpacketPair();
        // This process plays main: that is whose pid the kernel tells.
        CoreChild child = child("{\"pid\":" + Processes.pid() + ",\"read\":" + read[0].release() + ",\"main\":"
            + main[0].release() + ",\"live\":" + live[0].release() + "}");
        child.dispatcher().on(MessageType.QUIT, message ->
            real.event("quit " + message.senderPid()));
        real.call(() -> {
            // The flag is the thread's own.
            Processes.noNewPrivileges();
            child.open(code -> real.event("end " + code));
            return 0;
        });
        assertEquals(1, Descriptors.poll(main[1].number(), Descriptors.POLLIN, 20_000));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(64);
            assertEquals(Header.SIZE, Sockets.receive(main[1].number(), memory).length());
            Header header = Header.decode(memory.asByteBuffer());
            assertEquals("PROCESS_READY " + Processes.pid(), MessageType.name(header.type()) + " " + header.pid());
        }
        assertTrue(real.call(() -> child.table().find(Processes.pid()).orElseThrow().is("main")));
        real.call(() -> {
            Peer way = new Peer(real.loop(), read[1], real.lines, (gone, reason) -> { });
            way.send(Header.last(MessageType.QUIT, 0, 1));
            way.close();
            return 0;
        });
        assertEquals("quit " + Processes.pid(), real.await("the order"));
        live[1].close();
        assertEquals("end 1", real.await("the end with main"));
        real.call(() -> {
            child.main().close();
            return 0;
        });
        main[1].close();
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
