// SPDX-License-Identifier: Apache-2.0
package io.margay.protocol.http2;

import io.margay.http.Ascii;
import io.margay.http.Authority;
import io.margay.http.HttpSettings;
import io.margay.http.KnownField;
import io.netty.util.AsciiString;
import java.util.Base64;
import java.util.concurrent.ThreadLocalRandom;

/**
 * What the list of fields of one request means (RFC 9113 §8.2 and §8.3, spec/http.md §5 and §6): everything that could
 * be read in two ways is refused. What is left of the list afterwards are the fields that others see: {@code host}
 * comes first and says what {@code :authority} says, crumbs of cookies are one field.
 */
final class StreamRules {
    /** The request breaks the protocol: its stream is reset. */
    static final int MALFORMED = -1;

    private static final int FIRST_BUFFER = 2048;
    private static final int LONGEST_NAME = 255;
    /** What stands around a field in the form for which the limits are made. */
    private static final int AROUND_FIELD = 4;
    private static final AsciiString METHOD = AsciiString.cached(":method");
    private static final AsciiString SCHEME = AsciiString.cached(":scheme");
    private static final AsciiString PATH = AsciiString.cached(":path");
    private static final AsciiString AUTHORITY = AsciiString.cached(":authority");
    private static final AsciiString PROTOCOL = AsciiString.cached(":protocol");
    private static final AsciiString TE = AsciiString.cached("te");
    private static final AsciiString TRAILERS = AsciiString.cached("trailers");
    private static final AsciiString KEEP_ALIVE = AsciiString.cached("keep-alive");
    private static final AsciiString PROXY_CONNECTION = AsciiString.cached("proxy-connection");
    private static final AsciiString CONTINUE = AsciiString.cached("100-continue");
    private static final AsciiString CRUMBS = AsciiString.cached("; ");

    private static final AsciiString UPGRADE = AsciiString.cached("Upgrade");
    private static final AsciiString WEBSOCKET = AsciiString.cached("websocket");
    private static final int KEY = 16;

    private final StreamHead head;
    AsciiString method = AsciiString.EMPTY_STRING;
    AsciiString path = AsciiString.EMPTY_STRING;
    AsciiString authority = AsciiString.EMPTY_STRING;
    AsciiString host = AsciiString.EMPTY_STRING;
    AsciiString protocol = AsciiString.EMPTY_STRING;
    long contentLength = -1;
    boolean expectsContinue;
    private AsciiString scheme = AsciiString.EMPTY_STRING;
    private AsciiString version = AsciiString.EMPTY_STRING;
    private int cookie = -1;
    private int hosts;

    StreamRules(StreamHead head) {
        this.head = head;
    }

    /**
     * Judges the list, and makes of it what others see.
     *
     * @param ends whether the request has no body
     * @return 0, {@link #MALFORMED}, or the status of an error
     */
    int judge(HttpSettings settings, boolean ends) {
        int first = pseudo();
        int status = first < 0 ? MALFORMED : required();
        if (status == 0) {
            status = fields(first, settings);
        } else {
            head.truncate(0);
        }
        if (status == 0) {
            status = whole(settings, ends);
        }
        if (status == MALFORMED) {
            method = AsciiString.EMPTY_STRING;
            path = AsciiString.EMPTY_STRING;
            head.truncate(0);
        }
        return status;
    }

    /** Takes the pseudo-header fields; gives the number of the first other field, or -1 if one is wrong. */
    private int pseudo() {
        int i = 0;
        for (; i < head.size(); i++) {
            AsciiString name = head.fieldName(i);
            AsciiString value = head.fieldValue(i);
            if (name.isEmpty() || name.byteAt(0) != ':') {
                return i;
            }
            AsciiString before;
            if (METHOD.equals(name)) {
                before = method;
                method = value;
            } else if (PATH.equals(name)) {
                before = path;
                path = value;
            } else if (SCHEME.equals(name)) {
                before = scheme;
                scheme = value;
            } else if (AUTHORITY.equals(name)) {
                before = authority;
                authority = value;
            } else if (PROTOCOL.equals(name)) {
                before = protocol;
                protocol = value;
            } else {
                return -1;
            }
            // Each once, and none is empty.
            if (!before.isEmpty() || value.isEmpty()) {
                return -1;
            }
        }
        return i;
    }

