// SPDX-License-Identifier: Apache-2.0
package io.margay.protocol.http1;

import io.margay.http.Ascii;
import io.margay.http.Authority;
import io.netty.util.AsciiString;

/**
 * Request targets with scheme and authority, {@code http://host/path}. Unit refuses them; RFC 9112 §3.2.2 wants them
 * accepted, and the authority then decides the host instead of the {@code Host} field.
 */
final class AbsoluteForm {
    /** The path of a target that has none. */
    static final AsciiString ROOT = AsciiString.cached("/");

    private static final byte[] HTTP = {'h', 't', 't', 'p', ':', '/', '/'};
    private static final byte[] HTTPS = {'h', 't', 't', 'p', 's', ':', '/', '/'};

    private AbsoluteForm() {
    }

    /** Offset of a non-empty authority without user information, or -1 if the target is not of this form. */
    static int authority(byte[] a, int start, int end) {
        int at = begins(a, start, end, HTTP) ? start + HTTP.length
            : begins(a, start, end, HTTPS) ? start + HTTPS.length : -1;
        if (at < 0) {
            return -1;
        }
        int stop = path(a, start, end);
        for (int i = at; i < stop; i++) {
            if (!Authority.mayHave(a[i])) {
                return -1;
            }
        }
        return stop > at ? at : -1;
    }

    /** Offset of the path (or of the query or the end, if there is none) of a target of this form. */
    static int path(byte[] a, int start, int end) {
        int p = start;
        int slashes = 0;
        while (p < end && (slashes < 2 || a[p] != '/' && a[p] != '?' && a[p] != '#')) {
            slashes += a[p] == '/' ? 1 : 0;
            p++;
        }
        return p;
    }

    /**
     * Whether {@code a[start..end)}, the authority of a target that begins at {@code target}, can be one of this
     * server: a host, maybe a port up to 65535, and the scheme of the connection (RFC 9110 §7.4).
     */
    static boolean isValid(byte[] a, int target, int start, int end, boolean secure) {
        if (start < 0 || secure != begins(a, target, end, HTTPS)) {
            return false;
        }
        return Authority.isValid(a, start, end);
    }

    private static boolean begins(byte[] a, int start, int end, byte[] prefix) {
        return end - start >= prefix.length && Ascii.equalsIgnoreCase(a, start, prefix, 0, prefix.length);
    }
}
