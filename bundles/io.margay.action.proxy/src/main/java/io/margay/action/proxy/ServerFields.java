// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import io.margay.http.Exchange;
import io.margay.http.FieldLines;
import io.margay.http.KnownField;
import io.margay.http.Request;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The fields of a request that are for a server: fields of the client's connection, and those that it names with them,
 * are left out, nor is there a length; there is a host. Views, valid until the next request. Belongs to one loop.
 */
final class ServerFields {
    private static final AsciiString HOST = AsciiString.cached("Host");
    private static final byte DELETE = 0x7f;
    private static final byte[] HEX = "0123456789ABCDEF".getBytes(StandardCharsets.US_ASCII);
    /** Frames are looked at on their way, so nothing may change what they look like. */
    private static final AsciiString EXTENSIONS = AsciiString.cached("Sec-WebSocket-Extensions");
    /** Those of the connection that are no known fields. Trailers of a request end here, so they are not announced. */
    private static final List<AsciiString> OWN = List.of(AsciiString.cached("TE"), AsciiString.cached("Keep-Alive"),
        AsciiString.cached("Proxy-Connection"), AsciiString.cached("HTTP2-Settings"), AsciiString.cached("Trailer"));
    private static final int FEW = 32;

    private final List<AsciiString> named = new ArrayList<>();
    private AsciiString[] names = new AsciiString[FEW];
    private AsciiString[] values = new AsciiString[FEW];
    private int count;

    /**
     * Collects them.
     *
     * @param changes fields that are others for the server
     */
    void read(Exchange exchange, List<HeaderChange> changes) {
        Request request = exchange.request();
        count = 0;
        named(request);
        boolean socket = request.isWebSocket();
        boolean host = false;
        int fields = request.fieldCount();
        for (int i = 0; i < fields; i++) {
            KnownField known = request.known(i);
            if (passes(request, i, known, socket) && !isChanged(request.name(i), changes)) {
                host |= known == KnownField.HOST;
                add(request.name(i), request.value(i));
            }
        }
        for (HeaderChange change : changes) {
            host |= change(exchange, change);
        }
        if (!host) {
            add(HOST, request.authority().isEmpty() ? request.serverName() : request.authority());
        }
    }

    int count() {
        return count;
    }

    AsciiString name(int field) {
        return names[field];
    }

    AsciiString value(int field) {
        return values[field];
    }

    private void add(AsciiString name, AsciiString value) {
        if (count == names.length) {
            names = Arrays.copyOf(names, 2 * count);
            values = Arrays.copyOf(values, 2 * count);
        }
        names[count] = name;
        values[count++] = value;
    }

    private static boolean isChanged(AsciiString name, List<HeaderChange> changes) {
        for (int i = 0; i < changes.size(); i++) {
            if (changes.get(i).name().contentEqualsIgnoreCase(name)) {
                return true;
            }
        }
        return false;
    }

    /** Adds a field instead of that of the client; whether it is a host, which a request must have. */
    private boolean change(Exchange exchange, HeaderChange change) {
        if (change.value().isEmpty()) {
            return false;
        }
        AsciiString value = change.value().get().evaluate(exchange);
        boolean host = HOST.contentEqualsIgnoreCase(change.name());
        if (host && value.isEmpty()) {
            return false;
        }
        add(change.name(), clean(value));
        return host;
    }

    /** What a variable brings does not end the line. */
    private static AsciiString clean(AsciiString value) {
        int bad = 0;
        for (int i = 0; i < value.length(); i++) {
            bad += isControl(value.byteAt(i)) ? 1 : 0;
        }
        if (bad == 0) {
            return value;
        }
        byte[] clean = new byte[value.length() + 2 * bad];
        int at = 0;
        for (int i = 0; i < value.length(); i++) {
            byte letter = value.byteAt(i);
            if (isControl(letter)) {
                clean[at++] = '%';
                clean[at++] = HEX[letter >> 4];
                clean[at++] = HEX[letter & 0xf];
            } else {
                clean[at++] = letter;
            }
        }
        return new AsciiString(clean, false);
    }

    private static boolean isControl(byte letter) {
        return letter >= 0 && letter < ' ' && letter != '\t' || letter == DELETE;
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
    private void named(Request request) {
        named.clear();
        named.addAll(FieldLines.words(request, KnownField.CONNECTION.text()));
    }
}
