// SPDX-License-Identifier: Apache-2.0
package io.margay.unitctl;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.OptionalInt;

/** A connection to a socket file or a TCP port. */
final class ChannelConnection implements ToolConnection {
    private final SocketChannel channel;
    private final Selector selector;
    private final long deadline;

    private ChannelConnection(SocketChannel channel, Selector selector, long deadline) {
        this.channel = channel;
        this.selector = selector;
        this.deadline = deadline;
    }

    static ToolConnection open(ControlAddress address, long connectBy, long deadline) throws IOException {
        SocketAddress target = target(address);
        SocketChannel channel = target instanceof UnixDomainSocketAddress
            ? SocketChannel.open(StandardProtocolFamily.UNIX) : SocketChannel.open();
        Selector selector = null;
        try {
            selector = Selector.open();
            channel.configureBlocking(false);
            ChannelConnection connection = new ChannelConnection(channel, selector, deadline);
            connection.connect(target, connectBy);
            return connection;
        } catch (IOException e) {
            if (selector != null) {
                selector.close();
            }
            channel.close();
            throw e;
        }
    }

    private static SocketAddress target(ControlAddress address) throws IOException {
        if (address instanceof ControlAddress.File file) {
            return UnixDomainSocketAddress.of(file.path());
        } else if (address instanceof ControlAddress.Tcp tcp) {
            InetSocketAddress target = new InetSocketAddress(tcp.host(), tcp.port());
            if (target.isUnresolved()) {
                throw new UnknownHostException("unknown host \"" + tcp.host() + "\"");
            }
            return target;
        }
        throw new IllegalArgumentException(address.text());
    }

    private void connect(SocketAddress target, long connectBy) throws IOException {
        if (channel.connect(target)) {
            return;
        }
        if (target instanceof UnixDomainSocketAddress) {
            // Such a connect is never under way: the kernel says "try again" when the backlog is full.
            throw new ConnectException("too many connections wait there");
        }
        await(SelectionKey.OP_CONNECT, connectBy, "does not answer");
        channel.finishConnect();
    }

    @Override
    public OptionalInt peer() {
        return OptionalInt.empty();
    }

    @Override
    public void write(byte[] bytes) throws IOException {
        ByteBuffer left = ByteBuffer.wrap(bytes);
        while (left.hasRemaining()) {
            if (channel.write(left) == 0) {
                await(SelectionKey.OP_WRITE, deadline, "takes no more bytes");
            }
        }
    }

    @Override
    public int read(byte[] buffer) throws IOException {
        ByteBuffer into = ByteBuffer.wrap(buffer);
        while (true) {
            int count = channel.read(into);
            if (count != 0) {
                return count;
            }
            await(SelectionKey.OP_READ, deadline, "has not answered yet");
        }
    }

    private void await(int operation, long until, String trouble) throws IOException {
        int millis = ToolConnection.left(until);
        channel.register(selector, operation);
        // Zero would mean for ever.
        if (millis == 0 || selector.select(millis) == 0) {
            throw new SocketTimeoutException(trouble);
        }
        selector.selectedKeys().clear();
    }

    @Override
    public void close() throws IOException {
        selector.close();
        channel.close();
    }
}
