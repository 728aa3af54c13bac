// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;

/** A connection on which a test writes literal requests. One thread; every read has a deadline. */
final class Http implements AutoCloseable {
    private static final long PATIENCE_MILLIS = 30_000;
    /** Bytes of one write. */
    private static final int PART = 256 << 10;

    private final SocketChannel channel;
    private final Selector selector;
    private final ByteBuffer input = ByteBuffer.allocate(64 << 10).flip();
    private long patience = PATIENCE_MILLIS;

    private Http(SocketAddress address, StandardProtocolFamily family) throws IOException {
        channel = SocketChannel.open(family);
        selector = Selector.open();
        try {
            channel.connect(address);
            channel.configureBlocking(false);
            channel.register(selector, SelectionKey.OP_READ);
        } catch (IOException e) {
            close();
            throw e;
        }
    }

    /** {@return a connection to a port of this machine} */
    static Http tcp(int port) throws IOException {
        return new Http(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), StandardProtocolFamily.INET);
    }

    /** {@return a connection to a port of this machine by IPv6} */
    static Http tcp6(int port) throws IOException {
        return new Http(new InetSocketAddress(InetAddress.getByName("::1"), port), StandardProtocolFamily.INET6);
    }

    /** {@return a connection to a unix socket} */
    static Http unix(Path path) throws IOException {
        return new Http(UnixDomainSocketAddress.of(path), StandardProtocolFamily.UNIX);
    }

    /** {@return the answer to a GET on a connection of its own} */
    static Response get(int port, String target) throws IOException {
        try (Http http = tcp(port)) {
            return http.exchange("GET " + target + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        }
    }

    /** Writes and reads one answer. */
    Response exchange(String request) throws IOException {
        send(request);
        return response(request.startsWith("HEAD "));
    }

    /** Writes characters of ISO 8859-1, so that any byte can be given. */
    void send(String bytes) throws IOException {
        send(bytes.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Writes bytes, waiting while the server takes none. */
    void send(byte[] bytes) throws IOException {
        SelectionKey key = channel.keyFor(selector);
        int at = 0;
        while (at < bytes.length) {
            // The channel copies all that it is given, however little of it the socket takes.
            int count = channel.write(ByteBuffer.wrap(bytes, at, Math.min(PART, bytes.length - at)));
            at += count;
            if (count == 0) {
                key.interestOps(SelectionKey.OP_WRITE);
                select("the server takes no more bytes");
                key.interestOps(SelectionKey.OP_READ);
            }
        }
    }

    /** The next response, read by a thread of its own. */
    Future<Response> later() {
        FutureTask<Response> task = new FutureTask<>(() -> response(false));
        Thread.ofVirtual().start(task);
        return task;
    }

    /**
     * Reads one answer: head, then a body by length, by chunks or until the end of the connection.
     *
     * @param head whether the request was HEAD
     */
    Response response(boolean head) throws IOException {
        List<String> lines = new ArrayList<>();
        for (String line = line(); !line.isEmpty(); line = line()) {
            lines.add(line);
        }
        Response start = new Response(lines.getFirst(), List.copyOf(lines.subList(1, lines.size())), new byte[0]);
        boolean bodyless = head || start.status() < 200 || start.status() == 204 || start.status() == 304;
        if (bodyless) {
            return start;
        }
        if (start.header("Transfer-Encoding").orElse("").equalsIgnoreCase("chunked")) {
            return start.withBody(chunks());
        }
        String length = start.header("Content-Length").orElse(null);
        return start.withBody(length == null ? rest() : bytes(Integer.parseInt(length)));
    }

    /** {@return whether the server closed the connection, which is waited for; bytes that come instead are an error} */
    boolean closed() throws IOException {
        return rest().length == 0;
    }

    /** {@return all bytes until the server closes the connection} */
    byte[] rest() throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        while (fill()) {
            all.write(input.array(), input.position(), input.remaining());
            input.position(input.limit());
        }
        return all.toByteArray();
    }

    private byte[] chunks() throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int size = Integer.parseInt(line(), 16); size > 0; size = Integer.parseInt(line(), 16)) {
            all.writeBytes(bytes(size));
            line();
        }
        while (!line().isEmpty()) {
            continue;
        }
        return all.toByteArray();
    }

    private byte[] bytes(int count) throws IOException {
        byte[] bytes = new byte[count];
        int at = 0;
        while (at < count) {
            if (!fill()) {
                throw new IOException("the connection ended after " + at + " of " + count + " bytes");
            }
            int part = Math.min(input.remaining(), count - at);
            input.get(bytes, at, part);
            at += part;
        }
        return bytes;
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int b = next(); b != '\n'; b = next()) {
            if (b < 0) {
                throw new IOException("the connection ended in the line \"" + line + "\"");
            }
            line.append((char) b);
        }
        int end = line.length() - 1;
        return end >= 0 && line.charAt(end) == '\r' ? line.substring(0, end) : line.toString();
    }

    /** {@return the next byte, or -1 at the end} */
    private int next() throws IOException {
        return fill() ? input.get() & 0xff : -1;
    }

    /** {@return whether there are bytes to read, which are waited for; false at the end} */
    private boolean fill() throws IOException {
        if (input.hasRemaining()) {
            return true;
        }
        input.clear();
        int count = channel.read(input);
        while (count == 0) {
            select("the server sends nothing");
            count = channel.read(input);
        }
        input.flip();
        return count > 0;
    }

    private void select(String trouble) throws IOException {
        if (selector.select(patience) == 0) {
            throw new SocketTimeoutException(trouble);
        }
        selector.selectedKeys().clear();
    }

    /** Waits as long as that for the server, milliseconds. */
    void patience(long millis) {
        patience = millis;
    }

    /** Ends what is sent; answers still come. */
    void end() throws IOException {
        channel.shutdownOutput();
    }

    @Override
    public void close() throws IOException {
        selector.close();
        channel.close();
    }
}