    /** Whether the pseudo-header fields are those of a request. */
    private int required() {
        if (method.isEmpty() || !isToken(method) || !isTarget(path)) {
            return MALFORMED;
        }
        boolean connect = method.contentEquals("CONNECT");
        if (connect && protocol.isEmpty()) {
            // This is no proxy that makes tunnels.
            return path.isEmpty() && scheme.isEmpty() && !authority.isEmpty() ? 400 : MALFORMED;
        }
        if (!connect && !protocol.isEmpty() || path.isEmpty() || scheme.isEmpty()) {
            return MALFORMED;
        }
        boolean star = path.length() == 1 && path.byteAt(0) == '*';
        if (star ? !method.contentEquals("OPTIONS") : path.byteAt(0) != '/') {
            return MALFORMED;
        }
        if (!scheme.contentEqualsIgnoreCase("http") && !scheme.contentEqualsIgnoreCase("https")) {
            return 400;
        }
        return authority.isEmpty() || isAuthority(authority) ? 0 : 400;
    }

    private static boolean isAuthority(AsciiString text) {
        return Authority.isValid(text.array(), text.arrayOffset(), text.arrayOffset() + text.length());
    }

    private static boolean isToken(AsciiString text) {
        for (int i = 0; i < text.length(); i++) {
            if (!Ascii.isToken(text.byteAt(i))) {
                return false;
            }
        }
        return true;
    }

    private static boolean isTarget(AsciiString text) {
        for (int i = 0; i < text.length(); i++) {
            byte c = text.byteAt(i);
            if (c >= 0 && c <= ' ' || c == 0x7f) {
                return false;
            }
        }
        return true;
    }

    /** Judges the other fields and moves them to the begin of the list. */
    private int fields(int first, HttpSettings settings) {
        int size = method.length() + path.length() + authority.length() + 2 * AROUND_FIELD;
        int status = tooLong(path, settings) || tooLong(authority, settings) ? 431 : 0;
        int kept = authority.isEmpty() ? 0 : 1;
        int count = head.size();
        for (int i = first; i < count; i++) {
            AsciiString name = head.fieldName(i);
            AsciiString value = head.fieldValue(i);
            size += name.length() + value.length() + AROUND_FIELD;
            if (!isName(name) || !isValue(value)) {
                return MALFORMED;
            }
            if (name.length() > LONGEST_NAME || tooLong(value, settings)) {
                status = 431;
            }
            KnownField known = KnownField.of(name.array(), name.arrayOffset(), name.arrayOffset() + name.length());
            int fault = known == KnownField.OTHER ? other(name, value) : known(known, value);
            if (fault != 0) {
                return fault;
            }
            boolean drop = known == KnownField.HOST && !authority.isEmpty()
                || known == KnownField.COOKIE && crumb(value)
                || known == KnownField.OTHER && settings.discardUnsafeFields() && isUnsafe(name);
            if (!drop) {
                cookie = known == KnownField.COOKIE ? kept : cookie;
                head.set(kept++, name, value);
            }
        }
        if (!authority.isEmpty()) {
            head.set(0, KnownField.HOST.text(), authority);
        }
        head.truncate(kept);
        return size > limit(settings) ? 431 : status;
    }

    /** The longest list of fields, bytes. */
    static int limit(HttpSettings settings) {
        return (int) Math.min(1 << 24, FIRST_BUFFER
            + (long) settings.largeHeaderBufferSize() * settings.largeHeaderBuffers());
    }

    private static boolean tooLong(AsciiString text, HttpSettings settings) {
        return text.length() >= Math.max(FIRST_BUFFER, settings.largeHeaderBufferSize());
    }

    /** Puts crumbs together (RFC 9113 §8.2.3); false for the first. */
    private boolean crumb(AsciiString value) {
        if (cookie < 0) {
            return false;
        }
        head.set(cookie, head.fieldName(cookie), head.fieldValue(cookie).concat(CRUMBS).concat(value));
        return true;
    }

    private static boolean isName(AsciiString name) {
        for (int i = 0; i < name.length(); i++) {
            byte c = name.byteAt(i);
            if (!Ascii.isToken(c) || c >= 'A' && c <= 'Z') {
                return false;
            }
        }
        return !name.isEmpty();
    }

