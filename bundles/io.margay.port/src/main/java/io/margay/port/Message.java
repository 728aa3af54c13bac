// SPDX-License-Identifier: Apache-2.0
package io.margay.port;

import io.margay.posix.Fd;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * A received message. The payload is a view of the receive buffer, or of a copy when it came in sealed memory, which is
 * read when somebody asks for it: after the sender was checked. It is valid until the handler returns; whoever keeps
 * it copies it by {@link #bytes()}. Descriptors belong to the message until they are taken; closing the message closes
 * the rest. The port that delivers the message closes it.
 */
public final class Message implements AutoCloseable {

    private final Header header;
    private final int senderPid;
    private final int senderUid;
    private final int senderGid;
    private final Fd[] fds;
    /** The memory with the payload is hidden from those who take descriptors. */
    private final int hidden;
    private ByteBuffer payload;
    private boolean large;

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
        this.large = header.mmap() && fds.length > 0;
        this.hidden = large ? 1 : 0;
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

    /**
     * A new view of the payload in native byte order.
     *
     * @throws PayloadException when it should be in sealed memory and is not
     */
    public ByteBuffer payload() {
        if (large) {
            large = false;
            payload = unseal().asReadOnlyBuffer();
        }
        return payload.duplicate().order(ByteOrder.nativeOrder());
    }

    private ByteBuffer unseal() {
        ByteBuffer length = payload.duplicate().order(ByteOrder.nativeOrder());
        // Whoever catches the exception and asks again finds nothing.
        payload = ByteBuffer.allocate(0);
        if (length.remaining() != Long.BYTES) {
            throw new PayloadException(MessageType.name(type()) + ": unexpected buffer size (" + length.remaining()
                + ")");
        }
        Fd memory = fds[0];
        fds[0] = null;
        try (memory) {
            return ByteBuffer.wrap(LargePayload.content(memory, length.getLong(), MessageType.name(type()),
                LargePayload.MAX_MESSAGE));
        }
    }

    /**
     * A copy of the payload.
     *
     * @throws PayloadException when it should be in sealed memory and is not
     */
    public byte[] bytes() {
        ByteBuffer view = payload();
        byte[] bytes = new byte[view.remaining()];
        view.get(bytes);
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

    /** How many descriptors came along, taken ones included; the memory with a payload is none of them. */
    public int fdCount() {
        return fds.length - hidden;
    }

    /**
     * Hands a descriptor over to the caller, who closes it.
     *
     * @param index from 0
     * @return empty when there is none or it was taken
     */
    public Optional<Fd> take(int index) {
        if (index < 0 || index >= fdCount() || fds[index + hidden] == null) {
            return Optional.empty();
        }
        Fd fd = fds[index + hidden];
        fds[index + hidden] = null;
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
            + " from " + senderPid + ", " + payload.remaining() + " bytes, " + fdCount() + " fds";
    }
}
