// SPDX-License-Identifier: Apache-2.0
package io.margay.port;

import io.margay.posix.Fd;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * A received message. The payload is a view of the receive buffer: it is valid until the handler returns; whoever keeps
 * it copies it by {@link #bytes()}. Descriptors belong to the message until they are taken; closing the message closes
 * the rest. The port that delivers the message closes it.
 */
public final class Message implements AutoCloseable {

    private final Header header;
    private final ByteBuffer payload;
    private final int senderPid;
    private final int senderUid;
    private final int senderGid;
    private final Fd[] fds;

    /**
     * Joins the parts.
     *
     * @param header decoded header
     * @param payload the bytes behind it, position to limit; not copied
     * @param senderPid the sender's pid from the kernel
     * @param senderUid the sender's uid from the kernel
     * @param senderGid the sender's gid from the kernel
     * @param fds received descriptors, now owned by the message
     */
    public Message(Header header, ByteBuffer payload, int senderPid, int senderUid, int senderGid, int... fds) {
        this.header = header;
        this.payload = payload.asReadOnlyBuffer();
        this.senderPid = senderPid;
        this.senderUid = senderUid;
        this.senderGid = senderGid;
        this.fds = new Fd[fds.length];
        for (int i = 0; i < fds.length; i++) {
            this.fds[i] = Fd.own(fds[i]);
        }
    }

    /** The header; its pid is a claim, see {@link #senderPid()}. */
    public Header header() {
        return header;
    }

    /** The type, a number of {@link MessageType}. */
    public int type() {
        return header.type();
    }

    /** The stream, 0 for none. */
    public int stream() {
        return header.stream();
    }

    /** A new view of the payload in native byte order. */
    public ByteBuffer payload() {
        return payload.duplicate().order(ByteOrder.nativeOrder());
    }

    /** A copy of the payload. */
    public byte[] bytes() {
        byte[] bytes = new byte[payload.remaining()];
        payload.duplicate().get(bytes);
        return bytes;
    }

    /** The payload as UTF-8; malformed bytes are replaced. */
    public String text() {
        return new String(bytes(), StandardCharsets.UTF_8);
    }

    /** The sender's pid, as this process sees it. */
    public int senderPid() {
        return senderPid;
    }

    /** The sender's uid, as this process sees it. */
    public int senderUid() {
        return senderUid;
    }

    /** The sender's gid, as this process sees it. */
    public int senderGid() {
        return senderGid;
    }

    /** How many descriptors came along, taken ones included. */
    public int fdCount() {
        return fds.length;
    }

    /**
     * Hands a descriptor over to the caller, who closes it.
     *
     * @param index from 0
     * @return empty when there is none or it was taken
     */
    public Optional<Fd> take(int index) {
        if (index < 0 || index >= fds.length || fds[index] == null) {
            return Optional.empty();
        }
        Fd fd = fds[index];
        fds[index] = null;
        return Optional.of(fd);
    }

    /** Closes the descriptors that nobody took. */
    @Override
    public void close() {
        for (int i = 0; i < fds.length; i++) {
            if (fds[i] != null) {
                fds[i].close();
                fds[i] = null;
            }
        }
    }

    @Override
    public String toString() {
        return MessageType.name(header.type()) + " stream " + Integer.toUnsignedString(header.stream())
            + " from " + senderPid + ", " + payload.remaining() + " bytes, " + fds.length + " fds";
    }
}