    private static boolean isUnsafe(AsciiString name) {
        for (int i = 0; i < name.length(); i++) {
            byte c = name.byteAt(i);
            if ((c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-') {
                return true;
            }
        }
        return false;
    }

    private static boolean isValue(AsciiString value) {
        for (int i = 0; i < value.length(); i++) {
            if (!Ascii.isValue(value.byteAt(i))) {
                return false;
            }
        }
        return value.isEmpty() || !isBlank(value.byteAt(0)) && !isBlank(value.byteAt(value.length() - 1));
    }

    private static boolean isBlank(byte c) {
        return c == ' ' || c == '\t';
    }

    private static int other(AsciiString name, AsciiString value) {
        return name.equals(KEEP_ALIVE) || name.equals(PROXY_CONNECTION)
            || name.equals(TE) && !value.contentEqualsIgnoreCase(TRAILERS) ? MALFORMED : 0;
    }

    private int known(KnownField known, AsciiString value) {
        switch (known) {
            case CONNECTION, TRANSFER_ENCODING, UPGRADE -> {
                return MALFORMED;
            }
            case HOST -> {
                return host(value);
            }
            case CONTENT_LENGTH -> {
                long length = Ascii.decimal(value.array(), value.arrayOffset(), value.arrayOffset() + value.length());
                if (length < 0 || contentLength >= 0) {
                    return MALFORMED;
                }
                contentLength = length;
            }
            case SEC_WEBSOCKET_VERSION -> version = value;
            case EXPECT -> expectsContinue = value.contentEqualsIgnoreCase(CONTINUE);
            default -> {
                // Known, so that others find it at once.
            }
        }
        return 0;
    }

    private int host(AsciiString value) {
        hosts++;
        if (hosts > 1 || !authority.isEmpty() && !authority.contentEqualsIgnoreCase(value)) {
            return MALFORMED;
        }
        return value.isEmpty() || isAuthority(value) ? 0 : 400;
    }

    /** What can be said when all is known. */
    private int whole(HttpSettings settings, boolean ends) {
        if (authority.isEmpty() && hosts > 0) {
            authority = head.fieldValue(find(KnownField.HOST));
        }
        byte[] normal = new byte[authority.length()];
        int length = Authority.host(authority.array(), authority.arrayOffset(),
            authority.arrayOffset() + authority.length(), normal);
        if (length < 0) {
            return 400;
        }
        host = length == 0 ? AsciiString.EMPTY_STRING : new AsciiString(normal, 0, length, false);
        if (ends && contentLength > 0) {
            return MALFORMED;
        }
        if (!protocol.isEmpty()) {
            return webSocket(ends);
        }
        return contentLength > settings.maxBodySize() ? 413 : 0;
    }

    private int webSocket(boolean ends) {
        if (!protocol.contentEqualsIgnoreCase("websocket")) {
            return 501;
        }
        if (ends || contentLength >= 0) {
            return 400;
        }
        if (!version.contentEquals("13")) {
            return 426;
        }
        // What whoever takes the request, and other servers that get it by HTTP/1, know a WebSocket by.
        byte[] key = new byte[KEY];
        ThreadLocalRandom.current().nextBytes(key);
        head.add(KnownField.CONNECTION.text(), UPGRADE);
        head.add(KnownField.UPGRADE.text(), WEBSOCKET);
        head.add(KnownField.SEC_WEBSOCKET_KEY.text(), AsciiString.of(Base64.getEncoder().encodeToString(key)));
        return 0;
    }

    /** The body is complete: everybody sees its length as if the client had told it. */
    void lengthIs(long length) {
        if (contentLength < 0) {
            contentLength = length;
            head.add(KnownField.CONTENT_LENGTH.text(), AsciiString.of(Long.toString(length)));
        }
    }

    /** The last field of a kind, or -1. */
    int find(KnownField kind) {
        for (int i = head.size() - 1; i >= 0; i--) {
            if (kind.text().equals(head.fieldName(i))) {
                return i;
            }
        }
        return -1;
    }

    /** Whether a list of fields after a body is one (RFC 9113 §8.1). */
    static boolean areTrailers(StreamHead trailers) {
        for (int i = 0; i < trailers.size(); i++) {
            if (!isName(trailers.fieldName(i)) || !isValue(trailers.fieldValue(i))) {
                return false;
            }
        }
        return true;
    }
}
