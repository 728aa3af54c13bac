// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.FileRegion;
import java.util.Optional;

/**
 * What exchanges of all protocols have in common: one response, filters and their faults, declared lengths, listeners,
 * exactly one end. A protocol adds the request and how a response is put on its wire.
 */
public abstract class BaseExchange extends ProtocolSide {
    private Optional<FilterChain> filters = Optional.empty();
    private long length = -1;
    private long left;
    private boolean streaming;
    private boolean empty;
    private boolean failing;
    private boolean ended;
    private boolean ending;
    private boolean upgraded;
    /** What comes as the body of the response has been replaced by a filter. */
    private boolean lost;
    private Optional<ByteBuf> replaced = Optional.empty();

    /** Creates an exchange of a request that is complete. */
    protected BaseExchange(HttpLoop loop, HttpSettings settings, Timings timings) {
        super(loop, settings, timings);
    }

    /** Sends a file; takes it over, runs {@code sent} at its end. Read in parts here; the kernel may be let do it. */
    protected void sendFile(FileRegion file, Runnable sent) {
        new RegionReader(this, file).next();
    }

    @Override
    public final void filter(ResponseFilter filter) {
        if (filters.isEmpty()) {
            filters = Optional.of(new FilterChain(this));
        }
        filters.get().add(filter);
    }

    @Override
    public final void dropFilters() {
        if (filters.isPresent() && !isStarted() && !filters.get().forget()) {
            filters = Optional.empty();
        }
    }

    private boolean withBody() {
        return upgraded || !isHead() && StatusRules.allowsBody(status());
    }

    /** Whether the protocol can answer this request with a status; 500 is sent instead of what it cannot. */
    protected boolean tells(int code) {
        return true;
    }

    private boolean isUntold(int code) {
        if (tells(code)) {
            return false;
        }
        loop().log().error("the protocol of a request does not allow the status " + code + " for its answer");
        fail(500);
        return true;
    }

    private void begin(int code) {
        if (isStarted() || filters.isPresent() && filters.get().isInHead()) {
            throw new IllegalStateException("the response was started before");
        }
        status(code);
    }

    @Override
    public final void respond(Answer answer) {
        if (isDone() || isUntold(answer.status())) {
            return;
        }
        if (filters.isPresent()) {
            empty = answer.body().length == 0;
            respond(answer.status(), answer.fields(), Unpooled.wrappedBuffer(answer.body()), answer.variants());
            return;
        }
        begin(answer.status());
        started();
        keep(answer);
        send(answer, withBody());
        end(true);
    }

    @Override
    public final void respond(int code, Fields fields, byte[] body) {
        empty = body.length == 0;
        respond(code, fields, Unpooled.wrappedBuffer(body));
    }

    @Override
    public final void respond(int code, Fields fields, ByteBuf body, Variants variants) {
        try {
            if (head(code, fields, body.readableBytes(), variants)) {
                write(replaced.orElse(body).retain(), true);
            }
        } finally {
            body.release();
        }
    }

    @Override
    public final void respond(int code, Fields fields, FileRegion body, Variants variants) {
        boolean taken = false;
        try {
            if (!head(code, fields, body.count(), variants)) {
                return;
            }
            taken = true;
            if (!withBody() || replaced.isPresent()) {
                body.release();
                write(replaced.orElse(Unpooled.EMPTY_BUFFER).retain(), true);
            } else if (filters.isPresent() && filters.get().hasBody()) {
                new RegionReader(this, body).next();
            } else {
                // Further requests wait until the file is sent: each would hold a descriptor.
                sendFile(body, this::fileSent);
            }
        } finally {
            if (!taken) {
                body.release();
            }
        }
    }

    private void fileSent() {
        if (!isDone()) {
            left = 0;
            ended = true;
            sendEnd(trailers(), true);
            end(true);
        }
    }

    /** Answers an error that was found before routing; the connection ends with it. */
    public final void refuse(int code) {
        lastOfConnection();
        fail(code);
    }

    @Override
    public final void fail(int code) {
        if (isDone()) {
            return;
        }
        if (isStarted() || failing) {
            abort();
            return;
        }
        failing = true;
        respond(loop().pages().of(code));
    }

    /** Answers with an error where a filter has failed or refused; cuts what has begun. */
    final void filterFailed(int code) {
        if (isDone()) {
            return;
        }
        if (isStarted()) {
            abort();
            return;
        }
        filters.get().drop();
        filters = Optional.empty();
        failing = true;
        respond(loop().pages().of(code));
    }

    @Override
    public final boolean start(int code, Fields fields, long size) {
        return streams(head(code, fields, size, Variants.NONE));
    }

    private boolean head(int code, Fields fields, long size, Variants variants) {
        if (isDone() || isUntold(code)) {
            return false;
        }
        begin(code);
        ResponseHead head = loop().takeHead();
        try {
            head.clear(code);
            head.add(fields);
            head.contentLength(size);
            head.variants(variants);
            head.errorPage(failing);
            return filtered(head);
        } finally {
            loop().give(head);
        }
    }

