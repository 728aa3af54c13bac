// SPDX-License-Identifier: Apache-2.0
package io.margay.posix;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Options of sockets, addresses, directions, and what the kernel refuses. */
@Timeout(60)
class SocketRefusalsTest {
    private static final int[] NONE = {};

    @TempDir
    private Path directory;
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment buffer = arena.allocate(131_072);
    private int[] before;

    @BeforeEach
    void count() {
        before = Descriptors.open();
    }

    @AfterEach
    void noDescriptorIsLeft() {
        arena.close();
        assertArrayEquals(before, Descriptors.open());
    }

    private int send(Fd to, String text, int... fds) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        MemorySegment.copy(bytes, 0, buffer, ValueLayout.JAVA_BYTE, 65_536, bytes.length);
        return Sockets.send(to.number(), buffer, 65_536, bytes.length, fds);
    }

    /** Options that can be set, and what is read afterwards; the kernel doubles the sizes of buffers. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        # family | level | option | value | read
        2        | 1     | 2      | 1     | 1
        2        | 1     | 2      | 0     | 0
        2        | 1     | 15     | 1     | 1
        2        | 1     | 7      | 20000 | 40000
        2        | 1     | 8      | 20000 | 40000
        2        | 6     | 1      | 1     | 1
        2        | 6     | 1      | 0     | 0
        2        | 6     | 9      | 0     | 0
        10       | 41    | 26     | 1     | 1
        10       | 41    | 26     | 0     | 0
        1        | 1     | 16     | 1     | 1
        1        | 1     | 7      | 20000 | 40000
        """)
    void options(int family, int level, int option, int value, int read) {
        Fd socket;
        try {
            socket = Sockets.socket(family, Sockets.SOCK_STREAM, 0);
        } catch (PosixException e) {
            assumeTrue(e.errno() != Errno.EAFNOSUPPORT, "this kernel has no such family");
            throw e;
        }
        try (socket) {
            Sockets.setOption(socket, level, option, value);
            assertEquals(read, Sockets.getOption(socket, level, option));
            assertEquals(family, Sockets.getOption(socket, Sockets.SOL_SOCKET, Sockets.SO_DOMAIN));
            assertEquals(0, Sockets.getOption(socket, Sockets.SOL_SOCKET, Sockets.SO_ERROR));
            assertEquals(0, Sockets.getOption(socket, Sockets.SOL_SOCKET, Sockets.SO_ACCEPTCONN));
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "1, 2", "1, 5", "2, 1", "2, 2"})
    void kinds(int family, int type) {
        try (Fd socket = Sockets.socket(family, type, 0);
            Fd quick = Sockets.socket(family, type | Sockets.SOCK_NONBLOCK, 0)) {
            assertEquals(type, Sockets.getOption(socket, Sockets.SOL_SOCKET, Sockets.SO_TYPE));
            assertTrue(Descriptors.closeOnExec(socket.number()));
            assertEquals(0, Descriptors.statusFlags(socket.number()) & Files.O_NONBLOCK);
            assertTrue((Descriptors.statusFlags(quick.number()) & Files.O_NONBLOCK) != 0);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        # call        | what happens
        family        | socket(999, 1) failed (97: Address family not supported by protocol)
        type          | socket(1, 9) failed (94: Socket type not supported)
        option        | setsockopt(N, 1, 9999) failed (92: Protocol not available)
        ask           | getsockopt(N, 1, 9999) failed (92: Protocol not available)
        no socket     | setsockopt(N, 1, 2) failed (88: Socket operation on non-socket)
        listen        | listen(N) failed (88: Socket operation on non-socket)
        accept        | accept4(N) failed (22: Invalid argument)
        shutdown      | shutdown(N) failed (22: Invalid argument)
        peer          | getsockopt(N, SO_PEERCRED) failed (88: Socket operation on non-socket)
        groups        | getsockopt(N, SO_PEERGROUPS) failed (88: Socket operation on non-socket)
        name          | getsockname(N) failed (88: Socket operation on non-socket)
        receive       | recvmsg(N) failed (88: Socket operation on non-socket)
        send          | sendmsg(N) failed (88: Socket operation on non-socket)
        unconnected   | sendmsg(N) failed (107: Transport endpoint is not connected)
        """)
    void refusals(String call, String message) {
        try (Fd socket = Sockets.socket(Sockets.AF_UNIX, Sockets.SOCK_STREAM, 0);
            Fd file = Files.open("/dev/null", Files.O_RDWR, 0)) {
            boolean noSocket = message.contains("(88:");
            PosixException e = assertThrows(PosixException.class, () -> {
                switch (call) {
                    case "family" -> Sockets.socket(999, 1, 0);
                    case "type" -> Sockets.socket(Sockets.AF_UNIX, 9, 0);
                    case "option" -> Sockets.setOption(socket, 1, 9_999, 1);
                    case "ask" -> Sockets.getOption(socket, 1, 9_999);
                    case "no socket" -> Sockets.setOption(file, 1, 2, 1);
                    case "listen" -> Sockets.listen(file, 1);
                    case "accept" -> Sockets.accept(socket, false);
                    case "shutdown" -> Sockets.shutdown(socket, 7);
                    case "peer" -> Sockets.peerCredential(file.number());
                    case "groups" -> Sockets.peerGroups(file.number());
                    case "name" -> Sockets.localAddress(file);
                    case "receive" -> Sockets.receive(file.number(), buffer);
                    case "send" -> Sockets.send(file.number(), buffer, 0, 1, NONE);
                    default -> Sockets.send(socket.number(), buffer, 0, 1, NONE);
                }
            });
            assertEquals(message.replace("(N", "(" + (noSocket ? file : socket).number()), e.getMessage());
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        # bound to            | again                 | error
        unix:DIR/a            | unix:DIR/a            | 98
        unix:@NAME            | unix:@NAME            | 98
        unix:DIR/a            | unix:DIR/b            | 0
        127.0.0.1:0           | SAME                  | 98
        -                     | unix:DIR/none/a       | 2
        -                     | unix:DIR/file/a       | 20
        -                     | unix:DIR/file         | 98
        -                     | 192.0.2.1:80          | 99
        """)
    void binding(String first, String second, int errno) throws java.io.IOException {
        java.nio.file.Files.writeString(directory.resolve("file"), "");
        Address one = first.equals("-") ? null : address(first);
        boolean inet = first.contains(".") || second.contains("192");
        int family = inet ? Sockets.AF_INET : Sockets.AF_UNIX;
        try (Fd a = Sockets.socket(family, Sockets.SOCK_STREAM, 0);
            Fd b = Sockets.socket(family, Sockets.SOCK_STREAM, 0)) {
            if (one != null) {
                Sockets.bind(a, one);
                Sockets.listen(a, 1);
            }
            Address two = second.equals("SAME") ? Sockets.localAddress(a) : address(second);
            if (errno == 0) {
                Sockets.bind(b, two);
                assertEquals(two, Sockets.localAddress(b));
                return;
            }
            assertEquals("bind(\"" + two.text() + "\") failed " + PosixException.describe(errno),
                assertThrows(PosixException.class, () -> Sockets.bind(b, two)).getMessage());
        }
    }

    private Address address(String text) {
        String full = text.replace("DIR", directory.toString()).replace("NAME", "margay-" + Processes.pid());
        return full.endsWith(":0") ? new Address.Ip4(0x7F000001, 0) : Address.parse(full);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        # from        | to
        closed port   | (111: Connection refused)
        no file       | (2: No such file or directory)
        not listening | (111: Connection refused)
        wrong type    | (91: Protocol wrong type for socket)
        """)
    void connecting(String to, String error) {
        try (Fd server = Sockets.socket(Sockets.AF_UNIX, Sockets.SOCK_STREAM, 0);
            Fd client = Sockets.socket(to.startsWith("closed") ? Sockets.AF_INET : Sockets.AF_UNIX,
                to.startsWith("wrong") ? Sockets.SOCK_DGRAM : Sockets.SOCK_STREAM, 0)) {
            Address path = new Address.Unix(directory + "/s");
            if (!to.equals("no file")) {
                Sockets.bind(server, path);
            }
            if (to.startsWith("wrong")) {
                Sockets.listen(server, 1);
            }
            // Port 1 of the loopback has nobody who listens.
            Address target = to.startsWith("closed") ? new Address.Ip4(0x7F000001, 1) : path;
            assertEquals("connect(\"" + target.text() + "\") failed " + error,
                assertThrows(PosixException.class, () -> Sockets.connect(client, target)).getMessage());
        }
    }

    @Test
    void connectingWithoutWaiting() {
        try (Fd server = Sockets.socket(Sockets.AF_INET, Sockets.SOCK_STREAM, 0);
            Fd client = Sockets.socket(Sockets.AF_INET, Sockets.SOCK_STREAM | Sockets.SOCK_NONBLOCK, 0)) {
            Sockets.bind(server, new Address.Ip4(0x7F000001, 0));
            Sockets.listen(server, 5);
            if (!Sockets.connect(client, Sockets.localAddress(server))) {
                assertEquals(Descriptors.POLLOUT, Descriptors.poll(client.number(), Descriptors.POLLOUT, 10_000));
            }
            assertEquals(0, Sockets.getOption(client, Sockets.SOL_SOCKET, Sockets.SO_ERROR));
            try (Fd accepted = Sockets.accept(server, false).orElseThrow()) {
                assertEquals(Sockets.localAddress(server), Sockets.localAddress(accepted));
                assertEquals(0, Descriptors.statusFlags(accepted.number()) & Files.O_NONBLOCK);
            }
        }
    }

    /** Half of a connection can end; what was sent before arrives. */
    @ParameterizedTest
    @ValueSource(ints = {Sockets.SHUT_RD, Sockets.SHUT_WR, Sockets.SHUT_RDWR})
    void directionsEnd(int direction) {
        Fd[] pair = Sockets.pair(Sockets.SOCK_STREAM | Sockets.SOCK_NONBLOCK);
        assertEquals(5, send(pair[0], "hello"));
        Sockets.shutdown(pair[0], direction);
        assertEquals(5, Sockets.receive(pair[1].number(), buffer).length());
        boolean writes = direction == Sockets.SHUT_RD;
        if (writes) {
            assertEquals(1, send(pair[0], "x"));
            assertEquals(1, Sockets.receive(pair[1].number(), buffer).length());
        } else {
            assertEquals(Errno.EPIPE, assertThrows(PosixException.class, () -> send(pair[0], "x")).errno());
            assertEquals(0, Sockets.receive(pair[1].number(), buffer).length());
        }
        boolean reads = direction == Sockets.SHUT_WR;
        if (reads) {
            assertEquals(1, send(pair[1], "y"));
            assertEquals(1, Sockets.receive(pair[0].number(), buffer).length());
        } else {
            assertEquals(Errno.EPIPE, assertThrows(PosixException.class, () -> send(pair[1], "y")).errno());
        }
        pair[0].close();
        pair[1].close();
    }
}
