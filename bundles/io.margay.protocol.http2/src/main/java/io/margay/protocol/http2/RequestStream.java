// SPDX-License-Identifier: Apache-2.0
package io.margay.protocol.http2;

import io.margay.http.HttpBinding;
import io.margay.http.HttpSettings;
import io.margay.http.Timings;
import io.margay.posix.PosixException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Stream;
import java.util.Optional;

/**
 * One stream from its first frame to its end: collects the request, has it answered, keeps the timers of spec/http.md
 * §2. It holds the generation that it entered until the last byte of the response was sent.
 */
final class RequestStream {
    private static final long SECOND = 1_000_000_000L;
    private static final int BAD_REQUEST = 400;

    private final Http2Session session;
    private final Http2Stream stream;
    private final HttpBinding binding;
    private final Timings timings = new Timings();
    private final StreamHead head;
    private final StreamRules rules;
    private Optional<StreamBody> body = Optional.empty();
    /** Null while the request is not complete. */
    private StreamExchange exchange;
    private Http2Error error = Http2Error.INTERNAL_ERROR;
    private boolean ended;
    private long deadline;

    RequestStream(Http2Session session, Http2Stream stream, HttpBinding binding, StreamHead head) {
        this.session = session;
        this.stream = stream;
        this.binding = binding;
        this.head = head;
        rules = new StreamRules(head);
        timings.mark(Timings.Stage.BEGIN, session.loop().now());
    }

    Http2Session session() {
        return session;
    }

    Http2Stream stream() {
        return stream;
    }

    HttpBinding binding() {
        return binding;
    }

    HttpSettings settings() {
        return binding.settings();
    }

    Optional<StreamBody> body() {
        return body;
    }

    /** Whether the client has nothing more to send on this stream. */
    boolean isEnded() {
        return ended;
    }

    private StreamExchange make() {
        exchange = new StreamExchange(this, head, rules, timings);
        return exchange;
    }

    /** The list of fields is there; {@code last} if there is no body. */
    void begin(boolean last) throws Http2Exception {
        ended = last;
        int status = rules.judge(settings(), last);
        if (status == StreamRules.MALFORMED) {
            malformed();
            return;
        }
        StreamExchange made = make();
        if (!made.locate(session.target()) && status == 0) {
            status = BAD_REQUEST;
        }
        if (status != 0) {
            refuse(made, status);
        } else if (last || made.isWebSocket()) {
            dispatch();
        } else {
            exchange = null;
            expectBody();
        }
    }

    private void expectBody() {
        body = Optional.of(new StreamBody(settings(), session.alloc()));
        arm();
        if (rules.expectsContinue) {
            session.goOn(stream);
        }
    }

    private void notStored(PosixException e) {
        session.loop().log().alert("a request body could not be stored: " + e.getMessage());
        refuse(500);
    }

    /** The head was longer than what is decoded: only its sender can be told. */
    void tooLong() {
        ended = true;
        head.truncate(0);
        refuse(431);
    }

    /** Ends a request that breaks the protocol: who watches requests hears of it. */
    private void malformed() throws Http2Exception {
        error = Http2Error.PROTOCOL_ERROR;
        StreamExchange refused = make();
        binding.handler().refused(refused);
        refused.left(BAD_REQUEST);
        session.faulty();
    }

    /**
     * A part of the body, or frames of a WebSocket; not taken over.
     *
     * @return how much of it makes room for more of the client at once
     */
    int data(ByteBuf data, int padding, boolean last) throws Http2Exception {
        int size = data.readableBytes() + padding;
        ended |= last;
        if (exchange != null) {
            return padding + exchange.input(data, last);
        }
        arm();
        StreamBody collected = body.orElseThrow();
        long total = collected.size() + data.readableBytes();
        if (rules.contentLength >= 0 && (total > rules.contentLength || last && total != rules.contentLength)) {
            malformed();
            return size;
        }
        if (total > settings().maxBodySize()) {
            refuse(413);
            return size;
        }
        try {
            collected.append(data);
            if (last) {
                complete();
            }
        } catch (PosixException e) {
            notStored(e);
        }
        return size;
    }

    /** Fields after the body, which nobody gets (spec/http.md §7.2). */
    void trailers(StreamHead trailers) throws Http2Exception {
        ended = true;
        if (exchange != null) {
            exchange.input(Unpooled.EMPTY_BUFFER, true);
            return;
        }
        if (!StreamRules.areTrailers(trailers)
                || rules.contentLength >= 0 && body.orElseThrow().size() != rules.contentLength) {
            malformed();
            return;
        }
        try {
            complete();
        } catch (PosixException e) {
            notStored(e);
        }
    }

    private void complete() {
        StreamBody collected = body.orElseThrow();
        collected.complete();
        rules.lengthIs(collected.size());
        make().locate(session.target());
        dispatch();
    }

    private void dispatch() {
        StreamExchange current = exchange;
        timings.mark(Timings.Stage.REQUEST, session.loop().now());
        try {
            binding.handler().handle(current);
        } catch (RuntimeException | StackOverflowError e) {
            session.loop().log().alert("request handling failed: " + e);
            current.fail(500);
        }
    }

    private void refuse(int status) {
        StreamExchange made = make();
        made.locate(session.target());
        refuse(made, status);
    }

    /** Answers with an error page what nobody is to handle. */
    private void refuse(StreamExchange refused, int status) {
        binding.handler().refused(refused);
        refused.refuse(status);
    }

    /** Why the stream is reset when the response cannot be completed. */
    Http2Error error() {
        return error;
    }

    /** The exchange is done: the request cannot be read any more. */
    void answered() {
        body.ifPresent(StreamBody::close);
        body = Optional.empty();
    }

    /** The stream has ended, in whatever way. */
    void closed() {
        if (exchange == null) {
            StreamExchange left = make();
            binding.handler().refused(left);
            left.left(BAD_REQUEST);
        } else {
            exchange.lost();
        }
        answered();
        binding.cell(session.loop()).leave();
    }

    private void arm() {
        deadline = session.loop().now() + settings().bodyReadTimeout() * SECOND;
    }

    /** Looks at the timers. */
    void check(long now, boolean arriving) {
        if (exchange != null) {
            exchange.check(now);
        } else if (arriving) {
            arm();
        } else if (settings().bodyReadTimeout() > 0 && now - deadline >= 0) {
            refuse(408);
        }
    }

    /** The client has opened its window. */
    void opened() {
        if (exchange != null) {
            exchange.opened();
        }
    }

    /** The client takes more, or has taken something. */
    void writable() {
        if (exchange != null) {
            exchange.takesMore();
        }
    }
}
