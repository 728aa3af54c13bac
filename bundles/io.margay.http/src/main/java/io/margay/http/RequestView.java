// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import io.margay.posix.Fd;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.AsciiString;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/** The request side of an exchange. */
abstract class RequestView implements Exchange {
    private static final AsciiString LOCALHOST = AsciiString.cached("localhost");

    private final HttpConnection connection;
    private final RequestHead head;
    private final HttpSettings settings;
    private final Optional<RequestBody> body;
    private final boolean webSocket;
    private final long startNanos;
    private AsciiString path;
    private AsciiString id = AsciiString.EMPTY_STRING;
    private Optional<PeerAddress> remote = Optional.empty();
    private int hops;
    private boolean done;

    RequestView(HttpConnection connection, RequestReader request, long startNanos) {
        this.connection = connection;
        this.startNanos = startNanos;
        head = request.head();
        settings = request.binding().settings();
        body = request.body();
        webSocket = request.webSocket();
        path = head.path();
    }

    void markDone() {
        done = true;
    }

    @Override
    public boolean isDone() {
        return done;
    }

    @Override
    public RequestHead head() {
        if (done) {
            throw new IllegalStateException("the exchange is done, its head serves another request");
        }
        return head;
    }

    @Override
    public AsciiString path() {
        return path;
    }

    @Override
    public void path(AsciiString changed) {
        path = changed;
    }

    @Override
    public AsciiString query() {
        RequestHead h = head();
        int start = h.queryStart();
        return start == h.queryEnd() ? AsciiString.EMPTY_STRING
            : new AsciiString(h.array(), start, h.queryEnd() - start, false);
    }

    @Override
    public AsciiString serverName() {
        AsciiString host = head().host();
        return host.isEmpty() ? LOCALHOST : host;
    }

    @Override
    public PeerAddress remote() {
        return remote.isPresent() ? remote.get() : connection.remote();
    }

    @Override
    public void remote(PeerAddress address) {
        remote = Optional.of(address);
    }

    @Override
    public PeerAddress local() {
        return connection.local();
    }

    @Override
    public boolean isTls() {
        return connection.isSecure();
    }

    @Override
    public boolean isWebSocket() {
        return webSocket;
    }

    @Override
    public long contentLength() {
        return body.isPresent() ? body.get().size() : 0;
    }

    @Override
    public ByteBuf body() {
        return body.isPresent() && !done ? body.get().memory() : Unpooled.EMPTY_BUFFER;
    }

    @Override
    public Optional<Fd> bodyFile() {
        return body.flatMap(RequestBody::file).map(BodyFile::fd);
    }

    @Override
    public long startNanos() {
        return startNanos;
    }

    @Override
    public AsciiString requestId() {
        if (id.isEmpty()) {
            ThreadLocalRandom random = ThreadLocalRandom.current();
            id = AsciiString.of(HexFormat.of().toHexDigits(random.nextLong())
                + HexFormat.of().toHexDigits(random.nextLong()));
        }
        return id;
    }

    @Override
    public HttpLoop loop() {
        return connection.loop();
    }

    @Override
    public int hop() {
        return ++hops;
    }

    @Override
    public HttpSettings settings() {
        return settings;
    }
}
