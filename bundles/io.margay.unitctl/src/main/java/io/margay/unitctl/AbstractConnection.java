// SPDX-License-Identifier: Apache-2.0
package io.margay.unitctl;

import io.margay.posix.Address;
import io.margay.posix.Descriptors;
import io.margay.posix.Fd;
import io.margay.posix.PosixException;
import io.margay.posix.Received;
import io.margay.posix.Sockets;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.ConnectException;
import java.net.SocketTimeoutException;

/** A connection to an abstract unix socket, which the channels of the JDK cannot reach. */
final class AbstractConnection implements Connection {
    private static final int BUFFER = 64 << 10;
    private static final int[] NO_FDS = {};

    private final Arena arena = Arena.ofConfined();
    private final MemorySegment memory = arena.allocate(BUFFER);
    private final Fd socket;
    private final long deadline;

    private AbstractConnection(Fd socket, long deadline) {
        this.socket = socket;
        this.deadline = deadline;
    }

    static Connection open(ControlAddress.Abstract name, long deadline) throws IOException {
        Address address;
        try {
            address = new Address.Unix("@" + name.name());
        } catch (IllegalArgumentException e) {
            throw new IOException("the name is too long for a socket", e);
        }
        Fd socket = null;
        try {
            socket = Sockets.socket(Sockets.AF_UNIX, Sockets.SOCK_STREAM | Sockets.SOCK_NONBLOCK, 0);
            Sockets.connect(socket, address);
            return new AbstractConnection(socket, deadline);
        } catch (PosixException e) {
            if (socket != null) {
                socket.close();
            }
            ConnectException refused = new ConnectException(PosixException.describe(e.errno()));
            refused.initCause(e);
            throw refused;
        }
    }

    @Override
    public void write(byte[] bytes) throws IOException {
        try {
            for (int at = 0; at < bytes.length;) {
                int length = Math.min(bytes.length - at, BUFFER);
                MemorySegment.copy(MemorySegment.ofArray(bytes), at, memory, 0, length);
                int sent = Sockets.send(socket.number(), memory, 0, length, NO_FDS);
                if (sent == Sockets.WOULD_BLOCK) {
                    await(Descriptors.POLLOUT, "takes no more bytes");
                } else {
                    at += sent;
                }
            }
        } catch (PosixException e) {
            throw new IOException(PosixException.describe(e.errno()), e);
        }
    }

    @Override
    public int read(byte[] buffer) throws IOException {
        try {
            while (true) {
                MemorySegment room = memory.asSlice(0, Math.min(buffer.length, BUFFER));
                Received received = Sockets.receive(socket.number(), room);
                Descriptors.close(received.fds());
                if (!received.wouldBlock()) {
                    MemorySegment.copy(memory, 0, MemorySegment.ofArray(buffer), 0, received.length());
                    return received.length() == 0 ? -1 : received.length();
                }
                await(Descriptors.POLLIN, "has not answered yet");
            }
        } catch (PosixException e) {
            throw new IOException(PosixException.describe(e.errno()), e);
        }
    }

    private void await(int events, String trouble) throws SocketTimeoutException {
        int millis = Connection.left(deadline);
        if (millis == 0 || Descriptors.poll(socket.number(), events, millis) == 0) {
            throw new SocketTimeoutException(trouble);
        }
    }

    @Override
    public void close() {
        socket.close();
        arena.close();
    }
}
