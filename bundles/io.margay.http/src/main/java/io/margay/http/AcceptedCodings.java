// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import io.netty.util.AsciiString;

/**
 * What a client says of content codings (RFC 9110 §12.5.3), in thousandths: all its {@code Accept-Encoding} fields; an
 * invalid weight leaves out its item, the last one of a coding counts. Valid as long as the request is.
 */
public final class AcceptedCodings {
    private static final AsciiString ANY = AsciiString.cached("*");
    private static final AsciiString IDENTITY = AsciiString.cached("identity");
    /** RFC 9110 §8.4.1.3. */
    private static final AsciiString GZIP = AsciiString.cached("gzip");
    private static final AsciiString OLD_GZIP = AsciiString.cached("x-gzip");
    private static final int UNSAID = -1;
    private static final int FULL = 1000;
    /** Items that are read; browsers send five. */
    private static final int MOST = 16;

    private final AsciiString[] names = new AsciiString[MOST];
    private final int[] weights = new int[MOST];
    private int size;

    private AcceptedCodings() {
    }

    /** Reads a request. */
    public static AcceptedCodings of(Request request) {
        AcceptedCodings read = new AcceptedCodings();
        if (request.find(KnownField.ACCEPT_ENCODING) >= 0) {
            AsciiString name = KnownField.ACCEPT_ENCODING.text();
            for (int i = request.find(name, 0); i >= 0; i = request.find(name, i + 1)) {
                read.take(request.value(i));
            }
        }
        return read;
    }

    /** Reads one field. */
    public static AcceptedCodings of(AsciiString value) {
        AcceptedCodings read = new AcceptedCodings();
        read.take(value);
        return read;
    }

    /** Whether nothing was said of any coding. */
    public boolean isEmpty() {
        return size == 0;
    }

    /** How much a coding is wanted, up to 1000; 0 if not at all. */
    public int weight(AsciiString coding) {
        int own = said(coding);
        return own != UNSAID ? own : Math.max(0, said(ANY));
    }

    /** How much an uncoded body is wanted; 0 if it is refused, -1 if nothing was said of it. */
    public int identity() {
        int own = said(IDENTITY);
        return own != UNSAID ? own : said(ANY);
    }

    private int said(AsciiString coding) {
        for (int i = size - 1; i >= 0; i--) {
            if (names[i].contentEqualsIgnoreCase(coding)) {
                return weights[i];
            }
        }
        return UNSAID;
    }

    private void take(AsciiString value) {
        int end = value.length();
        for (int start = 0; start < end;) {
            int stop = start;
            while (stop < end && value.byteAt(stop) != ',') {
                stop++;
            }
            item(value, start, stop);
            start = stop + 1;
        }
    }

    private void item(AsciiString value, int start, int stop) {
        int from = blanks(value, start, stop);
        int to = from;
        while (to < stop && value.byteAt(to) != ';' && !isBlank(value.byteAt(to))) {
            to++;
        }
        int weight = from == to ? UNSAID : weight(value, blanks(value, to, stop), stop);
        if (weight != UNSAID && size < MOST) {
            AsciiString name = value.subSequence(from, to, false);
            names[size] = name.contentEqualsIgnoreCase(OLD_GZIP) ? GZIP : name;
            weights[size++] = weight;
        }
    }

    /** Reads {@code ;q=0.5}, with blanks anywhere as Unit has it; unsaid if it is invalid. */
    private static int weight(AsciiString value, int start, int stop) {
        int at = start;
        if (at == stop) {
            return FULL;
        }
        if (value.byteAt(at) != ';') {
            return UNSAID;
        }
        at = blanks(value, at + 1, stop);
        if (at == stop || (value.byteAt(at) | 0x20) != 'q') {
            return UNSAID;
        }
        at = blanks(value, at + 1, stop);
        if (at == stop || value.byteAt(at) != '=') {
            return UNSAID;
        }
        return number(value, blanks(value, at + 1, stop), stop);
    }

    private static int number(AsciiString value, int start, int stop) {
        int at = start;
        if (at == stop || value.byteAt(at) != '0' && value.byteAt(at) != '1') {
            return UNSAID;
        }
        int weight = (value.byteAt(at++) - '0') * FULL;
        if (at < stop && value.byteAt(at) == '.') {
            at++;
            for (int unit = FULL / 10; at < stop && isDigit(value.byteAt(at)); at++, unit /= 10) {
                weight += (value.byteAt(at) - '0') * unit;
                // Less than the third place, but not nothing: more than none, and more than all.
                weight += unit == 0 && (weight == 0 || weight == FULL) && value.byteAt(at) != '0' ? 1 : 0;
            }
        }
        return blanks(value, at, stop) == stop && weight <= FULL ? weight : UNSAID;
    }

    private static int blanks(AsciiString value, int start, int stop) {
        int at = start;
        while (at < stop && isBlank(value.byteAt(at))) {
            at++;
        }
        return at;
    }

    private static boolean isBlank(byte c) {
        return c == ' ' || c == '\t';
    }

    private static boolean isDigit(byte c) {
        return c >= '0' && c <= '9';
    }
}
