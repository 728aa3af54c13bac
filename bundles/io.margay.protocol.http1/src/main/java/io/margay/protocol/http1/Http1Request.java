// SPDX-License-Identifier: Apache-2.0
package io.margay.protocol.http1;

import io.margay.http.BaseExchange;
import io.margay.http.BodyFile;
import io.margay.http.KnownField;
import io.margay.http.PeerAddress;
import io.margay.http.TextSink;
import io.margay.http.TlsInfo;
import io.margay.posix.Fd;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.AsciiString;
import java.util.Optional;

/** The request side of an exchange: views of the bytes that the connection has received. */
abstract class Http1Request extends BaseExchange {
    private static final AsciiString LOCALHOST = AsciiString.cached("localhost");
    private static final AsciiString HTTP = AsciiString.cached("http");
    private static final AsciiString HTTPS = AsciiString.cached("https");
    private static final AsciiString[] VERSIONS = new AsciiString[10];

    static {
        for (int i = 0; i < VERSIONS.length; i++) {
            VERSIONS[i] = AsciiString.cached("HTTP/1." + i);
        }
    }

    private final Http1Connection connection;
    private final RequestHead head;
    private final Optional<RequestBody> body;
    private final boolean webSocket;
    private boolean tls;
    private Optional<PeerAddress> remote = Optional.empty();

    Http1Request(Http1Connection connection, RequestReader request) {
        super(connection.shared.http(), request.binding().settings(), connection.timings);
        this.connection = connection;
        head = request.head();
        body = request.body();
        webSocket = request.webSocket();
        tls = connection.output.isSecure();
        request.taken();
        path(head.path());
    }

    private RequestHead head() {
        if (isDone()) {
            throw new IllegalStateException("the exchange is done, its head serves another request");
        }
        return head;
    }

    @Override
    public AsciiString method() {
        return head().method();
    }

    @Override
    public boolean isGet() {
        return head.isGet();
    }

    @Override
    public boolean isHead() {
        return head.isHead();
    }

    @Override
    public AsciiString scheme() {
        return isTls() ? HTTPS : HTTP;
    }

    @Override
    public AsciiString authority() {
        return head().authority();
    }

    @Override
    public AsciiString host() {
        return head().host();
    }

    @Override
    public AsciiString serverName() {
        AsciiString host = head().host();
        return host.isEmpty() ? LOCALHOST : host;
    }

    @Override
    public AsciiString target() {
        return head().target();
    }

    @Override
    public AsciiString query() {
        return head().query();
    }

    @Override
    public boolean hasQuery() {
        return head().hasQuery();
    }

    @Override
    public AsciiString version() {
        return VERSIONS[head().minorVersion()];
    }

    @Override
    public AsciiString line() {
        return head().line();
    }

    @Override
    public int fieldCount() {
        return head().size();
    }

    @Override
    public AsciiString name(int field) {
        return head().name(field);
    }

    @Override
    public AsciiString value(int field) {
        return head().value(field);
    }

    @Override
    public void writeValue(int field, TextSink out) {
        RequestHead current = head();
        int start = current.valueStart(field);
        out.put(current.array(), start, current.valueEnd(field) - start);
    }

    @Override
    public boolean hasLine() {
        return head.lineStart < head.lineEnd;
    }

    @Override
    public void writeLine(TextSink out) {
        RequestHead current = head();
        out.put(current.array(), current.lineStart, current.lineEnd - current.lineStart);
    }

    @Override
    public int find(AsciiString name, int from) {
        return head().find(name, from);
    }

    @Override
    public int find(KnownField field) {
        return head().find(field);
    }

    @Override
    public KnownField known(int field) {
        return head().known(field);
    }

    @Override
    public PeerAddress remote() {
        return remote.isPresent() ? remote.get() : connection.peers.remote();
    }

    @Override
    public void remote(PeerAddress address) {
        remote = Optional.of(address);
    }

    @Override
    public PeerAddress local() {
        return connection.peers.local();
    }

    @Override
    public boolean isTls() {
        return tls;
    }

    @Override
    public Optional<TlsInfo> handshake() {
        return connection.peers.handshake();
    }

    @Override
    public void tls(boolean encrypted) {
        tls = encrypted;
    }

    @Override
    public boolean isWebSocket() {
        return webSocket;
    }

    @Override
    public long contentLength() {
        return body.isPresent() ? body.get().total() : 0;
    }

    @Override
    public ByteBuf body() {
        return body.isPresent() && !isDone() ? body.get().memory() : Unpooled.EMPTY_BUFFER;
    }

    @Override
    public Optional<Fd> bodyFile() {
        return body.flatMap(RequestBody::file).map(BodyFile::fd);
    }
}
