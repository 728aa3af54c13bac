// SPDX-License-Identifier: Apache-2.0
package io.margay.dispatch;

import io.margay.engine.FdHandler;
import io.margay.engine.Watch;
import io.margay.posix.Fd;
import io.margay.posix.Files;
import io.margay.posix.PosixException;
import io.margay.posix.Sockets;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;

/**
 * The socket by which one context of a worker answers one loop. Everything runs on that loop. While a client is slower
 * than the application nothing is read, so the context blocks in its send.
 */
final class ReplySocket implements FdHandler {

    private static final int STATUS_DIGITS = 3;
    private static final int LEAST_HEAD = STATUS_DIGITS + 4;

    private final PoolLoop loop;
    private final WorkerLink worker;
    private final Fd fd;
    private Watch watch;
    private Outstanding slow;

    ReplySocket(PoolLoop loop, WorkerLink worker, Fd fd) {
        this.loop = loop;
        this.worker = worker;
        this.fd = fd;
    }

    WorkerLink worker() {
        return worker;
    }

    void open() {
        if (fd.isOpen()) {
            watch = loop.engine().watch(fd.number(), this, true, false);
        }
    }

    @Override
    public void ready(boolean readable, boolean writable, boolean hangup) {
        // One message: a worker mostly has sent one, and asking for a second costs a system call. Of a socket that
        // hung up everything is read, since what remains are the last words of the worker.
        int more = hangup ? Integer.MAX_VALUE : 1;
        while (more-- > 0 && fd.isOpen() && (slow == null || hangup) && receive()) {
            continue;
        }
    }

    /** Reads what a dead worker has left, and ends. */
    void drain() {
        while (fd.isOpen() && receive()) {
            continue;
        }
        close();
    }

    void close() {
        if (fd.isOpen()) {
            if (watch != null) {
                watch.cancel();
            }
            fd.close();
        }
    }

    /** Handles one message; false when there is none. */
    private boolean receive() {
        NativeBuffer in = PoolLoop.IN.get();
        int length;
        try {
            length = Files.read(fd.number(), in.segment, 0, in.segment.byteSize());
        } catch (PosixException e) {
            // ECONNRESET: the worker died with data from here unread.
            length = 0;
        }
        if (length == Sockets.WOULD_BLOCK) {
            return false;
        }
        if (length <= 0) {
            close();
            loop.replyEnded(this);
            return false;
        }
        if (length >= Wire.HEADER && length <= Wire.MAX_MESSAGE) {
            in.bytes.setIndex(Wire.HEADER, length);
            message(in.bytes);
        }
        return true;
    }

    private void message(ByteBuf message) {
        int stream = Wire.stream(message);
        Outstanding entry = loop.find(stream);
        int type = Wire.type(message);
        if (entry == null || entry.reply != null && entry.reply != this) {
            // Late output of a request that timed out, or a claim on the request of another context.
            if (type == Wire.TYPE_REQ_HEADERS_ACK) {
                answer(stream, Wire.TYPE_RPC_ERROR, PoolLoop.NO_FDS);
            }
            return;
        }
        loop.answered(entry, this);
        switch (type) {
            case Wire.TYPE_DATA -> data(entry, message, Wire.last(message));
            case Wire.TYPE_RPC_ERROR -> loop.fail(entry);
            case Wire.TYPE_REQ_HEADERS_ACK -> body(entry);
            default -> {
                // Nothing else is defined for this direction; the request waits for something that is.
            }
        }
    }

    private void data(Outstanding entry, ByteBuf message, boolean last) {
        AppRequest request = entry.request;
        if (!entry.headSent && !head(entry, message)) {
            loop.finish(entry);
            return;
        }
        int length = message.readableBytes();
        if (length == 0 && !last) {
            request.flush();
            return;
        }
        ByteBuf part = Unpooled.EMPTY_BUFFER;
        if (length > 0) {
            part = ByteBufAllocator.DEFAULT.directBuffer(length, length);
            part.writeBytes(message, length);
        }
        request.write(part, last);
        if (last) {
            loop.finish(entry);
        } else if (!request.isDone() && !request.isWritable()) {
            pause(entry);
        }
    }

    /** Takes the response head off the message; false when the request has been answered with an error instead. */
    private boolean head(Outstanding entry, ByteBuf message) {
        int start = message.readerIndex();
        int status = status(message, start);
        int end = status < 0 ? -1 : headEnd(message, start + STATUS_DIGITS);
        if (end < 0) {
            loop.alert("response buffer too small: " + message.readableBytes());
            entry.request.fail(503);
            return false;
        }
        int fields = start + STATUS_DIGITS + 2;
        ByteBuf lines = message.slice(fields, Math.max(0, end - 2 - fields));
        if (!entry.request.start(status, lines)) {
            return false;
        }
        entry.headSent = true;
        message.readerIndex(end);
        return true;
    }

    private static int status(ByteBuf message, int at) {
        if (message.writerIndex() - at < LEAST_HEAD) {
            return -1;
        }
        int status = 0;
        for (int i = at; i < at + STATUS_DIGITS; i++) {
            int digit = message.getByte(i) - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            status = 10 * status + digit;
        }
        return status;
    }

    /** Index behind the first empty line; -1 if there is none. */
    private static int headEnd(ByteBuf message, int from) {
        int end = message.writerIndex();
        for (int i = message.indexOf(from, end, (byte) '\r'); i >= 0 && i + 4 <= end;
            i = message.indexOf(i + 1, end, (byte) '\r')) {
            if (message.getIntLE(i) == 0x0a0d0a0d) {
                return i + 4;
            }
        }
        return -1;
    }

    private void body(Outstanding entry) {
        try (Fd file = loop.bodyOf(entry.request)) {
            if (!answer(entry.stream, Wire.TYPE_REQ_BODY, new int[] {file.number()})) {
                entry.request.fail(500);
                loop.finish(entry);
            }
        } catch (PosixException e) {
            loop.alert("request body: " + e.getMessage());
            answer(entry.stream, Wire.TYPE_RPC_ERROR, PoolLoop.NO_FDS);
            entry.request.fail(500);
            loop.finish(entry);
        }
    }

    private boolean answer(int stream, int type, int[] fds) {
        NativeBuffer out = PoolLoop.OUT.get();
        out.bytes.clear();
        Wire.header(out.bytes, stream, loop.pid(), loop.index(), type);
        try {
            return Sockets.send(fd.number(), out.segment, 0, Wire.HEADER, fds) == Wire.HEADER;
        } catch (PosixException e) {
            // The worker died meanwhile, which is reported and handled elsewhere.
            return true;
        }
    }

    private void pause(Outstanding entry) {
        slow = entry;
        watch.interest(false, false);
        entry.request.onWritable(() -> resume(entry));
    }

    /** Reads on if it was this request that made it stop. */
    void resume(Outstanding entry) {
        if (slow == entry) {
            slow = null;
            if (fd.isOpen()) {
                watch.interest(true, false);
            }
        }
    }
}
