// SPDX-License-Identifier: Apache-2.0
package io.margay.main.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.engine.EventLoops;
import io.margay.port.Message;
import io.margay.port.MessageType;
import io.margay.port.Peer;
import io.margay.port.SocketError;
import io.margay.port.SocketRequest;
import io.margay.posix.Address;
import io.margay.posix.Descriptors;
import io.margay.posix.Errno;
import io.margay.posix.Fd;
import io.margay.posix.Files;
import io.margay.posix.PosixException;
import io.margay.posix.Received;
import io.margay.posix.Sockets;
import io.margay.testing.Lines;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class ListenSocketsTest {

    private static final int ROUTER = 1_000_000_001;
    private static final int NEXT = 1_000_000_002;

    @TempDir
    private Path directory;
    private final Lines lines = new Lines();
    private final ListenSockets sockets = new ListenSockets(InheritedSockets.none(), lines);

    /** Calls of which one fails. */
    private record Failing(String call, int errno) implements SocketCalls {

        private void check(String now) {
            if (now.equals(call)) {
                throw new PosixException(now, errno);
            }
        }

        @Override
        public Fd socket(Address address) {
            check("socket");
            return SocketCalls.super.socket(new Address.Unix(""));
        }

        @Override
        public void reuseAddress(Fd socket) {
            check("reuse");
        }

        @Override
        public void v6Only(Fd socket) {
            check("v6only");
        }

        @Override
        public void bind(Fd socket, Address address) {
            check("bind");
        }

        @Override
        public void chmod(String path, int mode) {
            check("chmod");
        }

        @Override
        public void listen(Fd socket, int backlog) {
            check("listen");
        }

        @Override
        public void unlink(String path) {
            check("unlink");
        }
    }

    static Stream<Arguments> errors() {
        String unix = "unix:/nowhere/s";
        return Stream.of(
            Arguments.of("*:80", "socket", Errno.EAFNOSUPPORT, 0,
                "socket(\\\"*:80\\\") failed (97: Address family not supported by protocol)"),
            Arguments.of("[::1]:80", "socket", Errno.EAFNOSUPPORT, 1,
                "socket(\\\"[::1]:80\\\") failed (97: Address family not supported by protocol)"),
            Arguments.of("[::1]:80", "socket", Errno.EMFILE, 0,
                "socket(\\\"[::1]:80\\\") failed (24: Too many open files)"),
            Arguments.of("*:80", "reuse", Errno.EINVAL, 0,
                "setsockopt(\\\"*:80\\\", SO_REUSEADDR) failed (22: Invalid argument)"),
            Arguments.of("[::]:80", "v6only", Errno.EINVAL, 0,
                "setsockopt(\\\"[::]:80\\\", IPV6_V6ONLY) failed (22: Invalid argument)"),
            Arguments.of("*:80", "bind", Errno.EACCES, 2, "bind(\\\"*:80\\\") failed (13: Permission denied)"),
            Arguments.of("*:80", "bind", Errno.EADDRINUSE, 3,
                "bind(\\\"*:80\\\") failed (98: Address already in use)"),
            Arguments.of("192.0.2.1:80", "bind", Errno.EADDRNOTAVAIL, 4,
                "bind(\\\"192.0.2.1:80\\\") failed (99: Cannot assign requested address)"),
            Arguments.of("*:80", "bind", Errno.ENOENT, 0,
                "bind(\\\"*:80\\\") failed (2: No such file or directory)"),
            Arguments.of(unix, "bind", Errno.EACCES, 5, "bind(\\\"" + unix + "\\\") failed (13: Permission denied)"),
            Arguments.of(unix, "bind", Errno.ENOENT, 6,
                "bind(\\\"" + unix + "\\\") failed (2: No such file or directory)"),
            Arguments.of(unix, "bind", Errno.ENOTDIR, 6, "bind(\\\"" + unix + "\\\") failed (20: Not a directory)"),
            Arguments.of(unix, "bind", Errno.EADDRINUSE, 0,
                "bind(\\\"" + unix + "\\\") failed (98: Address already in use)"),
            Arguments.of("unix:@abstract", "bind", Errno.EADDRINUSE, 0,
                "bind(\\\"unix:@abstract\\\") failed (98: Address already in use)"),
            Arguments.of(unix, "chmod", Errno.EPERM, 0,
                "chmod(\\\"/nowhere/s\\\") failed (1: Operation not permitted)"),
            Arguments.of("*:80", "listen", Errno.EADDRINUSE, 3,
                "listen(\\\"*:80\\\") failed (98: Address already in use)"),
            Arguments.of("nonsense", "none", 0, 0, "The address \"nonsense\" is invalid."));
    }

    @ParameterizedTest(name = "{1} of {0}: {2}")
    @MethodSource("errors")
    void everyFailureHasItsCodeAndText(String address, String call, int errno, int code, String text) {
        ListenSockets failing = new ListenSockets(new Failing(call, errno), InheritedSockets.none(), lines);
        assertEquals(new ListenSockets.Refused(new SocketError(code, text)), failing.open(address, 511, false));
        assertEquals(List.of("alert " + text), lines.all);
    }

    private Fd opened(String address) {
        return assertInstanceOf(ListenSockets.Opened.class, sockets.open(address, -1, false),
            () -> lines.all.toString()).socket();
    }

    /** A port that was free a moment ago. */
    static int free() {
        try (Fd socket = Sockets.socket(Sockets.AF_INET, Sockets.SOCK_STREAM, 0)) {
            Sockets.bind(socket, new Address.Ip4(0, 0));
            return Sockets.localAddress(socket).port();
        }
    }

    @Test
    void theSameRefusalIsLoggedOnce() {
        int port = free();
        String address = "127.0.0.1:" + port;
        for (int round = 0; round < 2; round++) {
            try (Fd listener = opened(address)) {
                assertTrue(listener.isOpen());
                for (int i = 0; i < 3; i++) {
                    assertInstanceOf(ListenSockets.Refused.class, sockets.open("*:" + port, -1, false));
                }
            }
            assertEquals(1, lines.all.size());
            opened("*:" + port).close();
            lines.all.clear();
        }
    }

    @Test
    void aListenerThatLeavesSharesItsPort() {
        int port = free();
        for (String[] swap : new String[][] {{"*:", "127.0.0.1:"}, {"127.0.0.1:", "*:"}}) {
            try (Fd old = opened(swap[0] + port)) {
                assertInstanceOf(ListenSockets.Refused.class, sockets.open(swap[1] + port, -1, true));
                Sockets.setOption(old, Sockets.SOL_SOCKET, Sockets.SO_REUSEPORT, 1);
                assertInstanceOf(ListenSockets.Opened.class, sockets.open(swap[1] + port, -1, true)).socket().close();
            }
        }
    }

    @Test
    void tcpListensWithoutBlocking() {
        try (Fd listener = opened("127.0.0.1:" + free())) {
            Address address = Sockets.localAddress(listener);
            assertEquals(1, Sockets.getOption(listener, Sockets.SOL_SOCKET, Sockets.SO_REUSEADDR));
            assertTrue(Sockets.accept(listener, true).isEmpty());
            ListenSockets.Result second = sockets.open(address.text(), -1, false);
            assertEquals(SocketError.INUSE, assertInstanceOf(ListenSockets.Refused.class, second).error().code());
        }
    }

    @Test
    void ip6IsForIp6Only() {
        try (Fd six = opened("[::1]:" + free())) {
            assertEquals(1, Sockets.getOption(six, Sockets.IPPROTO_IPV6, Sockets.IPV6_V6ONLY));
        }
    }

    @Test
    void unixFilesAreOpenToAllAndRemoved() {
        String path = directory.resolve("a.sock").toString();
        Fd listener = opened("unix:" + path);
        assertEquals(0666, Files.status(path).orElseThrow().permissions());
        ListenSockets.Refused busy = assertInstanceOf(ListenSockets.Refused.class,
            sockets.open("unix:" + path, -1, false));
        assertEquals(SocketError.SYSTEM, busy.error().code());
        assertTrue(Files.status(path).isPresent(), "a living listener's file stays");
        listener.close();
        sockets.closed("unix:" + path, ROUTER);
        assertTrue(Files.status(path).isEmpty());
    }

    /** What a router gets that asks for an address; the caller closes it. */
    private Fd asked(String address, int router) {
        Fd[] pair = Sockets.seqpacketPair();
        EventLoops loops = EventLoops.create("test", 1, failure -> lines.alert("loop " + failure));
        try (Fd end = pair[0]; Arena arena = Arena.ofConfined()) {
            loops.loop(0).execute(() -> {
                Peer peer = new Peer(loops.loop(0), pair[1], lines, (gone, reason) -> { });
                byte[] payload = new SocketRequest(address, -1, false).encode();
                try (Message message = Stage.message(MessageType.SOCKET, 1, router, payload)) {
                    sockets.answer(message, peer, 1);
                }
                peer.close();
            });
            assertTrue(Descriptors.poll(end.number(), Descriptors.POLLIN, Stage.SECONDS * 1000) > 0);
            Received received = Sockets.receive(end.number(), arena.allocate(4096));
            assertEquals(1, received.fds().length, lines.all::toString);
            return Fd.own(received.fds()[0]);
        } finally {
            loops.close();
        }
    }

    private static boolean connects(String path) {
        Address address = Address.parse("unix:" + path);
        try (Fd client = Sockets.socket(address.family(), Sockets.SOCK_STREAM, 0)) {
            Sockets.connect(client, address);
            return true;
        } catch (PosixException e) {
            assertTrue(e.errno() == Errno.ECONNREFUSED || e.errno() == Errno.ENOENT, e.getMessage());
            return false;
        }
    }

    /** Whether the router closes it before its end, another one serves; clients connect then, and when nobody came. */
    @ParameterizedTest
    @CsvSource({"false, false, true, false", "false, true, false, false", "true, false, false, false"})
    void clientsWaitInTheSocketOfADeadRouter(boolean closes, boolean served, boolean then, boolean later) {
        String path = directory.resolve("k.sock").toString();
        asked("unix:" + path, ROUTER).close();
        assertTrue(connects(path), "main keeps it");
        if (closes) {
            sockets.closed("unix:" + path, ROUTER);
        }
        List<Runnable> late = new ArrayList<>();
        sockets.left(ROUTER, served, (millis, task) -> late.add(task));
        assertEquals(then, connects(path));
        late.forEach(Runnable::run);
        assertEquals(later, connects(path));
        assertEquals(later, Files.status(path).isPresent());
        try (Fd again = asked("unix:" + path, NEXT)) {
            assertTrue(connects(path), "a new one: " + again);
        }
        sockets.letGo();
    }

    @Test
    void theNextRouterGetsTheSocketOfTheOneThatDied() {
        String path = directory.resolve("n.sock").toString();
        asked("unix:" + path, ROUTER).close();
        List<Runnable> late = new ArrayList<>();
        sockets.left(ROUTER, false, (millis, task) -> late.add(task));
        assertTrue(connects(path), "a client waits");
        try (Fd same = asked("unix:" + path, NEXT)) {
            assertEquals(1, Descriptors.poll(same.number(), Descriptors.POLLIN, 0), "the client that waits");
            late.forEach(Runnable::run);
            assertTrue(connects(path), "it is the next one's now");
            sockets.closed("unix:" + path, ROUTER);
            assertTrue(connects(path), "and not that of the dead one");
        }
        sockets.letGo();
        assertFalse(connects(path), "at the end nobody waits");
        assertEquals(List.of(), lines.all);
    }

    /** While the router before ends its connections, which may take minutes. */
    @Test
    void whatTheNewRouterGivesUpIsFreeAtOnce() {
        String path = directory.resolve("r.sock").toString();
        sockets.shared().begin();
        asked("unix:" + path, ROUTER).close();
        asked("unix:" + path, NEXT).close();
        sockets.shared().close();
        sockets.left(ROUTER, true, (millis, task) -> { });
        assertTrue(connects(path), "the new one has it");
        sockets.closed("unix:" + path, NEXT);
        assertFalse(connects(path), "nobody has it");
        asked("unix:" + path, NEXT).close();
        sockets.letGo();
        assertEquals(List.of(), lines.all);
    }

    @Test
    void aStaleFileIsReplaced() {
        String path = directory.resolve("b.sock").toString();
        opened("unix:" + path).close();
        try (Fd again = opened("unix:" + path)) {
            assertEquals(List.of("notice removing stale socket file \"" + path + "\""), lines.all);
            assertEquals("unix:" + path, Sockets.localAddress(again).text());
        }
        sockets.unlinkAll();
        sockets.unlinkAll();
        assertTrue(Files.status(path).isEmpty());
    }

    @Test
    void otherFilesAreNeverRemoved() throws java.io.IOException {
        Path file = java.nio.file.Files.writeString(directory.resolve("data"), "precious");
        assertInstanceOf(ListenSockets.Refused.class, sockets.open("unix:" + file, -1, false));
        sockets.closed("unix:" + file, ROUTER);
        sockets.closed("nonsense", ROUTER);
        sockets.unlinkAll();
        assertEquals("precious", java.nio.file.Files.readString(file));
        Path link = java.nio.file.Files.createSymbolicLink(directory.resolve("link"), directory.resolve("gone"));
        assertInstanceOf(ListenSockets.Refused.class, sockets.open("unix:" + link, -1, false));
        assertFalse(Files.linkStatus(link.toString()).isEmpty());
    }

    @Test
    void abstractSocketsHaveNoFile() {
        String name = "unix:@margay-test-" + ProcessHandle.current().pid();
        try (Fd listener = opened(name)) {
            assertEquals(name, Sockets.localAddress(listener).text());
        }
        assertEquals(List.of(), lines.all);
    }
}