    @Override
    public final boolean start(int code, ByteBuf lines) {
        if (isDone()) {
            return false;
        }
        if (code < 200 || code > 999) {
            begin(code);
            loop().log().error("application sent the status " + code);
            fail(503);
            return false;
        }
        return !isUntold(code) && streams(application(code, lines));
    }

    /** The body comes in parts; another one that stands for it is sent at once. */
    private boolean streams(boolean begun) {
        streaming = begun;
        if (begun && lost) {
            pass(replaced.orElseThrow().retain(), false);
            flush();
        }
        return begun;
    }

    @Override
    public final boolean upgrade(ByteBuf lines, FrameListener listener) {
        if (!isWebSocket()) {
            throw new IllegalStateException("the request is none for a WebSocket");
        }
        if (isDone() || !application(StatusRules.SWITCHING, lines)) {
            return false;
        }
        upgraded = true;
        streaming = true;
        switchProtocol(listener);
        return true;
    }

    private boolean application(int code, ByteBuf lines) {
        begin(code);
        if (lines.readableBytes() > settings().maxResponseHeadSize()) {
            loop().log().error("application sent a response head of " + lines.readableBytes() + " bytes, more than "
                + "\"max_response_header_size\"");
            fail(502);
            return false;
        }
        ResponseHead head = loop().takeHead();
        try {
            head.clear(code);
            if (!head.read(lines)) {
                fail(503);
                return false;
            }
            if (head.hasBadLength()) {
                loop().log().warn("application sent an invalid or repeated Content-Length; it was removed");
                lastOfConnection();
            }
            if (code == StatusRules.SWITCHING) {
                agree(head);
            }
            return filtered(head);
        } finally {
            loop().give(head);
        }
    }

    /** Lets the filters change the head and sends it; false if the exchange was answered otherwise. */
    private boolean filtered(ResponseHead head) {
        if (filters.isPresent()) {
            if (!filters.get().head(head)) {
                filterFailed(500);
                return false;
            }
            if (isDone()) {
                return false;
            }
            if (head.refusal() != 0) {
                filterFailed(head.refusal());
                return false;
            }
            replaced = head.body();
            lost = head.isReplaced();
            status(head.status());
        }
        // What it has told of a body that is not sent is for whoever keeps that (RFC 9110 §8.6).
        boolean kept = status() == StatusRules.NOT_MODIFIED && head.hasLengthField();
        if (!StatusRules.allowsLength(status()) && !kept) {
            head.removeContentLength();
            if (empty) {
                // Told as Unit does (spec/routing.md §5.2), though it needs not be.
                head.contentLength(0);
            }
        }
        length = head.contentLength();
        left = length;
        started();
        keep(head);
        send(head, withBody());
        return true;
    }

    @Override
    public final void write(ByteBuf data, boolean last) {
        if (isDone() || ended) {
            data.release();
            return;
        }
        if (!isStarted()) {
            data.release();
            throw new IllegalStateException("the response was not started");
        }
        if (streaming && lost) {
            data.release();
            if (last) {
                pass(Unpooled.EMPTY_BUFFER, true);
            }
            return;
        }
        pass(data, last);
        if (streaming && !last) {
            flush();
        }
    }

    private void pass(ByteBuf data, boolean last) {
        if (frames() != null) {
            frames().write(data, last);
        } else if (filters.isPresent() && filters.get().hasBody() && withBody()) {
            ended = last;
            filters.get().write(data, last);
        } else {
            output(data, last);
        }
    }

    /** Puts data on the wire that has passed all filters. */
    final void output(ByteBuf data, boolean last) {
        if (isDone()) {
            data.release();
            return;
        }
        int size = data.readableBytes();
        if (length >= 0 && size > left) {
            // What goes beyond the declared length must not be taken for the next response.
            lastOfConnection();
            size = (int) left;
            data.writerIndex(data.readerIndex() + size);
        }
        if (size == 0 || !withBody()) {
            data.release();
        } else {
            left -= size;
            sendData(data);
        }
        if (last && !isDone()) {
            ended = true;
            if (withBody()) {
                sendEnd(lost ? Fields.NONE : trailers(), left <= 0);
            }
            end(true);
        }
    }

    @Override
    public final void flush() {
        if (!isDone()) {
            sendNow();
        }
    }

    @Override
    public final void abort() {
        end(false);
    }

    /** The client has left in the middle of its request: listeners hear of a status that nobody was sent. */
    public final void left(int code) {
        if (!isStarted()) {
            status(code);
        }
        end(false);
    }

    /** Ends it: the response was handed over, was cut, or the client is gone. Later calls have no effect. */
    protected final void end(boolean complete) {
        if (isDone() || ending) {
            return;
        }
        ending = true;
        if (complete) {
            mark(Timings.Stage.LAST_BYTE);
        }
        finish(complete);
        if (filters.isPresent()) {
            filters.get().drop();
        }
        release(complete);
    }
}
