// SPDX-License-Identifier: Apache-2.0
package io.margay.listen;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.engine.EventLoop;
import io.margay.engine.EventLoops;
import io.margay.engine.Generation;
import io.margay.http.Exchange;
import io.margay.http.ExchangeHandler;
import io.margay.http.Fields;
import io.margay.http.FileSlice;
import io.margay.http.HttpBinding;
import io.margay.http.HttpCounters;
import io.margay.http.HttpLoop;
import io.margay.http.HttpSettings;
import io.margay.http.Protocols;
import io.margay.log.ErrorLog;
import io.margay.posix.Address;
import io.margay.posix.Fd;
import io.margay.posix.Sockets;
import io.margay.protocol.http1.Http1Protocol;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Real sockets on the loopback interface. */
@Timeout(60)
class ListenerTest {
    private static final byte[] NOTHING = {};
    private static final String GET = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

    private final EventLoops loops = EventLoops.create("listen-test", 2);
    private final List<HttpLoop> http = new ArrayList<>();
    private final Protocols protocols = Protocols.of(List.of(new Http1Protocol()));

    @TempDir
    private Path directory;

    ListenerTest() {
        for (EventLoop loop : loops.all()) {
            http.add(new HttpLoop(loop.netty(), http.size(), "1.35.0", ErrorLog.standardError()));
        }
    }

