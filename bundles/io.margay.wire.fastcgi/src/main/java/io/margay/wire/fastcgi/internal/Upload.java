// SPDX-License-Identifier: Apache-2.0
package io.margay.wire.fastcgi.internal;

import io.margay.dispatch.AppRequest;
import io.margay.http.Records;
import io.margay.posix.Errno;
import io.margay.posix.Fd;
import io.margay.posix.Files;
import io.margay.posix.PosixException;
import io.margay.posix.Sockets;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.util.Optional;

/** What is to be sent of a request: the rest of its beginning, then its body, in records as large as they may be. */
final class Upload {

    /** Nothing. */
    static final Upload NONE = new Upload();

    private static final int[] NO_FDS = {};
    /** Records before other things on the loop get their turn. */
    private static final int TURN = 8;

    private final Optional<AppRequest> request;
    private final Optional<Fd> file;
    private long left;
    private long position;
    private boolean closing;
    private boolean lost;
    private ByteBuf waiting = Unpooled.EMPTY_BUFFER;

    private Upload() {
        request = Optional.empty();
        file = Optional.empty();
    }

    /** The body of a request, and the end of its stream. */
    Upload(AppRequest of) {
        request = Optional.of(of);
        file = of.bodyFile();
        left = of.contentLength();
        closing = true;
    }

    /** Appends what there is room for, so that a small body needs no turn of its own. */
    void fill(ByteBuf out) {
        while (left > 0 && out.writableBytes() > Records.HEADER) {
            if (record(out) == 0) {
                return;
            }
        }
        if (left == 0 && closing && out.writableBytes() >= Records.HEADER) {
            Records.header(out, Records.STDIN, 0);
            closing = false;
        }
    }

    /** What of the thread's buffer could not be sent. */
    void rest(ByteBuf out) {
        if (out.isReadable()) {
            waiting = ByteBufAllocator.DEFAULT.heapBuffer(out.readableBytes()).writeBytes(out);
        }
    }

    /** Whether all is sent. */
    boolean isDone() {
        return left == 0 && !closing && !waiting.isReadable();
    }

    /** Whether all is sent, and somebody was there to read it. */
    boolean isWhole() {
        return isDone() && !lost;
    }

    /** Nobody reads the rest. */
    void lose() {
        lost = true;
        close();
    }

    /** Sends what the socket takes now; true when all is sent. */
    boolean send(int fd) {
        LinkBuffer buffer = LinkBuffer.OUT.get();
        for (int i = 0; i < TURN && !isDone(); i++) {
            ByteBuf out = buffer.bytes.clear();
            if (waiting.isReadable()) {
                out.writeBytes(waiting, waiting.readerIndex(), Math.min(waiting.readableBytes(), out.writableBytes()));
            } else {
                fill(out);
            }
            int length = out.readableBytes();
            int sent = Math.max(0, Sockets.send(fd, buffer.segment, 0, length, NO_FDS));
            if (waiting.isReadable()) {
                waiting.skipBytes(sent);
            } else {
                out.skipBytes(sent);
                waiting.release();
                waiting = Unpooled.EMPTY_BUFFER;
                rest(out);
            }
            if (sent < length) {
                return false;
            }
        }
        return isDone();
    }

    /** Writes a record of the body; gives the bytes of it. */
    private int record(ByteBuf out) {
        int length = (int) Math.min(left, Math.min(Records.MOST, out.writableBytes() - Records.HEADER));
        int header = out.writerIndex();
        Records.header(out, Records.STDIN, length);
        if (file.isPresent()) {
            LinkBuffer buffer = LinkBuffer.OUT.get();
            int read = Files.pread(file.get().number(), buffer.segment, out.writerIndex(), length, position);
            if (read <= 0) {
                throw new PosixException("the body of the request ended early: pread()", Errno.EIO);
            }
            out.setShort(header + 4, read).writerIndex(out.writerIndex() + read);
            length = read;
        } else {
            ByteBuf body = request.orElseThrow().body();
            out.writeBytes(body, body.readerIndex() + (int) position, length);
        }
        position += length;
        left -= length;
        return length;
    }

    /** Gives back what it has. */
    void close() {
        if (this != NONE) {
            left = 0;
            closing = false;
            waiting.release();
            waiting = Unpooled.EMPTY_BUFFER;
        }
    }
}
