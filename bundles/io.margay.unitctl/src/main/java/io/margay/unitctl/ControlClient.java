// SPDX-License-Identifier: Apache-2.0
package io.margay.unitctl;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** Speaks the HTTP of the control socket ({@code spec/control-api.md §2}): one request per connection. Blocking. */
final class ControlClient {
    private static final int MAX_REPLY = 256 << 20;
    private static final long RETRY_NANOS = 20_000_000;

    private final String address;
    private final Duration patience;

    /**
     * A client; nothing is opened yet.
     *
     * @param address as in {@code --control} of the server
     * @param patience how long to try again while no server listens
     */
    ControlClient(String address, Duration patience) {
        this.address = address;
        this.patience = patience;
    }

    /**
     * Sends a request and reads the whole reply.
     *
     * @param path absolute, already encoded
     * @throws IOException when there is no server or no proper reply; the message names the address
     */
    Reply send(String method, String path, byte[] body) throws IOException {
        if (path.isEmpty() || path.charAt(0) != '/' || path.chars().anyMatch(c -> c <= ' ' || c >= 127)) {
            throw new IOException("\"" + path + "\" is no path: it starts with / and has other characters encoded");
        }
        try (SocketChannel channel = connect()) {
            String head = method + " " + path + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + body.length
                + "\r\n\r\n";
            write(channel, ByteBuffer.wrap(head.getBytes(StandardCharsets.US_ASCII)));
            write(channel, ByteBuffer.wrap(body));
            return Reply.parse(read(channel));
        } catch (IOException e) {
            throw new IOException(address + ": " + e.getMessage(), e);
        }
    }

    private SocketChannel connect() throws IOException {
        SocketAddress target = target(address);
        long deadline = System.nanoTime() + patience.toNanos();
        while (true) {
            SocketChannel channel = target instanceof UnixDomainSocketAddress
                ? SocketChannel.open(StandardProtocolFamily.UNIX) : SocketChannel.open();
            try {
                channel.connect(target);
                return channel;
            } catch (IOException e) {
                channel.close();
                if (System.nanoTime() - deadline >= 0) {
                    throw e;
                }
                // Nothing tells when a server begins to listen.
                LockSupport.parkNanos(RETRY_NANOS);
            }
        }
    }

    /** {@return what to connect to} */
    static SocketAddress target(String address) throws IOException {
        if (address.startsWith("unix:@")) {
            throw new IOException("abstract socket addresses cannot be reached by this tool; use a path or TCP");
        }
        if (address.startsWith("unix:")) {
            return UnixDomainSocketAddress.of(address.substring("unix:".length()));
        }
        int colon = address.lastIndexOf(':');
        if (colon <= 0) {
            throw new IOException("an address is unix:/path or host:port");
        }
        try {
            String host = address.substring(0, colon);
            int port = Integer.parseInt(address.substring(colon + 1));
            return new InetSocketAddress(host.equals("*") ? "127.0.0.1" : host, port);
        } catch (IllegalArgumentException e) {
            throw new IOException("the port must be a number from 0 to 65535", e);
        }
    }

    private static void write(SocketChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    private static byte[] read(SocketChannel channel) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        ByteBuffer part = ByteBuffer.allocate(16 << 10);
        while (channel.read(part) >= 0) {
            if (all.size() + part.position() > MAX_REPLY) {
                throw new IOException("the reply is longer than " + MAX_REPLY + " bytes");
            }
            all.write(part.array(), 0, part.position());
            part.clear();
        }
        return all.toByteArray();
    }
}