    @AfterEach
    void end() throws Exception {
        loops.shutdown().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    private static HttpBinding binding(ExchangeHandler handler) {
        return new HttpBinding(HttpSettings.DEFAULTS.change().maxBodySize(200L << 20).build(), handler,
            new Generation(), false);
    }

    private static HttpBinding text(String text) {
        byte[] body = text.getBytes(StandardCharsets.ISO_8859_1);
        return binding(e -> e.respond(200, Fields.NONE, body));
    }

    private static Fd bound() throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            free.setReuseAddress(true);
            port = free.getLocalPort();
        }
        return bound("127.0.0.1:" + port);
    }

    private static Fd bound(String address) {
        Address parsed = Address.parse(address);
        Fd socket = Sockets.socket(parsed.family(), Sockets.SOCK_STREAM, 0);
        Sockets.setOption(socket, Sockets.SOL_SOCKET, Sockets.SO_REUSEADDR, 1);
        Sockets.bind(socket, parsed);
        return socket;
    }

    private Listener listener(Fd socket, HttpBinding binding) {
        Listener listener = Listener.open(socket, -1, binding, protocols);
        listener.serve(http);
        return listener;
    }

    private static int port(Fd socket) {
        return Sockets.localAddress(socket).port();
    }

    private static Socket connect(int port) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(20_000);
        return socket;
    }

    private static String ask(Socket socket, String request) throws IOException {
        socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
        return answer(socket.getInputStream());
    }

    /** Reads one response with a length. */
    private static String answer(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (!head.toString().endsWith("\r\n\r\n")) {
            int c = in.read();
            if (c < 0) {
                throw new IOException("end of stream after \"" + head + "\"");
            }
            head.append((char) c);
        }
        int length = Integer.parseInt(head.toString().replaceAll("(?s).*Content-Length: (\\d+).*", "$1"));
        return new String(in.readNBytes(length), StandardCharsets.ISO_8859_1);
    }

    private HttpCounters.Totals totals() {
        HttpCounters.Totals all = HttpCounters.Totals.ZERO;
        for (HttpLoop loop : http) {
            all = all.plus(loop.counters().totals());
        }
        return all;
    }

    @Test
    void servesWithoutAFailedRequestWhileTheBindingChanges() throws Exception {
        Fd socket = bound();
        int port = port(socket);
        Listener listener = listener(socket, text("0"));
        AtomicBoolean stop = new AtomicBoolean();
        try (ExecutorService clients = Executors.newFixedThreadPool(4)) {
            List<Future<Integer>> counts = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                boolean reuse = i % 2 == 0;
                counts.add(clients.submit(client(port, stop, reuse)));
            }
            for (int i = 1; i <= 300; i++) {
                listener.rebind(text(Integer.toString(i)));
                try (Socket probe = connect(port)) {
                    assertEquals(Integer.toString(i), ask(probe, GET));
                }
            }
            stop.set(true);
            int all = 0;
            for (Future<Integer> count : counts) {
                all += count.get();
            }
            assertEquals(all + 300, totals().requests());
        }
        listener.close().toCompletableFuture().get();
    }

    private static Callable<Integer> client(int port, AtomicBoolean stop, boolean reuse) {
        return () -> {
            int count = 0;
            int last = 0;
            Socket socket = connect(port);
            while (!stop.get()) {
                int now = Integer.parseInt(ask(socket, GET));
                assertTrue(now >= last, "configurations do not come back");
                last = now;
                count++;
                if (!reuse) {
                    socket.close();
                    socket = connect(port);
                }
            }
            socket.close();
            return count;
        };
    }

    @Test
    void aRemovedListenerFinishesItsRequests() throws Exception {
        List<Exchange> waiting = new ArrayList<>();
        Fd socket = bound();
        int port = port(socket);
        HttpBinding slow = binding(e -> {
            synchronized (waiting) {
                waiting.add(e);
                waiting.notifyAll();
            }
        });
        Listener listener = listener(socket, slow);
        try (Socket client = connect(port)) {
            client.getOutputStream().write(GET.getBytes(StandardCharsets.ISO_8859_1));
            synchronized (waiting) {
                while (waiting.isEmpty()) {
                    waiting.wait(10_000);
                }
            }
            listener.close().toCompletableFuture().get();
            assertThrows(ConnectException.class, () -> connect(port).close());
            Exchange e = waiting.get(0);
            e.loop().netty().execute(() -> e.respond(200, Fields.NONE, "late".getBytes(StandardCharsets.ISO_8859_1)));
            assertEquals("late", answer(client.getInputStream()));
            assertEquals("", ask(client, GET));
            assertEquals(-1, client.getInputStream().read());
        }
    }

    @Test
    void largeBodiesArriveInAFile() throws Exception {
        int size = 100 << 20;
        Fd socket = bound();
        int port = port(socket);
        Listener listener = listener(socket, binding(e -> e.respond(200, Fields.NONE,
            (e.request().contentLength() + " "
                + io.margay.posix.Files.status(e.request().bodyFile().orElseThrow().number()).size())
                .getBytes(StandardCharsets.ISO_8859_1))));
        try (Socket client = connect(port)) {
            byte[] part = new byte[1 << 20];
            client.getOutputStream().write(("POST / HTTP/1.1\r\nContent-Length: " + size + "\r\n\r\n")
                .getBytes(StandardCharsets.ISO_8859_1));
            for (int i = 0; i < size; i += part.length) {
                client.getOutputStream().write(part);
            }
            assertEquals(size + " " + size, answer(client.getInputStream()));
            assertEquals(1, totals().requests());
        }
        listener.close().toCompletableFuture().get();
    }

    @Test
    void largeResponsesWaitForTheirReader() throws Exception {
        int size = 64 << 20;
        Fd socket = bound();
        int port = port(socket);
        Listener listener = listener(socket, binding(e -> {
            e.start(200, io.netty.buffer.Unpooled.copiedBuffer("Content-Length: " + size + "\r\n",
                StandardCharsets.ISO_8859_1));
            pump(e, size);
        }));
        try (Socket client = connect(port)) {
            assertEquals(size, ask(client, GET).length());
        }
        listener.close().toCompletableFuture().get();
    }

    /** A listener of the address, and a client that has sent its request. */
    private SocketChannel asked(Fd socket, String place) throws IOException {
        SocketChannel client = place.isEmpty()
            ? SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port(socket)))
            : SocketChannel.open(UnixDomainSocketAddress.of(place));
        client.write(ByteBuffer.wrap(GET.getBytes(StandardCharsets.ISO_8859_1)));
        return client;
    }

    private String place(String kind) {
        return kind.equals("tcp") ? "" : directory.resolve("reader").toString();
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp", "unix"})
    void readersThatStopAreCutAfterTheSendTimeout(String kind) throws Exception {
        CompletableFuture<Boolean> end = new CompletableFuture<>();
        String place = place(kind);
        Fd socket = place.isEmpty() ? bound() : bound("unix:" + place);
        HttpSettings hasty = HttpSettings.DEFAULTS.change().sendTimeout(1).build();
        Listener listener = listener(socket, new HttpBinding(hasty, e -> {
            e.onDone((exchange, complete) -> end.complete(complete));
            e.start(200, io.netty.buffer.Unpooled.EMPTY_BUFFER);
            pump(e, 256 << 20);
        }, new Generation(), false));
        try (SocketChannel client = asked(socket, place)) {
            assertTrue(client.isConnected());
            assertEquals(false, end.get(20, TimeUnit.SECONDS));
        }
        listener.close().toCompletableFuture().get();
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp", "unix"})
    void readersThatReadAgainInTimeGetAll(String kind) throws Exception {
        CompletableFuture<Void> full = new CompletableFuture<>();
        CompletableFuture<Boolean> end = new CompletableFuture<>();
        int size = 16 << 20;
        String place = place(kind);
        Fd socket = place.isEmpty() ? bound() : bound("unix:" + place);
        Listener listener = listener(socket, binding(e -> {
            e.onDone((exchange, complete) -> end.complete(complete));
            e.start(200, io.netty.buffer.Unpooled.EMPTY_BUFFER);
            pump(e, size);
            full.complete(null);
        }));
        try (SocketChannel client = asked(socket, place)) {
            full.get(20, TimeUnit.SECONDS);
            assertFalse(end.isDone(), "no client is there to take it");
            InputStream in = Channels.newInputStream(client);
            assertEquals(size, in.readNBytes(size).length, "head and body are more than this");
            assertEquals(true, end.get(20, TimeUnit.SECONDS));
        }
        listener.close().toCompletableFuture().get();
    }

    @Test
    void earlyInputIsKept() throws Exception {
        Fd socket = bound();
        int port = port(socket);
        Listener listener = listener(socket, binding(e -> e.loop().netty().schedule(() -> e.respond(200, Fields.NONE,
            new byte[0]), 1, TimeUnit.MILLISECONDS)));
        try (Socket client = connect(port)) {
            client.getOutputStream().write(GET.repeat(1000).getBytes(StandardCharsets.ISO_8859_1));
            client.shutdownOutput();
            for (int i = 0; i < 1000; i++) {
                assertEquals("", answer(client.getInputStream()));
            }
            assertEquals(-1, client.getInputStream().read());
        }
        listener.close().toCompletableFuture().get();
    }

    private static void pump(Exchange e, int left) {
        int rest = left;
        while (rest > 0 && e.isWritable()) {
            int part = Math.min(rest, 65536);
            rest -= part;
            e.write(io.netty.buffer.Unpooled.directBuffer(part).writeZero(part), rest == 0);
        }
        int more = rest;
        if (more > 0) {
            e.onWritable(() -> pump(e, more));
        }
    }

    @Test
    void filesOverUnixSockets() throws Exception {
        Path path = directory.resolve("f");
        byte[] content = new byte[3_000_000];
        new java.util.Random(1).nextBytes(content);
        Path file = java.nio.file.Files.write(directory.resolve("content"), content);
        Listener listener = listener(bound("unix:" + path), binding(e -> e.respond(200, Fields.NONE,
            new FileSlice(io.margay.posix.Files.open(file.toString(), 0, 0), 1, content.length - 1))));
        try (SocketChannel client = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            client.connect(UnixDomainSocketAddress.of(path));
            client.write(ByteBuffer.wrap(GET.getBytes(StandardCharsets.ISO_8859_1)));
            assertEquals(new String(content, 1, content.length - 1, StandardCharsets.ISO_8859_1),
                answer(Channels.newInputStream(client)));
        }
        listener.close().toCompletableFuture().get();
    }

    @Test
    void unixSockets() throws Exception {
        Path path = directory.resolve("s");
        Listener listener = listener(bound("unix:" + path), binding(e -> e.respond(200, Fields.NONE,
            (e.request().remote().text() + " " + e.request().local().text()).getBytes(StandardCharsets.ISO_8859_1))));
        try (SocketChannel client = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            client.connect(UnixDomainSocketAddress.of(path));
            client.write(ByteBuffer.wrap(GET.getBytes(StandardCharsets.ISO_8859_1)));
            ByteBuffer in = ByteBuffer.allocate(4096);
            client.read(in);
            String text = new String(in.array(), 0, in.position(), StandardCharsets.ISO_8859_1);
            assertTrue(text.endsWith("\r\n\r\nunix: unix:" + path), text);
        }
        listener.close().toCompletableFuture().get();
    }
}
