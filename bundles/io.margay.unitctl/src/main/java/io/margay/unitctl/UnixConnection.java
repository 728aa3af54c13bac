// SPDX-License-Identifier: Apache-2.0
package io.margay.unitctl;

import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.OptionalInt;
import jnr.unixsocket.UnixSocketAddress;
import jnr.unixsocket.UnixSocketChannel;
import jnr.unixsocket.UnixSocketOptions;

/**
 * A connection to a unix socket by jnr-unixsocket, which knows abstract names and who the peer is. The channels of the
 * JDK know neither, but load in a fraction of the time; see the README.
 */
final class UnixConnection implements ToolConnection {
    /** With the zero byte at one end the name fills the address of the kernel. */
    private static final int MAX_NAME = 107;

    private final UnixSocketChannel channel;
    private final long deadline;

    private UnixConnection(UnixSocketChannel channel, long deadline) {
        this.channel = channel;
        this.deadline = deadline;
    }

    static ToolConnection open(ControlAddress address, long connectBy, long deadline) throws IOException {
        String name = address instanceof ControlAddress.Abstract there ? there.name()
            : ((ControlAddress.File) address).path().toString();
        if (name.getBytes(StandardCharsets.UTF_8).length > MAX_NAME) {
            throw new IOException("the name is too long for a socket");
        }
        try {
            return connect(address instanceof ControlAddress.Abstract ? "\0" + name : name, connectBy, deadline);
        } catch (LinkageError e) {
            throw new IOException("jnr-unixsocket does not work here: " + e, e);
        }
    }

    private static ToolConnection connect(String path, long connectBy, long deadline) throws IOException {
        UnixSocketChannel channel = UnixSocketChannel.create();
        try {
            // Holds for connecting as well. Zero would mean for ever.
            channel.setOption(UnixSocketOptions.SO_SNDTIMEO, Math.max(ToolConnection.left(connectBy), 1));
            if (!channel.connect(new UnixSocketAddress(path))) {
                throw new ConnectException("too many connections wait there");
            }
            return new UnixConnection(channel, deadline);
        } catch (IOException | RuntimeException | LinkageError e) {
            channel.close();
            throw e;
        }
    }

    @Override
    public OptionalInt peer() throws IOException {
        return OptionalInt.of(channel.getOption(UnixSocketOptions.SO_PEERCRED).getUid());
    }

    @Override
    public void write(byte[] bytes) throws IOException {
        ByteBuffer left = ByteBuffer.wrap(bytes);
        while (left.hasRemaining()) {
            channel.setOption(UnixSocketOptions.SO_SNDTIMEO, millis("takes no more bytes"));
            channel.write(left);
        }
    }

    @Override
    public int read(byte[] buffer) throws IOException {
        ByteBuffer into = ByteBuffer.wrap(buffer);
        while (true) {
            channel.setOption(UnixSocketOptions.SO_RCVTIMEO, millis("has not answered yet"));
            int count = channel.read(into);
            // Zero says that the time is over or that a signal came.
            if (count != 0) {
                return count;
            }
        }
    }

    private int millis(String trouble) throws SocketTimeoutException {
        int millis = ToolConnection.left(deadline);
        if (millis == 0) {
            throw new SocketTimeoutException(trouble);
        }
        return millis;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
