// SPDX-License-Identifier: Apache-2.0
package io.margay.protocol.http1;

import io.margay.http.HttpBinding;
import io.margay.posix.PosixException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.Optional;

/** Reads one request after the other, head and body, and holds what belongs to the current one until it ends. */
final class RequestReader {
    static final int MORE = 0;
    static final int DONE = 1;
    /** The head is complete, and the body is to come when the handler has decided what becomes of it. */
    static final int EARLY = 2;

    private final Http1Loop loop;
    private final ReadSizes sizes;
    private HttpBinding binding;
    private HeadParser parser;
    private Optional<RequestBody> body = Optional.empty();
    private boolean keepAlive;
    private boolean more;
    private boolean webSocket;
    private boolean asks;
    private boolean secure;
    private boolean expectsContinue;
    private boolean unread;
    private boolean inBody;
    private final Rate rate = new Rate();

    RequestReader(Http1Loop loop, ReadSizes sizes) {
        this.loop = loop;
        this.sizes = sizes;
    }

    /** Begins a request whose generation was entered; {@code tls} tells how it comes. */
    void begin(HttpBinding entered, boolean tls) {
        binding = entered;
        secure = tls;
        parser = loop.takeParser();
        parser.start(entered.settings());
        keepAlive = false;
        webSocket = false;
        asks = false;
        expectsContinue = false;
        unread = true;
        inBody = false;
    }

    /** Takes what belongs to the request: {@link #MORE}, {@link #DONE}, {@link #EARLY} or the status of an error. */
    int read(ByteBuf in, ByteBufAllocator alloc) {
        int status = take(in, alloc);
        more = in.isReadable();
        return status;
    }

    /** Whether there was more behind what was taken. */
    boolean hasMore() {
        return more;
    }

    private int take(ByteBuf in, ByteBufAllocator alloc) {
        try {
            if (body.isEmpty()) {
                int status = head(in, alloc);
                if (status != DONE || body.isEmpty()) {
                    return status;
                }
            }
            return body(in, body.get());
        } catch (PosixException e) {
            loop.http().log().alert("a request body could not be stored: " + e.getMessage());
            return 500;
        }
    }

    private int head(ByteBuf in, ByteBufAllocator alloc) {
        RequestHead head = parser.head();
        int status = parser.feed(in);
        if (status == HeadParser.MORE) {
            return MORE;
        }
        if (status != HeadParser.DONE) {
            head.malformed();
            return status;
        }
        HeadRules rules = loop.rules();
        status = rules.judge(head, binding, secure);
        if (status != 0) {
            return status;
        }
        keepAlive = rules.keepAlive;
        webSocket = rules.webSocket;
        asks = rules.asks && !rules.chunked && rules.contentLength <= 0;
        if (rules.chunked || rules.contentLength > 0) {
            body = Optional.of(new RequestBody(rules.chunked ? -1 : rules.contentLength, binding.settings(), alloc));
            expectsContinue = rules.expectsContinue && head.minorVersion() > 0 && !in.isReadable();
            inBody = true;
            rate.begin(loop.http().now(), 0);
            if (binding.handler().takesEarly() && (rules.chunked || in.readableBytes() < rules.contentLength)) {
                inBody = false;
                return EARLY;
            }
        }
        return DONE;
    }

    /** Takes what belongs to a body that comes after its request was handled. */
    int more(ByteBuf in) {
        int status = body(in, body.orElseThrow());
        more = in.isReadable();
        return status;
    }

    private int body(ByteBuf in, RequestBody current) {
        int status = current.feed(in);
        inBody = status == RequestBody.MORE;
        sizes.expect(inBody ? current.left() : 0);
        if (status == RequestBody.DONE && current.isChunked() && !current.isStreamed()) {
            parser.head().unchunk(current.size());
        }
        return status;
    }

    /** Nobody wants more of the body now: it cannot be slow. */
    void rest() {
        inBody = false;
    }

    /** The rate of the body counts from now on. */
    void measure() {
        inBody = true;
        rate.begin(loop.http().now(), body.orElseThrow().size());
    }

    /** Whether the body comes slower than it may. */
    boolean isSlow(long now) {
        return inBody && rate.isBelow(binding.settings().bodyMinRate(), now, body.get().size());
    }

    /** Whether the head is complete and the body is not. */
    boolean isInBody() {
        return body.isPresent();
    }

    /** An exchange was made of it. */
    void taken() {
        unread = false;
    }

    /** Forgets an incomplete head, which cannot be trusted. */
    void giveUp() {
        if (body.isEmpty()) {
            parser.head().malformed();
        }
    }

    /** Lets a client that waits for a word before it sends the body go on; true once, if it does. */
    boolean goOn(ConnectionOutput output) {
        boolean waits = expectsContinue;
        expectsContinue = false;
        if (waits) {
            HeadWriter.goOn(output);
        }
        return waits;
    }

    boolean keepAlive() {
        return keepAlive;
    }

    boolean webSocket() {
        return webSocket;
    }

    /** Whether the client asks for another protocol by a request that could be answered in it. */
    boolean asks() {
        return asks;
    }

    HttpBinding binding() {
        return binding;
    }

    RequestHead head() {
        return parser.head();
    }

    Optional<RequestBody> body() {
        return body;
    }

    /** Ends the request of a connection, if there is one, and leaves its generation. */
    void end(Http1Connection connection) {
        if (unread && parser != null) {
            Http1Exchange.unread(connection, this);
        }
        sizes.expect(0);
        inBody = false;
        if (body.isPresent()) {
            body.get().close();
            body = Optional.empty();
        }
        if (parser != null) {
            loop.giveParser(parser);
            parser = null;
            binding.cell(loop.http()).leave();
            binding = null;
        }
    }
}
