// SPDX-License-Identifier: Apache-2.0
package io.margay.listen;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.http.FileSlice;
import io.margay.listen.TcpSite.Connection;
import io.margay.posix.Address;
import io.margay.posix.Fd;
import io.margay.posix.Processes;
import io.margay.testing.Await;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.DefaultFileRegion;
import io.netty.channel.FileRegion;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Real sockets; after each test as many are open as before it. */
@Timeout(60)
class TcpChannelTest {
    private static final int LARGE = 24 << 20;

    @TempDir
    private Path directory;
    private TcpSite site;
    private long before;

    @BeforeEach
    void open() throws IOException {
        // The JDK opens sockets of its own at the first use.
        try (TcpSite first = TcpSite.open(); Socket socket = first.connect()) {
            assertTrue(socket.isConnected());
        }
        before = TcpSite.sockets();
        site = TcpSite.open();
    }

    @AfterEach
    void close() {
        site.close();
        // Those of the first site may have been on their way out when they were counted.
        Await.until(() -> "open sockets: " + TcpSite.sockets() + ", before: " + before,
            () -> TcpSite.sockets() <= before);
        assertEquals(0, TcpSite.open(target -> target.startsWith(directory.toString())), "files left open");
    }

    private static void send(Socket client, String text) throws IOException {
        client.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static byte[] random(int size) {
        byte[] bytes = new byte[size];
        new Random(1).nextBytes(bytes);
        return bytes;
    }

    private static ByteBuf direct(byte[] bytes, int from, int to) {
        return Unpooled.directBuffer(to - from).writeBytes(bytes, from, to - from);
    }

    private static ByteBuf[] pieces(byte[] content, boolean whole) {
        int end = content.length;
        return whole ? new ByteBuf[] {direct(content, 0, end)} : new ByteBuf[] {Unpooled.EMPTY_BUFFER,
            direct(content, 0, 1), Unpooled.wrappedBuffer(content, 1, 70_000), Unpooled.EMPTY_BUFFER,
            Unpooled.wrappedBuffer(direct(content, 70_001, 80_000), direct(content, 80_000, 90_000)),
            direct(content, 90_000, end), Unpooled.EMPTY_BUFFER};
    }

    @ParameterizedTest
    @CsvSource({"100000, true", "100000, false", LARGE + ", true", LARGE + ", false"})
    void writesMoreThanTheSocketHolds(int size, boolean whole) throws Exception {
        byte[] content = random(size);
        try (Socket client = site.connect()) {
            Connection connection = site.next();
            ChannelFuture last = connection.channel.newSucceededFuture();
            for (ByteBuf piece : pieces(content, whole)) {
                last = connection.channel.write(piece);
            }
            connection.channel.flush();
            if (size == LARGE) {
                Await.until("the socket is full", () -> !connection.channel.isWritable());
            }
            assertArrayEquals(content, client.getInputStream().readNBytes(size));
            assertTrue(last.await(20, TimeUnit.SECONDS) && last.isSuccess());
            Await.until("it is writable again", connection.channel::isWritable);
            // What comes after a full socket goes out too.
            connection.channel.writeAndFlush(direct(content, 0, 10));
            assertArrayEquals(Arrays.copyOf(content, 10), client.getInputStream().readNBytes(10));
        }
    }

    enum Region { SLICE, OTHER }

    @ParameterizedTest
    @EnumSource
    void sendsPartsOfFilesBetweenOtherData(Region kind) throws Exception {
        byte[] content = random(9_000_000);
        Path file = Files.write(directory.resolve("file"), content);
        ByteArrayOutputStream expected = new ByteArrayOutputStream();
        try (Socket client = site.connect()) {
            Connection connection = site.next();
            for (int[] part : new int[][] {{0, content.length}, {5, 1}, {1_000_000, 3_000_001}, {0, 0}}) {
                connection.channel.write(Unpooled.copiedBuffer("head", StandardCharsets.ISO_8859_1));
                connection.channel.write(region(kind, file, part[0], part[1]));
                expected.write("head".getBytes(StandardCharsets.ISO_8859_1));
                expected.write(content, part[0], part[1]);
            }
            ChannelFuture end = connection.channel.writeAndFlush(Unpooled.EMPTY_BUFFER);
            assertArrayEquals(expected.toByteArray(), client.getInputStream().readNBytes(expected.size()));
            assertTrue(end.await(20, TimeUnit.SECONDS) && end.isSuccess());
        }
    }

    private static FileRegion region(Region kind, Path file, long from, long count) throws IOException {
        return kind == Region.OTHER ? new DefaultFileRegion(FileChannel.open(file), from, count)
            : new FileSlice(fd(file), from, count);
    }

    private static Fd fd(Path file) {
        return io.margay.posix.Files.open(file.toString(), io.margay.posix.Files.O_RDONLY, 0);
    }

    @Test
    void aFileThatHasBecomeShorterEndsTheConnection() throws Exception {
        Path file = Files.write(directory.resolve("short"), random(100_000));
        try (Socket client = site.connect()) {
            Connection connection = site.next();
            ChannelFuture sent = connection.channel.writeAndFlush(new FileSlice(fd(file), 0, 100_001));
            assertEquals(100_000, client.getInputStream().readAllBytes().length);
            assertTrue(sent.await(20, TimeUnit.SECONDS));
            assertInstanceOf(IOException.class, sent.cause());
            connection.awaitEnd();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aClientThatEndsItsSide(boolean allowed) throws Exception {
        site.prepare = channel -> channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, allowed);
        try (Socket client = site.connect()) {
            send(client, "question");
            client.shutdownOutput();
            Connection connection = site.next();
            connection.awaitText("question");
            if (allowed) {
                connection.await(ChannelInputShutdownEvent.class);
                DuplexChannel channel = (DuplexChannel) connection.channel;
                assertTrue(channel.isInputShutdown() && !channel.isOutputShutdown());
                channel.writeAndFlush(Unpooled.copiedBuffer("answer", StandardCharsets.ISO_8859_1));
                assertTrue(channel.shutdownOutput().await(20, TimeUnit.SECONDS));
                assertTrue(channel.isShutdown() && channel.isOpen());
                assertEquals("answer", new String(client.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1));
                channel.close();
            }
            connection.awaitEnd();
            assertEquals(-1, client.getInputStream().read());
        }
    }

    enum During { READING, REST, WRITING, HALF_CLOSED }

    @ParameterizedTest
    @EnumSource
    void aClientThatResets(During during) throws Exception {
        site.prepare = channel -> {
            channel.config().setAutoRead(during != During.REST);
            channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
        };
        Socket client = site.connect();
        Connection connection = site.next();
        ChannelFuture sent = connection.channel.newSucceededFuture();
        if (during == During.WRITING) {
            sent = connection.channel.writeAndFlush(direct(random(LARGE), 0, LARGE));
        } else if (during == During.HALF_CLOSED) {
            client.shutdownOutput();
            connection.await(ChannelInputShutdownEvent.class);
        }
        client.setSoLinger(true, 0);
        client.close();
        connection.awaitEnd();
        assertTrue(sent.await(20, TimeUnit.SECONDS));
        assertEquals(during != During.WRITING, sent.isSuccess());
    }

    @ParameterizedTest
    @EnumSource
    void closingFailsWhatWaits(Region kind) throws Exception {
        Path file = Files.write(directory.resolve("waiting"), new byte[LARGE]);
        try (Socket client = site.connect()) {
            Connection connection = site.next();
            ChannelFuture region = connection.channel.writeAndFlush(region(kind, file, 0, LARGE));
            ChannelFuture data = connection.channel.writeAndFlush(direct(random(100), 0, 100));
            connection.channel.close();
            connection.awaitEnd();
            for (ChannelFuture future : new ChannelFuture[] {region, data}) {
                assertTrue(future.await(20, TimeUnit.SECONDS));
                assertInstanceOf(ClosedChannelException.class, future.cause());
            }
            assertInstanceOf(ClosedChannelException.class, connection.channel
                .writeAndFlush(Unpooled.buffer(1).writeByte(1)).awaitUninterruptibly().cause());
            assertTrue(client.isConnected());
        }
    }

    @Test
    void readsOnlyWhatIsWanted() throws Exception {
        site.prepare = channel -> channel.config().setAutoRead(false);
        String text = "0123456789".repeat(4000);
        try (Socket client = site.connect()) {
            send(client, text);
            Connection connection = site.next();
            // A task of the loop that comes after the events of the data.
            send(client, text);
            for (int i = 0; i < 3; i++) {
                connection.channel.eventLoop().submit(() -> { }).get();
            }
            assertEquals("", connection.text());
            connection.channel.read();
            Await.until("one read", () -> !connection.text().isEmpty());
            site.onRead = c -> {
                // Off and on within one turn, so that no event comes for what is left.
                c.channel.config().setAutoRead(false);
                c.channel.eventLoop().execute(() -> c.channel.config().setAutoRead(true));
            };
            connection.channel.config().setAutoRead(true);
            connection.awaitText(text + text);
        }
    }

    @Test
    void whatWasSentBeforeTheEndIsReadEvenUnwanted() throws Exception {
        site.prepare = channel -> {
            channel.config().setAutoRead(false);
            channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
        };
        String text = "0123456789".repeat(9000);
        try (Socket client = site.connect()) {
            send(client, text);
            client.shutdownOutput();
            Connection connection = site.next();
            connection.await(ChannelInputShutdownEvent.class);
            connection.awaitText(text);
            connection.channel.close();
            connection.awaitEnd();
        }
    }

    @Test
    void manyAtOnceAreAllServed() throws Exception {
        site.onRead = c -> c.channel.writeAndFlush(Unpooled.copiedBuffer(c.text(), StandardCharsets.ISO_8859_1))
            .addListener(io.netty.channel.ChannelFutureListener.CLOSE);
        List<Socket> clients = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            clients.add(site.connect());
            send(clients.get(i), "client " + i);
        }
        for (int i = 0; i < 300; i++) {
            try (Socket client = clients.get(i)) {
                assertEquals("client " + i,
                    new String(client.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1));
            }
        }
        assertTrue(site.failures.isEmpty());
    }

    @Test
    void acceptingGoesOnAfterDescriptorsRanOut() throws Exception {
        site.server.config().setAutoRead(false);
        site.loop.submit(() -> { }).get();
        Processes.Limit limit = Processes.limit(Processes.RLIMIT_NOFILE);
        List<Fd> fillers = new ArrayList<>();
        try (Socket client = site.connect()) {
            send(client, "patience");
            // What is loaded later would need descriptors.
            fillers.add(fd(Path.of("/dev/null")));
            int highest = Arrays.stream(Processes.openDescriptors()).max().orElseThrow();
            try {
                Processes.limit(Processes.RLIMIT_NOFILE, new Processes.Limit(highest + 1, limit.hard()));
                assertThrows(io.margay.posix.PosixException.class, () -> {
                    while (true) {
                        fillers.add(fd(Path.of("/dev/null")));
                    }
                });
                site.server.config().setAutoRead(true);
                Throwable failure = site.failures.poll(20, TimeUnit.SECONDS);
                assertTrue(failure != null && failure.getMessage().contains("Too many open files"), "" + failure);
            } finally {
                Processes.limit(Processes.RLIMIT_NOFILE, limit);
                fillers.forEach(Fd::close);
            }
            site.loop.submit(() -> { }).get();
            assertTrue(site.connections.isEmpty());
            site.server.config().setAutoRead(true);
            site.next().awaitText("patience");
        }
    }

    @Test
    void whatNobodyRegistersIsClosed() throws Exception {
        site.register = false;
        try (Socket client = site.connect()) {
            site.next().awaitEnd();
            assertEquals(-1, client.getInputStream().read());
        }
    }

    @Test
    void theEndOfTheLoopClosesAll() throws Exception {
        try (Socket client = site.connect()) {
            Connection connection = site.next();
            site.loops.close();
            connection.awaitEnd();
            assertFalse(site.server.isOpen());
            assertEquals(-1, client.getInputStream().read());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1:0", "*:0", "[::1]:0", "[::]:0"})
    void bothEndsHaveTheirAddresses(String address) throws Exception {
        Address own = switch (address) {
            case "*:0" -> new Address.Ip4(0, 0);
            case "127.0.0.1:0" -> new Address.Ip4(0x7F000001, 0);
            case "[::1]:0" -> new Address.Ip6(0, 1, 0, 0);
            default -> new Address.Ip6(0, 0, 0, 0);
        };
        String host = own.family() == io.margay.posix.Sockets.AF_INET ? "127.0.0.1" : "::1";
        try (TcpSite other = new TcpSite(own); Socket client = new Socket(host, other.port)) {
            Connection connection = other.next();
            InetAddress expected = InetAddress.getByName(host);
            assertEquals(new InetSocketAddress(expected, client.getLocalPort()), connection.channel.remoteAddress());
            assertEquals(new InetSocketAddress(expected, other.port), connection.channel.localAddress());
        }
    }
}
