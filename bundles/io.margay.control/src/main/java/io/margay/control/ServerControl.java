// SPDX-License-Identifier: Apache-2.0
package io.margay.control;

import io.margay.conf.Conf;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfParser;
import io.margay.conf.ConfSyntaxException;
import io.margay.conf.ConfWriter;
import io.margay.posix.Address;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * Asks the server over its control socket, as any administrator does: what is shown and changed there obeys the same
 * rules. Each call takes a connection of its own and ends in time. Thread-safe.
 */
public final class ServerControl {
    /**
     * What the server said.
     *
     * @param status of the reply; 0 when there was none
     * @param fields of the head, names in lower case
     * @param body its bytes
     */
    public record Reply(int status, Map<String, String> fields, byte[] body) {

        /** {@return whether what was asked for has happened} */
        public boolean good() {
            return status >= 200 && status < 300;
        }

        /** {@return the body; a text that says what is wrong when it is no JSON} */
        public Conf json() {
            try {
                return ConfParser.parse(body);
            } catch (ConfSyntaxException e) {
                return problem("The server's reply is no JSON.");
            }
        }

        /** {@return the member of the head that names this state of the configuration} */
        public String tag() {
            return fields.getOrDefault("etag", "");
        }
    }

    private static final int MAX_REPLY = 32 << 20;
    /** A module may wait for requests in progress, and for processes of its applications to come and go. */
    private static final long FILE_SECONDS = 180;

    /** What a request carries. */
    private interface Content {
        long length() throws IOException;

        void send(SocketChannel channel) throws IOException;
    }

    private final Address address;
    private final ScheduledExecutorService timer;
    private final long seconds;

    /**
     * Asks nothing yet.
     *
     * @param address where the server listens
     * @param timer ends calls that take too long
     * @param seconds how long one may take
     */
    public ServerControl(Address address, ScheduledExecutorService timer, long seconds) {
        this.address = address;
        this.timer = timer;
        this.seconds = seconds;
    }

    /** {@return what stands for a reply that is none} */
    public static ConfObject problem(String text) {
        return ConfObject.builder().put("error", text).build();
    }

    /** {@return what is there} */
    public Reply get(String path) {
        return ask("GET", path, Map.of(), new byte[0]);
    }

    /** {@return what is there; an object with a member {@code error} when the server does not say} */
    public Conf json(String path) {
        return get(path).json();
    }

    /** Sends one request and waits for the reply; trouble is a reply with status 0 and the reason. */
    public Reply ask(String method, String path, Map<String, String> fields, byte[] body) {
        return ask(method, path, fields, new Content() {
            @Override
            public long length() {
                return body.length;
            }

            @Override
            public void send(SocketChannel channel) throws IOException {
                write(channel, body);
            }
        }, seconds);
    }

    /** The same with a whole file, which does not get into the heap; waits as long as a module may take. */
    public Reply ask(String method, String path, Map<String, String> fields, FileChannel file) {
        return ask(method, path, fields, new Content() {
            @Override
            public long length() throws IOException {
                return file.size();
            }

            @Override
            public void send(SocketChannel channel) throws IOException {
                long size = file.size();
                long at = 0;
                while (at < size) {
                    at += file.transferTo(at, size - at, channel);
                }
            }
        }, FILE_SECONDS);
    }

