// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

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
            if (a[i] <= ' ' || a[i] == '@' || a[i] == '\\' || a[i] == '%') {
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

    private static boolean begins(byte[] a, int start, int end, byte[] prefix) {
        return end - start >= prefix.length && KnownField.equalsIgnoreCase(a, start, prefix, 0, prefix.length);
    }
}
