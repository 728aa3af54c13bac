// SPDX-License-Identifier: Apache-2.0
package io.margay.protocol.http2;

import io.margay.http.BaseExchange;
import io.margay.http.BodyFile;
import io.margay.http.KnownField;
import io.margay.http.PeerAddress;
import io.margay.http.TargetPath;
import io.margay.http.TextSink;
import io.margay.http.Timings;
import io.margay.http.TlsInfo;
import io.margay.posix.Fd;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.AsciiString;
import java.util.Optional;

/** The request side of an exchange: the fields of one stream. */
abstract class StreamRequest extends BaseExchange {
    private static final AsciiString LOCALHOST = AsciiString.cached("localhost");
    private static final AsciiString HTTP = AsciiString.cached("http");
    private static final AsciiString HTTPS = AsciiString.cached("https");
    private static final AsciiString GET = AsciiString.cached("GET");
    private static final AsciiString HEAD = AsciiString.cached("HEAD");
    private static final AsciiString VERSION = AsciiString.cached("HTTP/2.0");
    private static final KnownField[] NONE = {};

    private final RequestStream stream;
    private final StreamHead head;
    private final StreamRules rules;
    private final AsciiString method;
    private AsciiString query = AsciiString.EMPTY_STRING;
    private boolean hasQuery;
    private boolean tls;
    private KnownField[] kinds = NONE;
    private Optional<PeerAddress> remote = Optional.empty();

    StreamRequest(RequestStream stream, StreamHead head, StreamRules rules, Timings timings) {
        super(stream.session().loop(), stream.binding().settings(), timings);
        this.stream = stream;
        this.head = head;
        this.rules = rules;
        AsciiString received = rules.protocol.isEmpty() ? rules.method : GET;
        method = GET.equals(received) ? GET : HEAD.equals(received) ? HEAD : received;
        tls = stream.session().isSecure();
    }

    /** Finds path and query in the target; false if it is none. */
    boolean locate(TargetPath target) {
        AsciiString text = rules.path;
        int start = text.arrayOffset();
        if (!target.parse(text.array(), start, start + text.length())) {
            return false;
        }
        // The next request of the connection is parsed by the same object.
        path(new AsciiString(target.path(), target.pathStart(), target.pathEnd() - target.pathStart(),
            !target.isSimple()));
        hasQuery = target.hasQuery();
        if (target.queryEnd() > target.queryStart()) {
            query = new AsciiString(text.array(), target.queryStart(), target.queryEnd() - target.queryStart(), false);
        }
        return true;
    }

    private void check() {
        if (isDone()) {
            throw new IllegalStateException("the exchange is done");
        }
    }

    @Override
    public AsciiString method() {
        check();
        return method;
    }

    @Override
    public boolean isGet() {
        return method == GET;
    }

    @Override
    public boolean isHead() {
        return method == HEAD;
    }

    @Override
    public AsciiString scheme() {
        return isTls() ? HTTPS : HTTP;
    }

    @Override
    public AsciiString authority() {
        return rules.authority;
    }

    @Override
    public AsciiString host() {
        return rules.host;
    }

    @Override
    public AsciiString serverName() {
        return rules.host.isEmpty() ? LOCALHOST : rules.host;
    }

    @Override
    public AsciiString target() {
        check();
        return rules.path;
    }

    @Override
    public AsciiString query() {
        return query;
    }

    @Override
    public boolean hasQuery() {
        return hasQuery;
    }

    @Override
    public AsciiString version() {
        return VERSION;
    }

    @Override
    public boolean hasLine() {
        return !rules.method.isEmpty();
    }

    @Override
    public AsciiString line() {
        check();
        if (!hasLine()) {
            return AsciiString.EMPTY_STRING;
        }
        byte[] text = new byte[method.length() + rules.path.length() + VERSION.length() + 2];
        int[] end = {0};
        writeLine((a, start, length) -> {
            System.arraycopy(a, start, text, end[0], length);
            end[0] += length;
        });
        return new AsciiString(text, false);
    }

    @Override
    public void writeLine(TextSink out) {
        check();
        if (hasLine()) {
            put(method, out);
            put(AsciiString.cached(" "), out);
            put(rules.path, out);
            put(AsciiString.cached(" "), out);
            put(VERSION, out);
        }
    }

    private static void put(AsciiString text, TextSink out) {
        out.put(text.array(), text.arrayOffset(), text.length());
    }

    @Override
    public int fieldCount() {
        check();
        return head.size();
    }

    @Override
    public AsciiString name(int field) {
        check();
        return head.fieldName(field);
    }

    @Override
    public AsciiString value(int field) {
        check();
        return head.fieldValue(field);
    }

    @Override
    public int find(AsciiString name, int from) {
        check();
        for (int i = from; i < head.size(); i++) {
            if (head.fieldName(i).contentEqualsIgnoreCase(name)) {
                return i;
            }
        }
        return -1;
    }

    @Override
    public int find(KnownField field) {
        KnownField[] all = kinds();
        for (int i = all.length - 1; i >= 0; i--) {
            if (all[i] == field) {
                return i;
            }
        }
        return -1;
    }

    @Override
    public KnownField known(int field) {
        return kinds()[field];
    }

    private KnownField[] kinds() {
        check();
        if (kinds.length != head.size()) {
            kinds = new KnownField[head.size()];
            for (int i = 0; i < kinds.length; i++) {
                AsciiString name = head.fieldName(i);
                kinds[i] = KnownField.of(name.array(), name.arrayOffset(), name.arrayOffset() + name.length());
            }
        }
        return kinds;
    }

    @Override
    public PeerAddress remote() {
        return remote.isPresent() ? remote.get() : stream.session().ends().remote();
    }

    @Override
    public void remote(PeerAddress address) {
        remote = Optional.of(address);
    }

    @Override
    public PeerAddress local() {
        return stream.session().ends().local();
    }

    @Override
    public boolean isTls() {
        return tls;
    }

    @Override
    public Optional<TlsInfo> handshake() {
        return stream.session().ends().handshake();
    }

    @Override
    public void tls(boolean encrypted) {
        tls = encrypted;
    }

    @Override
    public boolean isWebSocket() {
        return !rules.protocol.isEmpty() && hasLine();
    }

    @Override
    public long contentLength() {
        return stream.body().map(StreamBody::size).orElse(0L);
    }

    @Override
    public ByteBuf body() {
        return isDone() ? Unpooled.EMPTY_BUFFER : stream.body().map(StreamBody::memory).orElse(Unpooled.EMPTY_BUFFER);
    }

    @Override
    public Optional<Fd> bodyFile() {
        return stream.body().flatMap(StreamBody::file).map(BodyFile::fd);
    }
}
