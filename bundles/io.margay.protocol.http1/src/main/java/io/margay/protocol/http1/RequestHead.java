// SPDX-License-Identifier: Apache-2.0
package io.margay.protocol.http1;

import io.margay.http.Ascii;
import io.margay.http.KnownField;
import io.margay.http.TargetPath;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The head of one request: bytes as received and where its parts lie in them.
 *
 * <p>All offsets point into {@link #array()}. The object and its array serve another request after the exchange is
 * done: whoever needs a part for longer copies it. Used by the loop of the connection only; nobody changes the bytes.
 */
final class RequestHead {
    private static final int STEP = 5;
    private static final int KNOWN = KnownField.values().length;
    private static final KnownField[] FIELDS = KnownField.values();
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

    private int authorityStart;
    private int authorityEnd;
    private final int[] known = new int[KNOWN];
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
        Arrays.fill(known, -1);
        authorityStart = 0;
        authorityEnd = 0;
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
        Arrays.fill(known, -1);
        for (int i = 0; i < size; i++) {
            known[fields[i * STEP + 4]] = i;
        }
        appendContentLength(length);
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
        int kind = KnownField.of(array, nameStart, nameEnd).ordinal();
        fields[at + 4] = kind;
        known[kind] = size;
        size++;
    }

    KnownField known(int field) {
        return FIELDS[fields[field * STEP + 4]];
    }

    /** The last field of the kind, -1 if there is none. */
    int find(KnownField field) {
        return known[field.ordinal()];
    }

    /** Judges a target that does not begin with a slash: {@code *} of OPTIONS, or absolute form (RFC 9112 §3.2). */
    boolean otherForm() {
        if (array[targetStart] == '*') {
            return targetEnd - targetStart == 1 && methodEnd - lineStart == 7
                && AsciiString.contentEquals("OPTIONS", new AsciiString(array, lineStart, 7, false));
        }
        return AbsoluteForm.authority(array, targetStart, targetEnd) > 0;
    }

    /** Derives method, path and, from a target of absolute form, the authority; false if the target is invalid. */
    boolean normalise(boolean secure) {
        method = common();
        int start = targetStart;
        if (array[start] != '/' && array[start] != '*') {
            authorityStart = AbsoluteForm.authority(array, targetStart, targetEnd);
            start = AbsoluteForm.path(array, targetStart, targetEnd);
            authorityEnd = start;
            if (!AbsoluteForm.isValid(array, targetStart, authorityStart, authorityEnd, secure)) {
                return false;
            }
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

    /** Whether the target names scheme and authority. */
    boolean isAbsolute() {
        return authorityEnd > 0;
    }

    int authorityStart() {
        return authorityStart;
    }

    int authorityEnd() {
        return authorityEnd;
    }

    /** Lets {@code Host} say what the target says (RFC 9112 §3.2.2); false if there is no such field. */
    boolean replaceHost() {
        int field = find(KnownField.HOST);
        if (field >= 0) {
            fields[field * STEP + 2] = authorityStart;
            fields[field * STEP + 3] = authorityEnd;
        }
        return field >= 0;
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
    }

    /** The array that the offsets of this head point into. Not to be changed. */
    byte[] array() {
        return array;
    }

    /** The method as received; empty if the head was malformed. */
    AsciiString method() {
        return method;
    }

    /** Whether the method is HEAD. */
    boolean isHead() {
        return method == HEAD;
    }

    /** Whether the method is GET. */
    boolean isGet() {
        return method == GET;
    }

    private AsciiString view(int from, int to) {
        return from == to ? AsciiString.EMPTY_STRING : new AsciiString(array, from, to - from, false);
    }

    /** Host and port as received; empty if there are none. */
    AsciiString authority() {
        int field = find(KnownField.HOST);
        return isAbsolute() ? view(authorityStart, authorityEnd)
            : field < 0 ? AsciiString.EMPTY_STRING : value(field);
    }

    /** The request line without its line end; empty for malformed heads. */
    AsciiString line() {
        return view(lineStart, lineEnd);
    }

    /** The target as received, from its path on; empty for malformed heads. */
    AsciiString target() {
        if (lineStart == lineEnd) {
            return AsciiString.EMPTY_STRING;
        }
        if (!isAbsolute()) {
            return view(targetStart, targetEnd);
        }
        AsciiString rest = view(authorityEnd, targetEnd);
        return !rest.isEmpty() && rest.byteAt(0) == '/' ? rest : AbsoluteForm.ROOT.concat(rest);
    }

    /** The raw query; empty if there is none. */
    AsciiString query() {
        return view(target.queryStart(), target.queryEnd());
    }

    /** Whether there is a query, if only an empty one. */
    boolean hasQuery() {
        return target.hasQuery();
    }

    /** The decoded, normalised path. */
    AsciiString path() {
        return path;
    }

    /** The minor version, 0 to 9. */
    int minorVersion() {
        return minor;
    }

    /** Number of fields that were kept. */
    int size() {
        return size;
    }

    private int nameStart(int field) {
        return fields[field * STEP];
    }

    private int nameEnd(int field) {
        return fields[field * STEP + 1];
    }

    /** Begin of the value of a field. */
    int valueStart(int field) {
        return fields[field * STEP + 2];
    }

    /** End of the value of a field. */
    int valueEnd(int field) {
        return fields[field * STEP + 3];
    }

    /** A view of the value of a field. */
    AsciiString value(int field) {
        return new AsciiString(array, valueStart(field), valueEnd(field) - valueStart(field), false);
    }

    /** A view of the name of a field. */
    AsciiString name(int field) {
        return new AsciiString(array, nameStart(field), nameEnd(field) - nameStart(field), false);
    }

    /** The first field at or after {@code from} with the name, letter case ignored; -1 if there is none. */
    int find(AsciiString name, int from) {
        int length = name.length();
        for (int i = from; i < size; i++) {
            if (nameEnd(i) - nameStart(i) == length
                && Ascii.equalsIgnoreCase(array, nameStart(i), name.array(), name.arrayOffset(), length)) {
                return i;
            }
        }
        return -1;
    }

    /** The host that the request names, without port, in lower case (spec/http.md §6); empty if there is none. */
    AsciiString host() {
        return hostEnd == hostStart ? AsciiString.EMPTY_STRING
            : new AsciiString(host, hostStart, hostEnd - hostStart, false);
    }
}
