// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

/** Host and port as requests name them. */
public final class Authority {
    private static final int LAST_PORT = 65535;
    private static final String CHARACTERS = "-._~!$&'()*+,;=:[]";

    private Authority() {
    }

    /**
     * Makes of {@code a[start..end)} the host that routes match ({@code spec/http.md §6}): without port and trailing
     * dot, without what stands behind the bracket of an address, in lower case.
     *
     * @param out takes it, from its begin; as long as the given text, at least
     * @return its length, or -1 if it is none
     */
    public static int host(byte[] a, int start, int end, byte[] out) {
        int stop = -1;
        boolean closed = start == end || a[start] != '[';
        for (int p = start; p < end; p++) {
            byte c = a[p];
            if (c == '/' || c == '.' && p + 1 < end && a[p + 1] == '.') {
                return -1;
            }
            if (c == ':' && closed && stop < 0) {
                stop = p;
            }
            if (c == ']' && !closed) {
                closed = true;
                stop = p + 1;
            }
            out[p - start] = Ascii.lower(c);
        }
        int length = (stop < 0 ? end : stop) - start;
        return length > 0 && out[length - 1] == '.' ? length - 1 : length;
    }

    /**
     * Whether {@code a[start..end)} is a host, maybe with a port up to 65535 (RFC 9110 §7.2), and nothing that others
     * might read in another way: no user, no space, no escape.
     */
    public static boolean isValid(byte[] a, int start, int end) {
        for (int i = start; i < end; i++) {
            if (!mayHave(a[i])) {
                return false;
            }
        }
        int colon = end;
        while (colon > start && a[colon - 1] >= '0' && a[colon - 1] <= '9') {
            colon--;
        }
        boolean port = colon > start && a[colon - 1] == ':';
        if (port && end > colon && (end - colon > 9 || Ascii.decimal(a, colon, end) > LAST_PORT)) {
            return false;
        }
        return isHost(a, start, port ? colon - 1 : end);
    }

    /** Whether a byte may stand in a host and port that are written in one way: RFC 3986 §3.2.2, nothing encoded. */
    public static boolean mayHave(byte c) {
        return c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z'
            || c > 0 && CHARACTERS.indexOf(c) >= 0;
    }

    private static boolean isHost(byte[] a, int start, int end) {
        boolean literal = start < end && a[start] == '[';
        for (int i = start; i < end; i++) {
            boolean bracket = literal && (i == start && a[i] == '[' || i == end - 1 && a[i] == ']');
            if (!bracket && (a[i] == '[' || a[i] == ']' || a[i] == ':' && !literal)) {
                return false;
            }
        }
        return start < end && (!literal || end - start > 2 && a[end - 1] == ']');
    }
}
