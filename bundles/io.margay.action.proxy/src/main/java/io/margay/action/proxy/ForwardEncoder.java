// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import io.margay.http.Exchange;
import io.margay.http.FieldLines;
import io.margay.http.KnownField;
import io.margay.http.Request;
import io.margay.http.RequestTarget;
import io.netty.buffer.ByteBuf;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes requests as HTTP/1.1, so that they can be read in one way only: fields of the client's connection, and those
 * that it names with them, are left out; the body has one length, told last; there is a host. Belongs to one loop.
 */
final class ForwardEncoder {
    private static final AsciiString CONNECTION = AsciiString.cached("Connection");
    private static final AsciiString UPGRADE = AsciiString.cached("Upgrade");
    private static final AsciiString WEBSOCKET = AsciiString.cached("websocket");
    private static final AsciiString HOST = AsciiString.cached("Host");
    private static final AsciiString LENGTH = AsciiString.cached("Content-Length");
    private static final AsciiString ENCODING = AsciiString.cached("Transfer-Encoding");
    private static final AsciiString CHUNKED = AsciiString.cached("chunked");
    private static final byte DELETE = 0x7f;
    private static final byte[] HEX = "0123456789ABCDEF".getBytes(StandardCharsets.US_ASCII);
    private static final AsciiString TE = AsciiString.cached("TE");
    private static final AsciiString TRAILERS = AsciiString.cached("trailers");
    /** Frames are looked at on their way, so nothing may change what they look like. */
    private static final AsciiString EXTENSIONS = AsciiString.cached("Sec-WebSocket-Extensions");
    /** Those of the connection that are no known fields. Trailers of a request end here, so they are not announced. */
    private static final List<AsciiString> OWN = List.of(TE, AsciiString.cached("Keep-Alive"),
        AsciiString.cached("Proxy-Connection"), AsciiString.cached("HTTP2-Settings"), AsciiString.cached("Trailer"));
    private static final byte[] VERSION = " HTTP/1.1\r\n".getBytes(StandardCharsets.US_ASCII);

    private final RequestTarget target = new RequestTarget();
    private final List<AsciiString> named = new ArrayList<>();

    /**
     * Appends the head of a request.
     *
     * @param changes fields that are others for the server
     */
    void write(Exchange exchange, List<HeaderChange> changes, ByteBuf out) {
        Request request = exchange.request();
        put(out, request.method());
        out.writeByte(' ');
        target.write(out, request.target(), request.path(), request.query());
        out.writeBytes(VERSION);
        names(request);
        boolean socket = request.isWebSocket();
        boolean host = false;
        int count = request.fieldCount();
        for (int i = 0; i < count; i++) {
            KnownField known = request.known(i);
            if (passes(request, i, known, socket) && !isChanged(request.name(i), changes)) {
                host |= known == KnownField.HOST;
                field(out, request.name(i), request.value(i));
            }
        }
        for (HeaderChange change : changes) {
            host |= change(exchange, change, out);
        }
        if (!host) {
            field(out, HOST, request.authority().isEmpty() ? request.serverName() : request.authority());
        }
        connection(request, socket, out);
        if (request.contentLength() < 0) {
            field(out, ENCODING, CHUNKED);
        } else if (request.contentLength() > 0 || request.find(KnownField.CONTENT_LENGTH) >= 0) {
            field(out, LENGTH, AsciiString.of(Long.toString(request.contentLength())));
        }
        out.writeByte('\r').writeByte('\n');
    }

    private static boolean isChanged(AsciiString name, List<HeaderChange> changes) {
        for (int i = 0; i < changes.size(); i++) {
            if (changes.get(i).name().contentEqualsIgnoreCase(name)) {
                return true;
            }
        }
        return false;
    }

    /** Writes a field instead of that of the client; whether it is a host, which a request must have. */
    private static boolean change(Exchange exchange, HeaderChange change, ByteBuf out) {
        if (change.value().isEmpty()) {
            return false;
        }
        AsciiString value = change.value().get().evaluate(exchange);
        boolean host = HOST.contentEqualsIgnoreCase(change.name());
        if (host && value.isEmpty()) {
            return false;
        }
        put(out, change.name());
        out.writeByte(':').writeByte(' ');
        for (int i = 0; i < value.length(); i++) {
            byte letter = value.byteAt(i);
            // What a variable brings does not end the line.
            if (letter >= 0 && letter < ' ' && letter != '\t' || letter == DELETE) {
                out.writeByte('%').writeByte(HEX[letter >> 4]).writeByte(HEX[letter & 0xf]);
            } else {
                out.writeByte(letter);
            }
        }
        out.writeByte('\r').writeByte('\n');
        return host;
    }

    private static void connection(Request request, boolean socket, ByteBuf out) {
        if (socket) {
            field(out, CONNECTION, UPGRADE);
            field(out, UPGRADE, WEBSOCKET);
        } else if (FieldLines.takesTrailers(request)) {
            field(out, CONNECTION, TE);
            field(out, TE, TRAILERS);
        }
    }

    private boolean passes(Request request, int field, KnownField known, boolean socket) {
        return switch (known) {
            case CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING, UPGRADE, EXPECT -> false;
            case HOST -> true;
            default -> {
                AsciiString name = request.name(field);
                yield !(known == KnownField.OTHER && isOwn(name, socket)) && (named.isEmpty() || !isNamed(name));
            }
        };
    }

    private static boolean isOwn(AsciiString name, boolean socket) {
        for (AsciiString own : OWN) {
            if (own.length() == name.length() && own.contentEqualsIgnoreCase(name)) {
                return true;
            }
        }
        return socket && EXTENSIONS.contentEqualsIgnoreCase(name);
    }

    private boolean isNamed(AsciiString name) {
        for (AsciiString other : named) {
            if (other.contentEqualsIgnoreCase(name)) {
                return true;
            }
        }
        return false;
    }

    /** Collects the fields that the client calls its connection's. */
    private void names(Request request) {
        named.clear();
        for (int i = request.find(KnownField.CONNECTION.text(), 0); i >= 0;
            i = request.find(KnownField.CONNECTION.text(), i + 1)) {
            for (AsciiString word : request.value(i).split(',')) {
                named.add(word.trim());
            }
        }
    }

    private static void field(ByteBuf out, AsciiString name, AsciiString value) {
        put(out, name);
        out.writeByte(':').writeByte(' ');
        put(out, value);
        out.writeByte('\r').writeByte('\n');
    }

    private static void put(ByteBuf out, AsciiString text) {
        out.writeBytes(text.array(), text.arrayOffset(), text.length());
    }
}
