// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The head of a response: status, framing, and the field lines that are for the client. Line ends are CRLF, names are
 * tokens, nothing is folded, and there is one way to tell the length: whatever two readers could understand in two ways
 * is refused. A view that is filled anew for each response, on the thread of its parser.
 */
public final class AnswerHead {

    /** Fields of the connection between worker and server; names in lower case. */
    private static final List<byte[]> OWN = words("connection", "keep-alive", "proxy-connection", "transfer-encoding",
        "upgrade", "te");
    /** Those of a program that this server runs. */
    private static final List<byte[]> PROGRAM = words("trailer", "status");
    private static final byte[] CONNECTION = word("connection");
    private static final byte[] ENCODING = word("transfer-encoding");
    private static final byte[] LENGTH = word("content-length");
    private static final byte[] CHUNKED = word("chunked");
    private static final byte[] STATUS = word("status");
    private static final byte[] VERSION = word("HTTP/1.");
    private static final int CODE = 9;
    private static final int SMALL = 16 << 10;

    private ByteBuf fields = Unpooled.buffer(512);
    private final List<String> named = new ArrayList<>();
    private int status;
    private boolean keepAlive;
    private boolean closes;
    private boolean chunked;
    private long length;
    private boolean encoded;
    private boolean mended;
    private boolean hasStatus;

    private final ReplyRules rules;

    AnswerHead(ReplyRules rules) {
        this.rules = rules;
    }

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

    /** The status, from 100 on. */
    public int status() {
        return status;
    }

    /** Whether the server will take another request on this connection. */
    public boolean keepsAlive() {
        return keepAlive;
    }

    /** Whether the body comes in chunks. */
    public boolean isChunked() {
        return chunked;
    }

    /** The announced length of the body, -1 when there is none. */
    public long length() {
        return length;
    }

    /** The field lines for the client, valid until the next head. */
    public ByteBuf fields() {
        return fields;
    }

    /** Whether a length was invalid or told twice, and was dropped. */
    public boolean isMended() {
        return mended;
    }

    /** Whether {@code Status} is among the fields. */
    public boolean hasStatus() {
        return hasStatus;
    }

    /** Whether bytes can be the beginning of a head. */
    public static boolean mayBegin(byte[] a, int size) {
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
        mended = false;
        hasStatus = false;
        closes = false;
        length = -1;
        int at = statusLine(a, end);
        int first = at;
        while (!isLineEnd(a[at])) {
            at = connectionField(a, at);
        }
        at = first;
        length = -1;
        while (!isLineEnd(a[at])) {
            at = field(a, at);
        }
        if (afterLine(a, at) != end) {
            throw new BadResponseException("a head with a line that does not end with CRLF");
        }
        if (encoded && (!chunked || length >= 0 || mended)) {
            throw new BadResponseException(length >= 0 || mended
                ? "a head with both Content-Length and Transfer-Encoding"
                : "a head with an unknown Transfer-Encoding");
        }
        if (mended) {
            length = -1;
        }
        // Whatever else is said (RFC 9112 §9.3), and in whatever order.
        keepAlive &= !closes && !mended;
    }

    private boolean isLineEnd(byte c) {
        return c == '\r' || c == '\n' && rules.isLenient();
    }

    /** Where the next line begins, when one ends at a place that has been looked at; -1 if it does not. */
    private int afterLine(byte[] a, int at) {
        return a[at] == '\n' && rules.isLenient() ? at + 1 : a[at] == '\r' && a[at + 1] == '\n' ? at + 2 : -1;
    }

    private int statusLine(byte[] a, int end) throws BadResponseException {
        boolean good = end > CODE + 4 && mayBegin(a, end) && (a[7] == '0' || a[7] == '1') && a[8] == ' '
            && (a[CODE + 3] == ' ' || isLineEnd(a[CODE + 3]));
        long code = good ? Ascii.decimal(a, CODE, CODE + 3) : -1;
        if (code < 100) {
            throw new BadResponseException("no status line of HTTP/1");
        }
        status = (int) code;
        keepAlive = a[7] == '1';
        return afterLine(a, lineEnd(a, CODE + 3));
    }

    /** The place of the CR, or LF alone, that ends the line; there is one, since the head ends with two. */
    private int lineEnd(byte[] a, int from) throws BadResponseException {
        int at = from;
        while (Ascii.isValue(a[at])) {
            at++;
        }
        if (afterLine(a, at) < 0) {
            throw new BadResponseException("a head with a control character, or a line that does not end with CRLF");
        }
        return at;
    }

    /** First round: which fields are for this connection only, and whether there is one good length. */
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
                    case "close" -> closes = true;
                    case "keep-alive" -> keepAlive |= a[7] == '0';
                    default -> named.add(option);
                }
            }
        } else if (rules.isLenient() && is(a, start, colon, LENGTH)) {
            String text = new String(a, colon + 1, end - colon - 1, StandardCharsets.ISO_8859_1).strip();
            byte[] digits = word(text);
            mended |= length >= 0 || Ascii.decimal(digits, 0, digits.length) < 0;
            length = 0;
        }
        return afterLine(a, end);
    }

    private int field(byte[] a, int start) throws BadResponseException {
        int colon = start;
        while (a[colon] != ':') {
            colon++;
        }
        int end = lineEnd(a, colon + 1);
        int next = afterLine(a, end);
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
                return next;
            }
        }
        if (!isOwn(a, start, colon)) {
            fields.writeBytes(a, start, colon - start).writeByte(':').writeByte(' ').writeBytes(a, from, to - from)
                .writeByte('\r').writeByte('\n');
            hasStatus |= is(a, start, colon, STATUS);
        }
        return next;
    }

    /** Notes a length; false when it is the same once more. */
    private boolean length(byte[] a, int from, int to) throws BadResponseException {
        long value = Ascii.decimal(a, from, to);
        if (mended) {
            return false;
        }
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
        if (isAmong(OWN, a, start, colon) || !rules.isLenient() && isAmong(PROGRAM, a, start, colon)
            || mended && is(a, start, colon, LENGTH)) {
            return true;
        }
        if (named.isEmpty() || is(a, start, colon, LENGTH)) {
            return false;
        }
        return named.contains(new String(a, start, colon - start, StandardCharsets.ISO_8859_1)
            .toLowerCase(Locale.ROOT));
    }

    private static boolean isAmong(List<byte[]> words, byte[] a, int start, int end) {
        for (byte[] word : words) {
            if (is(a, start, end, word)) {
                return true;
            }
        }
        return false;
    }

    private static boolean is(byte[] a, int start, int end, byte[] word) {
        return end - start == word.length && Ascii.equalsIgnoreCase(a, start, word, 0, word.length);
    }

    private static boolean isBlank(byte c) {
        return c == ' ' || c == '\t';
    }
}
