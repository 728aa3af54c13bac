// SPDX-License-Identifier: Apache-2.0
package io.margay.wire.fastcgi.internal;

import io.margay.dispatch.Job;
import io.margay.http.CgiHead;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;

/** The response of one request on its way to the client. Used on the loop of the request. */
final class Reply implements Link.Reader {

    private static final int UNAVAILABLE = 503;
    private static final int BAD_GATEWAY = 502;

    private final FastCgiWorker worker;
    private final Link link;
    private final Job job;
    private final CgiHead head;
    private ByteBuf held = Unpooled.EMPTY_BUFFER;
    /** Whether something has come that the client has not been given. */
    private boolean fresh;

    Reply(FastCgiWorker worker, Link link, Job job) {
        this.worker = worker;
        this.link = link;
        this.job = job;
        this.head = new CgiHead(worker.owner().context().app().maxHead(), worker.owner()::warn);
    }

    @Override
    public void output(ByteBuf bytes) {
        if (job.isDone()) {
            return;
        }
        if (!job.isStarted() && !begin(bytes)) {
            return;
        }
        fresh = true;
        if (bytes.isReadable()) {
            int length = bytes.readableBytes();
            if (held.readableBytes() == 0) {
                held = ByteBufAllocator.DEFAULT.directBuffer(length);
            }
            held.writeBytes(bytes, bytes.readerIndex(), length);
        }
    }

    private boolean begin(ByteBuf bytes) {
        switch (head.take(bytes)) {
            case MORE -> {
                return false;
            }
            case TOO_LARGE -> {
                worker.owner().alert("a response head has more than " + worker.owner().context().app().maxHead()
                    + " bytes (option \"limits.response_head\")");
                fail(BAD_GATEWAY);
                return false;
            }
            case NO_STATUS -> {
                worker.owner().alert("it sent a response whose status is no number of three digits");
                fail(UNAVAILABLE);
                return false;
            }
            default -> {
                boolean begun = job.head(head.status(), head.fields());
                head.release();
                if (!begun) {
                    worker.unwanted(link);
                }
                return begun;
            }
        }
    }

    /** Ends the request without the response that is on its way. */
    private void fail(int status) {
        release();
        worker.unwanted(link);
        job.fail(status);
    }

    @Override
    public void errors(ByteBuf bytes) {
        worker.owner().errors(bytes);
    }

    @Override
    public boolean pause() {
        if (!fresh || job.isDone()) {
            return true;
        }
        fresh = false;
        boolean room = job.data(give(), false);
        if (!room) {
            job.onWritable(link::resume);
        }
        return room;
    }

    private ByteBuf give() {
        ByteBuf part = held;
        held = Unpooled.EMPTY_BUFFER;
        return part;
    }

    @Override
    public void ended(int protocolStatus) {
        worker.finished(link);
        if (job.isDone()) {
            release();
        } else if (protocolStatus != 0) {
            refuse("it refused the request with the status " + protocolStatus);
        } else if (!job.isStarted()) {
            refuse(head.isBegun() ? "its response has no end of the head" : "it sent no response");
        } else {
            job.data(give(), true);
        }
    }

    @Override
    public void broken(String how) {
        worker.finished(link);
        refuse(how);
    }

    /** What came is no response, or no whole one. */
    private void refuse(String how) {
        if (!job.isDone()) {
            worker.owner().alert(how);
            if (fresh) {
                job.data(give(), false);
            }
        }
        release();
        job.fail(UNAVAILABLE);
    }

    private void release() {
        head.release();
        held.release();
        held = Unpooled.EMPTY_BUFFER;
    }
}
