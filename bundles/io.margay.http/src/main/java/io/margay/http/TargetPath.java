// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

/**
 * Splits a request target into its decoded, normalised path and its raw query (spec/http.md §4).
 * Reused from request to request; the results are valid until the next call.
 */
public final class TargetPath {
    private byte[] decoded = new byte[64];
    private byte[] path;
    private int pathStart;
    private int pathEnd;
    private int queryStart;
    private int queryEnd;
    private boolean simple;
    private boolean hasQuery;

    /** The array that holds the path: the given one in the simple case, otherwise a buffer of this object. */
    public byte[] path() {
        return path;
    }

    /** Offset of the path in {@link #path()}. */
    public int pathStart() {
        return pathStart;
    }

    /** End of the path in {@link #path()}. */
    public int pathEnd() {
        return pathEnd;
    }

    /** Offset of the query in the given array; equal to {@link #queryEnd()} if there is none. */
    public int queryStart() {
        return queryStart;
    }

    /** End of the query in the given array. */
    public int queryEnd() {
        return queryEnd;
    }

    /** Whether there is a query, if only an empty one. */
    public boolean hasQuery() {
        return hasQuery;
    }

    /** Whether the path stands in the target byte for byte. */
    public boolean isSimple() {
        return simple;
    }

    /**
     * Reads the target {@code a[start..end)}.
     *
     * @return false if the target is invalid
     */
    public boolean parse(byte[] a, int start, int end) {
        int p = start;
        byte previous = 0;
        simple = true;
        hasQuery = false;
        queryStart = end;
        queryEnd = end;
        while (p < end) {
            byte c = a[p];
            if (c == '?') {
                query(a, p + 1, end);
                break;
            }
            if (c == '%' || c == '#' || previous == '/' && (c == '/' || c == '.')) {
                return complex(a, start, end);
            }
            previous = c;
            p++;
        }
        path = a;
        pathStart = start;
        pathEnd = p;
        return true;
    }

    private void query(byte[] a, int start, int end) {
        int p = start;
        while (p < end && a[p] != '#') {
            p++;
        }
        hasQuery = true;
        queryStart = start;
        queryEnd = p;
    }

    private boolean complex(byte[] a, int start, int end) {
        simple = false;
        if (decoded.length < end - start) {
            decoded = new byte[Math.max(end - start, 2 * decoded.length)];
        }
        byte[] out = decoded;
        int size = 0;
        int segment = 0;
        int p = start;
        while (p < end) {
            byte c = a[p++];
            if (c == '?') {
                query(a, p, end);
                break;
            }
            if (c == '#') {
                break;
            }
            if (c == '%') {
                int high = p + 1 < end ? Ascii.hex(a[p]) : -1;
                int low = high >= 0 ? Ascii.hex(a[p + 1]) : -1;
                c = (byte) (high << 4 | low);
                if (low < 0 || c == 0) {
                    return false;
                }
                p += 2;
            }
            if (c != '/') {
                out[size++] = c;
                continue;
            }
            if (size > segment || size == 0) {
                size = endSegment(out, segment, size, true);
                if (size < 0) {
                    return false;
                }
                segment = size;
            }
        }
        size = endSegment(out, segment, size, false);
        path = out;
        pathStart = 0;
        pathEnd = size;
        return size >= 0;
    }

    /** Ends the segment {@code out[segment..size)}, and gives the new size, or -1 if it climbs above the root. */
    private static int endSegment(byte[] out, int segment, int size, boolean slash) {
        int length = size - segment;
        if (length == 1 && out[segment] == '.') {
            return segment;
        }
        if (length == 2 && out[segment] == '.' && out[segment + 1] == '.') {
            if (segment <= 1) {
                return -1;
            }
            int p = segment - 1;
            while (p > 0 && out[p - 1] != '/') {
                p--;
            }
            return p;
        }
        if (slash) {
            out[size++] = '/';
        }
        return size;
    }
}
