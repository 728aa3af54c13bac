// SPDX-License-Identifier: Apache-2.0
package io.margay.protocol.http2;

import io.margay.http.FieldLines;
import io.margay.http.HttpSettings;
import io.margay.http.KnownField;
import io.margay.http.Request;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.util.AsciiString;
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A request of HTTP/1.1 by which a client asks for HTTP/2 (RFC 7540 §3.2), as the first one of that. Whatever is not
 * said exactly as it should be said, or would mean something else there, is a request of HTTP/1.1 and no more.
 */
final class UpgradeRequest {
    private static final AsciiString SETTINGS = AsciiString.cached("http2-settings");
    private static final AsciiString TE = AsciiString.cached("te");
    private static final AsciiString TRAILERS = AsciiString.cached("trailers");
    private static final AsciiString KEEP_ALIVE = AsciiString.cached("keep-alive");
    private static final AsciiString HTTP = AsciiString.cached("http");
    /** With another one the client would have a field taken away, or the connection closed. */
    private static final Set<AsciiString> OPTIONS = Set.of(AsciiString.EMPTY_STRING, KnownField.UPGRADE.text(),
        SETTINGS, KEEP_ALIVE, TE);
    /** Those of the connection; the host is a pseudo-header field. */
    private static final Set<AsciiString> LEFT_OUT = Set.of(KnownField.HOST.text(), KnownField.CONNECTION.text(),
        KnownField.UPGRADE.text(), KnownField.TRANSFER_ENCODING.text(), SETTINGS, KEEP_ALIVE,
        AsciiString.cached("proxy-connection"));
    /** A number of two bytes, and a value of four. */
    private static final int SETTING = 6;

    private final Http2Settings settings;
    private final StreamHead head;

    private UpgradeRequest(Http2Settings settings, StreamHead head) {
        this.settings = settings;
        this.head = head;
    }

    /** Empty if it is to be answered by HTTP/1.1. */
    static Optional<UpgradeRequest> of(Request asking, HttpSettings limits) {
        List<AsciiString> options = FieldLines.words(asking, KnownField.CONNECTION.text()).stream()
            .map(AsciiString::toLowerCase).toList();
        if (!OPTIONS.containsAll(options) || !options.contains(SETTINGS)
                || new StreamRules(head(asking)).judge(limits, true) != 0) {
            return Optional.empty();
        }
        return settings(asking).map(told -> new UpgradeRequest(told, head(asking)));
    }

    /** What the client says of itself. */
    Http2Settings settings() {
        return settings;
    }

    /** The request. */
    StreamHead head() {
        return head;
    }

    private static Optional<Http2Settings> settings(Request asking) {
        int field = asking.find(SETTINGS, 0);
        if (field < 0 || asking.find(SETTINGS, field + 1) >= 0) {
            return Optional.empty();
        }
        try {
            ByteBuffer payload = ByteBuffer.wrap(Base64.getUrlDecoder().decode(asking.value(field).toByteArray()));
            if (payload.remaining() % SETTING != 0) {
                return Optional.empty();
            }
            Http2Settings settings = new Http2Settings();
            while (payload.hasRemaining()) {
                settings.put(payload.getChar(), (Long) Integer.toUnsignedLong(payload.getInt()));
            }
            return Optional.of(settings);
        } catch (IllegalArgumentException e) {
            // No Base64, or a value that HTTP/2 forbids.
            return Optional.empty();
        }
    }

    private static StreamHead head(Request asking) {
        StreamHead head = new StreamHead();
        add(head, AsciiString.cached(":method"), asking.method());
        add(head, AsciiString.cached(":scheme"), HTTP);
        add(head, AsciiString.cached(":path"), asking.target());
        if (!asking.authority().isEmpty()) {
            add(head, AsciiString.cached(":authority"), asking.authority());
        }
        for (int i = 0; i < asking.fieldCount(); i++) {
            AsciiString name = asking.name(i).toLowerCase();
            AsciiString value = asking.value(i);
            if (!LEFT_OUT.contains(name) && (!TE.equals(name) || value.contentEqualsIgnoreCase(TRAILERS))) {
                add(head, name, value);
            }
        }
        return head;
    }

    /** The bytes of the request serve another one soon. */
    private static void add(StreamHead head, AsciiString name, AsciiString value) {
        head.add(new AsciiString(name.toByteArray(), false), new AsciiString(value.toByteArray(), false));
    }
}
