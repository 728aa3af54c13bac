// SPDX-License-Identifier: Apache-2.0
package io.margay.wire.http.internal;

import io.margay.http.Ascii;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The head of a response: status, framing, and the field lines that are for the client. Line ends are CRLF, names are
 * tokens, nothing is folded, and there is one way to tell the length: whatever two readers could understand in two ways
 * is refused.
 */
final class AnswerHead {

    /** Fields of the connection between worker and server; names in lower case. */
    private static final List<byte[]> OWN = words("connection", "keep-alive", "proxy-connection", "transfer-encoding",
        "upgrade", "trailer", "te", "status");
    private static final byte[] CONNECTION = word("connection");
    private static final byte[] ENCODING = word("transfer-encoding");
    private static final byte[] LENGTH = word("content-length");
    private static final byte[] CHUNKED = word("chunked");
    private static final byte[] VERSION = word("HTTP/1.");
    private static final int CODE = 9;
    private static final int SMALL = 16 << 10;

    private ByteBuf fields = Unpooled.buffer(512);
    private final List<String> named = new ArrayList<>();
    private int status;
    private boolean keepAlive;
    private boolean chunked;
    private long length;
    private boolean encoded;

    private static List<byte[]> words(String... words) {
        List<byte[]> all = new ArrayList<>();
        for (String word : words) {
            all.add(word(word));
        }
        return all;
    }

    private static byte[] word(String word) {
        return word.getBytes(StandardCharsets.US_ASCII);
    }

    int status() {
        return status;
    }

    /** Whether the worker will take another request on this connection. */
    boolean keepsAlive() {
        return keepAlive;
    }

    boolean isChunked() {
        return chunked;
    }

    /** The announced length of the body, -1 when there is none. */
    long length() {
        return length;
    }

    /** The field lines for the client, valid until the next head. */
    ByteBuf fields() {
        return fields;
    }

    /** Whether bytes can be the beginning of a head. */
    static boolean mayBegin(byte[] a, int size) {
        for (int i = 0; i < Math.min(size, VERSION.length); i++) {
            if (a[i] != VERSION[i]) {
                return false;
            }
        }
        return true;
    }

    /** Reads {@code a[0..end)}, which ends with an empty line. */
    void read(byte[] a, int end) throws BadResponseException {
        if (fields.capacity() > SMALL) {
            fields = Unpooled.buffer(512);
        }
        fields.clear();
        named.clear();
        chunked = false;
        encoded = false;
        length = -1;
        int at = statusLine(a, end);
        int first = at;
        while (a[at] != '\r') {
            at = connectionField(a, at);
        }
        at = first;
        while (a[at] != '\r') {
            at = field(a, at);
        }
        if (a[at + 1] != '\n' || at + 2 != end) {
            throw new BadResponseException("a head with a line that does not end with CRLF");
        }
        if (encoded && (!chunked || length >= 0)) {
            throw new BadResponseException(length >= 0 ? "a head with both Content-Length and Transfer-Encoding"
                : "a head with an unknown Transfer-Encoding");
        }
    }

    private int statusLine(byte[] a, int end) throws BadResponseException {
        boolean good = end > CODE + 4 && mayBegin(a, end) && (a[7] == '0' || a[7] == '1') && a[8] == ' '
            && (a[CODE + 3] == ' ' || a[CODE + 3] == '\r');
        long code = good ? Ascii.decimal(a, CODE, CODE + 3) : -1;
        if (code < 100) {
            throw new BadResponseException("no status line of HTTP/1");
        }
        status = (int) code;
        keepAlive = a[7] == '1';
        return lineEnd(a, CODE + 3) + 2;
    }

    /** The place of the CR that ends the line; there is one, since the head ends with two. */
    private static int lineEnd(byte[] a, int from) throws BadResponseException {
        int at = from;
        while (Ascii.isValue(a[at])) {
            at++;
        }
        if (a[at] != '\r' || a[at + 1] != '\n') {
            throw new BadResponseException("a head with a control character, or a line that does not end with CRLF");
        }
        return at;
    }

    /** First round: which fields are for this connection only. */
    private int connectionField(byte[] a, int start) throws BadResponseException {
        int colon = start;
        while (Ascii.isToken(a[colon])) {
            colon++;
        }
        if (colon == start || a[colon] != ':') {
            throw new BadResponseException("a head with a line that is no field");
        }
        int end = lineEnd(a, colon + 1);
        if (is(a, start, colon, CONNECTION)) {
            for (String part : new String(a, colon + 1, end - colon - 1, StandardCharsets.ISO_8859_1).split(",")) {
                String option = part.strip().toLowerCase(Locale.ROOT);
                switch (option) {
                    case "close" -> keepAlive = false;
                    case "keep-alive" -> keepAlive |= a[7] == '0';
                    default -> named.add(option);
                }
            }
        }
        return end + 2;
    }

    private int field(byte[] a, int start) throws BadResponseException {
        int colon = start;
        while (a[colon] != ':') {
            colon++;
        }
        int end = lineEnd(a, colon + 1);
        int from = colon + 1;
        int to = end;
        while (from < to && isBlank(a[from])) {
            from++;
        }
        while (to > from && isBlank(a[to - 1])) {
            to--;
        }
        if (is(a, start, colon, ENCODING)) {
            // One encoding, and the last: what is behind it would have no end.
            chunked = !encoded && a[7] == '1' && is(a, from, to, CHUNKED);
            encoded = true;
        } else if (is(a, start, colon, LENGTH)) {
            if (!length(a, from, to)) {
                return end + 2;
            }
        }
        if (!isOwn(a, start, colon)) {
            fields.writeBytes(a, start, colon - start).writeByte(':').writeByte(' ').writeBytes(a, from, to - from)
                .writeByte('\r').writeByte('\n');
        }
        return end + 2;
    }

    /** Notes a length; false when it is the same once more. */
    private boolean length(byte[] a, int from, int to) throws BadResponseException {
        long value = Ascii.decimal(a, from, to);
        if (value < 0) {
            throw new BadResponseException("a Content-Length that is no number");
        }
        if (length >= 0 && length != value) {
            throw new BadResponseException("a head with two lengths");
        }
        boolean first = length < 0;
        length = value;
        return first;
    }

    private boolean isOwn(byte[] a, int start, int colon) {
        for (byte[] word : OWN) {
            if (is(a, start, colon, word)) {
                return true;
            }
        }
        if (named.isEmpty() || is(a, start, colon, LENGTH)) {
            return false;
        }
        return named.contains(new String(a, start, colon - start, StandardCharsets.ISO_8859_1)
            .toLowerCase(Locale.ROOT));
    }

    private static boolean is(byte[] a, int start, int end, byte[] word) {
        return end - start == word.length && Ascii.equalsIgnoreCase(a, start, word, 0, word.length);
    }

    private static boolean isBlank(byte c) {
        return c == ' ' || c == '\t';
    }
}
