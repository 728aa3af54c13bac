// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfString;
import io.margay.http.Authority;
import io.margay.http.KnownField;
import io.margay.http.PeerAddress;
import io.margay.http.Request;
import io.margay.http.TargetPath;
import io.margay.posix.Address;
import io.margay.posix.Fd;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.AsciiString;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** A request that nobody has sent, made of what somebody wants to know about. Without a body. */
final class AssumedRequest implements Request {
    private static final Pattern TOKEN = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}");
    private static final int MOST_FIELDS = 100;
    private static final AsciiString VERSION = AsciiString.cached("HTTP/1.1");

    /** One field. */
    private record Field(AsciiString name, AsciiString value) {
    }

    private final String listener;
    private boolean tls;
    private final AsciiString method;
    private final AsciiString authority;
    private final AsciiString host;
    private final AsciiString target;
    private final AsciiString query;
    private final boolean hasQuery;
    private final List<Field> fields = new ArrayList<>();
    private final PeerAddress local;
    private AsciiString path;
    private PeerAddress remote;

    private AssumedRequest(ConfObject request, ConfObject listeners) {
        listener = listener(request, listeners);
        tls = scheme(request, listeners.object(listener).orElse(ConfObject.EMPTY));
        method = Bytes.of(method(request));
        authority = Bytes.of(text(request, "host", ""));
        host = host(authority);
        target = Bytes.of(text(request, "uri", "/"));
        TargetPath parsed = new TargetPath();
        if (target.isEmpty() || target.byteAt(0) != '/'
            || !parsed.parse(target.array(), target.arrayOffset(), target.arrayOffset() + target.length())) {
            refuse("uri");
        }
        path = new AsciiString(parsed.path(), parsed.pathStart(), parsed.pathEnd() - parsed.pathStart(), true);
        hasQuery = parsed.hasQuery();
        query = hasQuery ? new AsciiString(target.array(), parsed.queryStart(),
            parsed.queryEnd() - parsed.queryStart(), true) : AsciiString.EMPTY_STRING;
        remote = address(request.string("source").orElse("127.0.0.1"), "source");
        local = address(request.string("destination").orElse(listener), "destination");
        if (!authority.isEmpty()) {
            fields.add(new Field(KnownField.HOST.text(), authority));
        }
        request.array("headers").orElse(ConfArray.EMPTY).elements().forEach(this::field);
    }

    /**
     * Reads {@code listener}, {@code method}, {@code host}, {@code uri}, {@code scheme}, {@code source},
     * {@code destination} and {@code headers}, an array of arrays of a name and a value. All have defaults; that of the
     * listener is the only one there is, or the only one at the port of the host.
     *
     * @param listeners those of the configuration
     * @throws IllegalArgumentException if there can be no such request
     */
    static AssumedRequest of(ConfObject request, ConfObject listeners) {
        return new AssumedRequest(request, listeners);
    }

    private static String refuse(String parameter) {
        throw new IllegalArgumentException("No request has such a \"" + parameter + "\".");
    }

    /** The only one at the port that a client would connect to. */
    private static Optional<String> atPort(ConfObject request, ConfObject listeners) {
        String host = request.string("host").orElse("");
        int colon = host.lastIndexOf(':');
        String port = colon > host.lastIndexOf(']') ? host.substring(colon)
            : request.string("scheme").orElse("").equals("https") ? ":443" : ":80";
        List<String> fitting = listeners.members().keySet().stream()
            .filter(name -> !name.startsWith("unix:") && name.endsWith(port)).toList();
        return fitting.size() == 1 ? Optional.of(fitting.getFirst()) : Optional.empty();
    }

    private static String listener(ConfObject request, ConfObject listeners) {
        Optional<String> named = request.string("listener");
        if (named.isEmpty() && listeners.members().size() == 1) {
            return listeners.members().keySet().iterator().next();
        }
        String name = named.or(() -> atPort(request, listeners)).orElseThrow(() ->
            new IllegalArgumentException("There are " + listeners.members().size()
                + " listeners: name one with \"listener\"."));
        if (!listeners.has(name)) {
            throw new IllegalArgumentException("There is no listener \"" + name + "\".");
        }
        return name;
    }

    private static String method(ConfObject request) {
        String name = request.string("method").orElse("GET");
        return TOKEN.matcher(name).matches() ? name : refuse("method");
    }

    private static boolean scheme(ConfObject request, ConfObject listener) {
        String scheme = request.string("scheme").orElse(listener.has("tls") ? "https" : "http");
        if (!scheme.equals("http") && !scheme.equals("https")) {
            refuse("scheme");
        }
        return scheme.equals("https");
    }

    /** A value without bytes that end a line. */
    private static String text(ConfObject request, String name, String fallback) {
        String text = request.string(name).orElse(fallback);
        if (text.chars().anyMatch(c -> c == 0 || c == '\r' || c == '\n')) {
            refuse(name);
        }
        return text;
    }

    /** As protocols do it ({@code spec/http.md §6}). */
    private static AsciiString host(AsciiString authority) {
        byte[] out = new byte[authority.length()];
        int length = Authority.host(authority.array(), authority.arrayOffset(),
            authority.arrayOffset() + authority.length(), out);
        if (length < 0) {
            refuse("host");
        }
        return new AsciiString(out, 0, length, false);
    }

    private void field(Conf pair) {
        if (!(pair instanceof ConfArray two) || two.size() != 2
            || !(two.elements().getFirst() instanceof ConfString name)
            || !(two.elements().getLast() instanceof ConfString value) || fields.size() >= MOST_FIELDS
            || !TOKEN.matcher(name.value()).matches()) {
            refuse("headers");
            return;
        }
        fields.add(new Field(Bytes.of(name.value()),
            Bytes.of(text(ConfObject.EMPTY.with("headers", value), "headers", ""))));
    }

    private static PeerAddress address(String text, String parameter) {
        Address address = Address.tryParse(text).or(() -> Address.tryParse(text.indexOf(':') < 0 ? text + ":1"
            : "[" + text + "]:1")).orElseThrow(() -> new IllegalArgumentException(refuse(parameter)));
        int port = Address.tryParse(text).isPresent() ? address.port() : 0;
        return switch (address) {
            case Address.Ip4 ip -> new PeerAddress(ByteBuffer.allocate(4).putInt(ip.address()).array(), port,
                ip.host());
            case Address.Ip6 ip -> new PeerAddress(
                ByteBuffer.allocate(16).putLong(ip.high()).putLong(ip.low()).array(), port, ip.host());
            default -> new PeerAddress(new byte[0], 0, "unix:");
        };
    }

    /** The listener that it comes to. */
    String listener() {
        return listener;
    }

    void path(AsciiString changed) {
        path = changed;
    }

    void tls(boolean changed) {
        tls = changed;
    }

    void remote(PeerAddress changed) {
        remote = changed;
    }

    @Override
    public AsciiString method() {
        return method;
    }

    @Override
    public boolean isGet() {
        return method.contentEquals("GET");
    }

    @Override
    public boolean isHead() {
        return method.contentEquals("HEAD");
    }

    @Override
    public AsciiString scheme() {
        return AsciiString.of(tls ? "https" : "http");
    }

    @Override
    public AsciiString authority() {
        return authority;
    }

    @Override
    public AsciiString host() {
        return host;
    }

    @Override
    public AsciiString serverName() {
        return host.isEmpty() ? AsciiString.of("localhost") : host;
    }

    @Override
    public AsciiString target() {
        return target;
    }

    @Override
    public AsciiString path() {
        return path;
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
    public AsciiString line() {
        return method.concat(" ").concat(target).concat(" ").concat(VERSION);
    }

    @Override
    public int fieldCount() {
        return fields.size();
    }

    @Override
    public AsciiString name(int field) {
        return fields.get(field).name();
    }

    @Override
    public AsciiString value(int field) {
        return fields.get(field).value();
    }

    @Override
    public int find(AsciiString name, int from) {
        for (int i = from; i < fields.size(); i++) {
            if (fields.get(i).name().contentEqualsIgnoreCase(name)) {
                return i;
            }
        }
        return -1;
    }

    @Override
    public int find(KnownField field) {
        int last = -1;
        for (int i = find(field.text(), 0); i >= 0; i = find(field.text(), i + 1)) {
            last = i;
        }
        return last;
    }

    @Override
    public KnownField known(int field) {
        AsciiString name = name(field);
        return KnownField.of(name.array(), name.arrayOffset(), name.arrayOffset() + name.length());
    }

    @Override
    public long contentLength() {
        return 0;
    }

    @Override
    public ByteBuf body() {
        return Unpooled.EMPTY_BUFFER;
    }

    @Override
    public Optional<Fd> bodyFile() {
        return Optional.empty();
    }

    @Override
    public PeerAddress remote() {
        return remote;
    }

    @Override
    public PeerAddress local() {
        return local;
    }

    @Override
    public boolean isTls() {
        return tls;
    }

    @Override
    public boolean isWebSocket() {
        return false;
    }

    @Override
    public AsciiString requestId() {
        return AsciiString.of("0".repeat(32));
    }
}