    private Reply ask(String method, String path, Map<String, String> fields, Content content, long limit) {
        try (SocketChannel channel = connect()) {
            ScheduledFuture<?> deadline = timer.schedule(() -> close(channel), limit, TimeUnit.SECONDS);
            try {
                StringBuilder head = new StringBuilder(method + " " + path + " HTTP/1.1\r\nHost: localhost\r\n"
                    + "Connection: close\r\nContent-Length: " + content.length() + "\r\n");
                fields.forEach((name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
                write(channel, head.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
                return reply(channel, content);
            } finally {
                deadline.cancel(false);
            }
        } catch (IOException e) {
            byte[] reason = ConfWriter.compact(problem("The server does not answer: " + e.getMessage()));
            return new Reply(0, Map.of(), reason);
        }
    }

    /** A server that refuses a large content at once does not read it, but says why. */
    private static Reply reply(SocketChannel channel, Content content) throws IOException {
        try {
            content.send(channel);
        } catch (IOException e) {
            if (!channel.isOpen()) {
                throw e;
            }
            try {
                return parse(read(channel));
            } catch (IOException second) {
                e.addSuppressed(second);
                throw e;
            }
        }
        return parse(read(channel));
    }

    private static void close(SocketChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            // It is of no use any more in either case.
            return;
        }
    }

    private SocketChannel connect() throws IOException {
        SocketAddress target = switch (address) {
            case Address.Unix unix when !unix.isAbstract() -> UnixDomainSocketAddress.of(unix.path());
            case Address.Unix unix -> throw new IOException("the JDK knows no abstract sockets such as "
                + unix.text() + "; give the server a --control with a path");
            default -> new InetSocketAddress(address.host().equals("0.0.0.0") ? "127.0.0.1" : address.host(),
                address.port());
        };
        SocketChannel channel = target instanceof UnixDomainSocketAddress
            ? SocketChannel.open(StandardProtocolFamily.UNIX) : SocketChannel.open();
        try {
            channel.connect(target);
            return channel;
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private static void write(SocketChannel channel, byte[] bytes) throws IOException {
        ByteBuffer left = ByteBuffer.wrap(bytes);
        while (left.hasRemaining()) {
            channel.write(left);
        }
    }

    private static byte[] read(SocketChannel channel) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        ByteBuffer buffer = ByteBuffer.allocate(1 << 14);
        while (channel.read(buffer) >= 0) {
            all.write(buffer.array(), 0, buffer.position());
            buffer.clear();
            if (all.size() > MAX_REPLY) {
                throw new IOException("the reply is larger than " + MAX_REPLY + " bytes");
            }
        }
        return all.toByteArray();
    }

    static Reply parse(byte[] bytes) throws IOException {
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        int end = text.indexOf("\r\n\r\n");
        if (end < 0 || !text.startsWith("HTTP/1.") || text.length() < 12) {
            throw new IOException("the reply has no head");
        }
        String[] lines = text.substring(0, end).split("\r\n");
        Map<String, String> fields = new HashMap<>();
        for (int i = 1; i < lines.length; i++) {
            int colon = lines[i].indexOf(':');
            if (colon > 0) {
                fields.put(lines[i].substring(0, colon).toLowerCase(Locale.ROOT),
                    lines[i].substring(colon + 1).strip());
            }
        }
        String rest = text.substring(end + 4);
        String body = Optional.ofNullable(fields.get("transfer-encoding")).orElse("").equalsIgnoreCase("chunked")
            ? unchunked(rest) : rest;
        try {
            return new Reply(Integer.parseInt(text.substring(9, 12)), Map.copyOf(fields),
                body.getBytes(StandardCharsets.ISO_8859_1));
        } catch (NumberFormatException e) {
            throw new IOException("the reply has no status", e);
        }
    }

    private static String unchunked(String rest) throws IOException {
        StringBuilder body = new StringBuilder();
        int at = 0;
        while (true) {
            int line = rest.indexOf("\r\n", at);
            String size = line < 0 ? "" : rest.substring(at, line).split(";")[0].strip();
            if (!size.matches("[0-9a-fA-F]{1,7}")) {
                throw new IOException("the reply is malformed");
            }
            int length = Integer.parseInt(size, 16);
            if (length == 0) {
                return body.toString();
            }
            if (line + 2 + length + 2 > rest.length()) {
                throw new IOException("the reply is cut off");
            }
            body.append(rest, line + 2, line + 2 + length);
            at = line + 2 + length + 2;
        }
    }
}
