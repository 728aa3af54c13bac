// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** A server that a proxy forwards to: it answers literally what a test says, and remembers what it was sent. */
final class Origin implements AutoCloseable {

    /** Answers one request; the connection is kept when it returns and has not closed it. */
    interface Handler {
        void handle(Call call) throws IOException;
    }

    private final ServerSocketChannel listener;
    private final Handler handler;
    private final List<String> heads = new CopyOnWriteArrayList<>();
    private final AtomicInteger accepted = new AtomicInteger();
    private final Set<SocketChannel> open = ConcurrentHashMap.newKeySet();

    private Origin(StandardProtocolFamily family, SocketAddress address, Handler handler) throws IOException {
        this.handler = handler;
        listener = ServerSocketChannel.open(family);
        listener.bind(address, 1024);
        Thread.ofVirtual().start(this::accept);
    }

    /** {@return a server on a free port of this machine} */
    static Origin tcp(Handler handler) throws IOException {
        return new Origin(StandardProtocolFamily.INET, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            handler);
    }

    /** {@return a server on a Unix socket} */
    static Origin unix(Path path, Handler handler) throws IOException {
        return new Origin(StandardProtocolFamily.UNIX, UnixDomainSocketAddress.of(path), handler);
    }

    int port() throws IOException {
        return ((InetSocketAddress) listener.getLocalAddress()).getPort();
    }

    /** {@return the heads of all requests so far} */
    List<String> heads() {
        return heads;
    }

    /** {@return the number of connections made so far} */
    int accepted() {
        return accepted.get();
    }

    /** {@return the number of connections that neither side has closed} */
    int open() {
        return open.size();
    }

    private void accept() {
        try {
            while (true) {
                SocketChannel channel = listener.accept();
                open.add(channel);
                accepted.incrementAndGet();
                Thread.ofVirtual().start(() -> serve(channel));
            }
        } catch (IOException e) {
            // Closed: the test is over.
        }
    }

    private void serve(SocketChannel channel) {
        try (channel) {
            Call call = new Call(channel);
            while (channel.isOpen() && call.readHead()) {
                heads.add(call.head);
                handler.handle(call);
            }
        } catch (IOException e) {
            // The proxy has closed it, or the test has.
        } finally {
            open.remove(channel);
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (SocketChannel channel : open) {
            channel.close();
        }
    }

    /** One request and what is to be done with its connection. */
    static final class Call {
        private final SocketChannel channel;
        private final InputStream in;
        private final OutputStream out;
        private String head = "";

        Call(SocketChannel channel) {
            this.channel = channel;
            in = Channels.newInputStream(channel);
            out = Channels.newOutputStream(channel);
        }

        private boolean readHead() throws IOException {
            StringBuilder text = new StringBuilder();
            while (!text.toString().endsWith("\r\n\r\n")) {
                int letter = in.read();
                if (letter < 0) {
                    return false;
                }
                text.append((char) letter);
            }
            head = text.toString();
            return true;
        }

        /** {@return request line and fields, with the empty line} */
        String head() {
            return head;
        }

        /** {@return the target} */
        String target() {
            return head.split(" ", 3)[1];
        }

        /** {@return the value of a field, or an empty text} */
        String field(String name) {
            return head.lines().filter(line -> line.regionMatches(true, 0, name + ":", 0, name.length() + 1))
                .map(line -> line.substring(name.length() + 1).strip()).findFirst().orElse("");
        }

        /** {@return the body, by its length or its chunks} */
        byte[] body() throws IOException {
            if (field("Transfer-Encoding").equals("chunked")) {
                return chunks();
            }
            String length = field("Content-Length");
            return length.isEmpty() ? new byte[0] : read(Integer.parseInt(length));
        }

        private byte[] chunks() throws IOException {
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            for (int size = Integer.parseInt(line(), 16); size > 0; size = Integer.parseInt(line(), 16)) {
                all.writeBytes(read(size));
                line();
            }
            line();
            return all.toByteArray();
        }

        private String line() throws IOException {
            StringBuilder text = new StringBuilder();
            for (int letter = in.read(); letter != '\n'; letter = in.read()) {
                if (letter < 0) {
                    throw new EOFException();
                }
                text.append((char) letter);
            }
            return text.toString().strip();
        }

        /** {@return so many bytes of what follows} */
        byte[] read(int count) throws IOException {
            byte[] bytes = in.readNBytes(count);
            if (bytes.length < count) {
                throw new EOFException();
            }
            return bytes;
        }

        /** Waits until the proxy closes the connection. */
        void awaitEnd() throws IOException {
            while (in.read() >= 0) {
                continue;
            }
        }

        /** Sends characters of ISO 8859-1. */
        void send(String text) throws IOException {
            send(text.getBytes(StandardCharsets.ISO_8859_1));
        }

        void send(byte[] bytes) throws IOException {
            out.write(bytes);
        }

        /** Answers 200 with a text. */
        void answer(String text) throws IOException {
            send("HTTP/1.1 200 OK\r\nContent-Length: " + text.length() + "\r\n\r\n" + text);
        }

        void close() throws IOException {
            channel.close();
        }

        /** Ends the connection with a reset. */
        void reset() throws IOException {
            channel.setOption(StandardSocketOptions.SO_LINGER, 0);
            channel.close();
        }
    }
}
