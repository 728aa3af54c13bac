// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The head of one request: bytes as received and where its parts lie in them.
 *
 * <p>All offsets point into {@link #array()}. The object and its array serve another request after the exchange is
 * done: whoever needs a part for longer copies it. Used by the loop of the connection only; nobody changes the bytes.
 */
public final class RequestHead {
    private static final int STEP = 5;
    private static final AsciiString CONTENT_LENGTH = AsciiString.cached("Content-Length");
    private static final AsciiString GET = AsciiString.cached("GET");
    private static final AsciiString HEAD = AsciiString.cached("HEAD");
    private static final AsciiString POST = AsciiString.cached("POST");

    int lineStart;
    int methodEnd;
    int targetStart;
    int targetEnd;
    int lineEnd;
    int minor;
    int hostStart;
    int hostEnd;
    int cookie;
    int referer;
    int userAgent;
    int contentTypeField;
    int authorization;
    int contentLengthField;
    int webSocketKey;

    private final TargetPath target = new TargetPath();
    private byte[] array = new byte[HeadParser.FIRST_BUFFER];
    private int end;
    private int[] fields = new int[16 * STEP];
    private int size;
    private byte[] host = new byte[32];
    private AsciiString path;
    private AsciiString method;

    RequestHead() {
        clear();
    }

    void clear() {
        size = 0;
        end = 0;
        lineStart = 0;
        lineEnd = 0;
        methodEnd = 0;
        targetStart = 0;
        targetEnd = 0;
        minor = 1;
        hostStart = 0;
        hostEnd = 0;
        cookie = -1;
        referer = -1;
        userAgent = -1;
        contentTypeField = -1;
        authorization = -1;
        contentLengthField = -1;
        webSocketKey = -1;
        path = AsciiString.EMPTY_STRING;
        method = AsciiString.EMPTY_STRING;
    }

    /** Gives the array with room for {@code extra} bytes after {@code count}. */
    byte[] room(int count, int extra) {
        if (array.length < count + extra) {
            array = Arrays.copyOf(array, Math.max(count + extra, 2 * array.length));
        }
        return array;
    }

    void end(int end) {
        this.end = end;
    }

    /** Forgets the request line, as it cannot be trusted. */
    void malformed() {
        lineStart = 0;
        lineEnd = 0;
        size = 0;
    }

    /** Replaces the chunked framing by the length that the body has turned out to have. */
    void unchunk(long length) {
        for (int i = size - 1; i >= 0; i--) {
            if (known(i) == KnownField.TRANSFER_ENCODING) {
                remove(i);
            }
        }
        cookie = last(KnownField.COOKIE);
        referer = last(KnownField.REFERER);
        userAgent = last(KnownField.USER_AGENT);
        contentTypeField = last(KnownField.CONTENT_TYPE);
        authorization = last(KnownField.AUTHORIZATION);
        appendContentLength(length);
    }

    private int last(int known) {
        int i = size - 1;
        while (i >= 0 && known(i) != known) {
            i--;
        }
        return i;
    }

    void add(int nameStart, int nameEnd, int valueStart, int valueEnd) {
        int at = size * STEP;
        if (at == fields.length) {
            fields = Arrays.copyOf(fields, 2 * at);
        }
        fields[at] = nameStart;
        fields[at + 1] = nameEnd;
        fields[at + 2] = valueStart;
        fields[at + 3] = valueEnd;
        fields[at + 4] = KnownField.of(array, nameStart, nameEnd);
        size++;
    }

    int known(int field) {
        return fields[field * STEP + 4];
    }

    /** Judges a target that does not begin with a slash: {@code *} of OPTIONS, or absolute form (RFC 9112 §3.2). */
    boolean otherForm() {
        if (array[targetStart] == '*') {
            return targetEnd - targetStart == 1 && methodEnd - lineStart == 7
                && AsciiString.contentEquals("OPTIONS", new AsciiString(array, lineStart, 7, false));
        }
        return AbsoluteForm.authority(array, targetStart, targetEnd) > 0;
    }

    /** Derives method and path; false if the target is invalid. */
    boolean normalise() {
        method = common();
        int start = targetStart;
        if (array[start] != '/' && array[start] != '*') {
            start = AbsoluteForm.path(array, targetStart, targetEnd);
        }
        if (start == targetEnd || array[start] == '?' || array[start] == '#') {
            target.parse(array, start, targetEnd);
            path = AbsoluteForm.ROOT;
            return true;
        }
        if (!target.parse(array, start, targetEnd)) {
            return false;
        }
        path = new AsciiString(target.path(), target.pathStart(), target.pathEnd() - target.pathStart(), false);
        return true;
    }

    private AsciiString common() {
        int length = methodEnd - lineStart;
        byte first = array[lineStart];
        AsciiString candidate = length == 3 && first == 'G' ? GET : length == 4 && first == 'H' ? HEAD
            : length == 4 && first == 'P' ? POST : null;
        if (candidate != null && Arrays.equals(array, lineStart, methodEnd, candidate.array(),
            candidate.arrayOffset(), candidate.arrayOffset() + length)) {
            return candidate;
        }
        return new AsciiString(array, lineStart, length, false);
    }

    /** A place for the {@code length} bytes of the normalised host. */
    byte[] hostRoom(int length) {
        if (host.length < length) {
            host = new byte[length];
        }
        return host;
    }

    private void remove(int field) {
        size--;
        System.arraycopy(fields, (field + 1) * STEP, fields, field * STEP, (size - field) * STEP);
    }

    /** Appends {@code Content-Length} as the last field, as if the client had sent it. */
    private void appendContentLength(long length) {
        byte[] digits = Long.toString(length).getBytes(StandardCharsets.ISO_8859_1);
        int name = CONTENT_LENGTH.length();
        byte[] a = room(end, name + digits.length);
        System.arraycopy(CONTENT_LENGTH.array(), CONTENT_LENGTH.arrayOffset(), a, end, name);
        System.arraycopy(digits, 0, a, end + name, digits.length);
        add(end, end + name, end + name, end + name + digits.length);
        end += name + digits.length;
        contentLengthField = size - 1;
    }

    /** The array that the offsets of this head point into. Not to be changed. */
    public byte[] array() {
        return array;
    }

    /** The method as received; empty if the head was malformed. */
    public AsciiString method() {
        return method;
    }

    /** Whether the method is HEAD. */
    public boolean isHead() {
        return method == HEAD;
    }

    /** Whether the method is GET. */
    public boolean isGet() {
        return method == GET;
    }

    /** Begin of the request line, which is also the begin of the method. */
    public int lineStart() {
        return lineStart;
    }

    /** End of the request line without its line end; equal to the begin for malformed heads. */
    public int lineEnd() {
        return lineEnd;
    }

    /** Begin of the raw target. */
    public int targetStart() {
        return targetStart;
    }

    /** End of the raw target, query and fragment included. */
    public int targetEnd() {
        return targetEnd;
    }

    /** The decoded, normalised path. */
    public AsciiString path() {
        return path;
    }

    /** Begin of the raw query. */
    public int queryStart() {
        return target.queryStart();
    }

    /** End of the raw query; equal to the begin if there is none. */
    public int queryEnd() {
        return target.queryEnd();
    }

    /** The minor version, 0 to 9. */
    public int minorVersion() {
        return minor;
    }

    /** Number of fields that were kept. */
    public int size() {
        return size;
    }

    /** Begin of the name of a field. */
    public int nameStart(int field) {
        return fields[field * STEP];
    }

    /** End of the name of a field. */
    public int nameEnd(int field) {
        return fields[field * STEP + 1];
    }

    /** Begin of the value of a field. */
    public int valueStart(int field) {
        return fields[field * STEP + 2];
    }

    /** End of the value of a field. */
    public int valueEnd(int field) {
        return fields[field * STEP + 3];
    }

    /** A view of the value of a field. */
    public AsciiString value(int field) {
        return new AsciiString(array, valueStart(field), valueEnd(field) - valueStart(field), false);
    }

    /** A view of the name of a field. */
    public AsciiString name(int field) {
        return new AsciiString(array, nameStart(field), nameEnd(field) - nameStart(field), false);
    }

    /** The first field at or after {@code from} with the name, letter case ignored; -1 if there is none. */
    public int find(AsciiString name, int from) {
        int length = name.length();
        for (int i = from; i < size; i++) {
            if (nameEnd(i) - nameStart(i) == length
                && KnownField.equalsIgnoreCase(array, nameStart(i), name.array(), name.arrayOffset(), length)) {
                return i;
            }
        }
        return -1;
    }

    /** The host that the request names, without port, in lower case (spec/http.md §6); empty if there is none. */
    public AsciiString host() {
        return hostEnd == hostStart ? AsciiString.EMPTY_STRING
            : new AsciiString(host, hostStart, hostEnd - hostStart, false);
    }

    /** The last {@code Cookie} field, or -1. */
    public int cookie() {
        return cookie;
    }

    /** The last {@code Referer} field, or -1. */
    public int referer() {
        return referer;
    }

    /** The last {@code User-Agent} field, or -1. */
    public int userAgent() {
        return userAgent;
    }

    /** The last {@code Content-Type} field, or -1. */
    public int contentType() {
        return contentTypeField;
    }

    /** The last {@code Authorization} field, or -1. */
    public int authorization() {
        return authorization;
    }

    /** The {@code Content-Length} field, or -1. */
    public int contentLength() {
        return contentLengthField;
    }

    /** The {@code Sec-WebSocket-Key} field with a key of the right length, or -1. */
    public int webSocketKey() {
        return webSocketKey;
    }
}
