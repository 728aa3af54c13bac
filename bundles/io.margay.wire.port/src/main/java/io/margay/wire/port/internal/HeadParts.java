// SPDX-License-Identifier: Apache-2.0
package io.margay.wire.port.internal;

import io.margay.dispatch.Job;
import io.margay.http.FieldLines;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.util.IdentityHashMap;
import java.util.Map;

/**
 * Response heads as they come by one reply socket: three digits, lines, an empty line. Mostly one message holds all of
 * it; longer ones are put together up to the limit of the application. Those of interim responses may come before, each
 * with a message that ends with it.
 */
final class HeadParts {

    private static final int STATUS_DIGITS = 3;
    private static final int LEAST = STATUS_DIGITS + 4;
    private static final int SWITCHING = 101;
    private static final int LEAST_FINAL = 200;
    private static final int BAD_GATEWAY = 502;
    private static final int UNAVAILABLE = 503;
    private static final int END = 0x0a0d0a0d;

    private final PortWorker worker;
    private final int limit;
    private final Map<Job, ByteBuf> parts = new IdentityHashMap<>(0);
    private ByteBuf rest = Unpooled.EMPTY_BUFFER;

    HeadParts(PortWorker worker) {
        this.worker = worker;
        this.limit = worker.owner().context().app().maxHead();
    }

    /** What followed the head: the message itself, or a buffer for the caller. */
    ByteBuf rest() {
        return rest;
    }

    /** Takes a message; true when the response has begun, and {@link #rest} is the beginning of its body. */
    boolean begin(Job job, ByteBuf message, boolean last) {
        ByteBuf before = parts.isEmpty() ? null : parts.remove(job);
        if (before == null) {
            return whole(job, message, message.readerIndex(), last);
        }
        int from = Math.max(STATUS_DIGITS, before.readableBytes() - STATUS_DIGITS);
        before.writeBytes(message);
        int end = headEnd(before, from);
        if (end < 0) {
            return more(job, before, last);
        }
        try {
            if (!start(job, before, 0, end, last)) {
                return false;
            }
            rest = before.readableBytes() == 0 ? Unpooled.EMPTY_BUFFER : before.readRetainedSlice(
                before.readableBytes());
            return true;
        } finally {
            before.release();
        }
    }

    private boolean whole(Job job, ByteBuf message, int start, boolean last) {
        int end = message.readableBytes() < LEAST ? -1 : headEnd(message, start + STATUS_DIGITS);
        if (end >= 0) {
            rest = message;
            return start(job, message, start, end, last);
        }
        if (!last && message.readableBytes() > 0) {
            parts.keySet().removeIf(other -> {
                boolean done = other.isDone();
                if (done) {
                    parts.get(other).release();
                }
                return done;
            });
            int length = message.readableBytes();
            return more(job, ByteBufAllocator.DEFAULT.heapBuffer(2 * length).writeBytes(message), false);
        }
        tooSmall(job, message.readableBytes());
        return false;
    }

    private boolean more(Job job, ByteBuf head, boolean last) {
        if (head.readableBytes() > limit) {
            head.release();
            tooLarge(job);
        } else if (last) {
            tooSmall(job, head.readableBytes());
            head.release();
        } else if (head.readableBytes() >= STATUS_DIGITS && status(head, head.readerIndex()) < 0) {
            noStatus(job);
            head.release();
        } else {
            parts.put(job, head);
        }
        return false;
    }

    private boolean start(Job job, ByteBuf message, int start, int end, boolean last) {
        int status = status(message, start);
        if (status < 0) {
            noStatus(job);
            return false;
        }
        if (end - start > limit) {
            tooLarge(job);
            return false;
        }
        int fields = start + STATUS_DIGITS + 2;
        if (status < LEAST_FINAL && status > SWITCHING && !last && end == message.writerIndex()) {
            interim(job, status, message.slice(fields, Math.max(0, end - 2 - fields)));
            return false;
        }
        if (!job.head(status, message.slice(fields, Math.max(0, end - 2 - fields)))) {
            worker.cancel(job);
            return false;
        }
        message.readerIndex(end);
        return true;
    }

    private void interim(Job job, int status, ByteBuf lines) {
        try {
            job.interim(status, FieldLines.read(lines));
        } catch (IllegalArgumentException e) {
            malformed(job, "an interim response");
        }
    }

    /** Something that is none was sent as a field; the client gets an error, or half of a response. */
    void malformed(Job job, String where) {
        alert(where + " has a malformed field");
        worker.cancel(job);
        job.fail(BAD_GATEWAY);
    }

    private void tooSmall(Job job, int size) {
        alert("response buffer too small: " + size);
        refuse(job);
    }

    private void noStatus(Job job) {
        alert("it sent a response whose status is no number of three digits");
        refuse(job);
    }

    private void refuse(Job job) {
        worker.cancel(job);
        job.fail(UNAVAILABLE);
    }

    private void tooLarge(Job job) {
        alert("a response head has more than " + limit + " bytes (option \"limits.response_head\")");
        worker.cancel(job);
        job.fail(BAD_GATEWAY);
    }

    private void alert(String what) {
        worker.owner().context().log().alert("application \"" + worker.owner().context().app().title() + "\": " + what);
    }

    private static int status(ByteBuf message, int at) {
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
            if (message.getIntLE(i) == END) {
                return i + 4;
            }
        }
        return -1;
    }

    void close() {
        parts.values().forEach(ByteBuf::release);
        parts.clear();
    }
}
