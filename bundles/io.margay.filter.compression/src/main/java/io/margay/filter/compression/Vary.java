// SPDX-License-Identifier: Apache-2.0
package io.margay.filter.compression;

import io.margay.http.ResponseHead;
import io.netty.util.AsciiString;

/** Tells caches that the response depends on what the client accepts (RFC 9110 §12.5.5). */
final class Vary {
    private static final AsciiString NAME = AsciiString.cached("Vary");
    private static final AsciiString ACCEPT_ENCODING = AsciiString.cached("Accept-Encoding");
    private static final AsciiString NEXT = AsciiString.cached(", Accept-Encoding");
    private static final AsciiString ANY = AsciiString.cached("*");

    private Vary() {
    }

    /** Adds the name of the field, unless a response says so already. */
    static void add(ResponseHead head) {
        int first = head.find(NAME);
        if (first < 0) {
            head.add(NAME, ACCEPT_ENCODING);
            return;
        }
        for (int i = first; i < head.size(); i++) {
            if (head.name(i).contentEqualsIgnoreCase(NAME) && names(head.value(i))) {
                return;
            }
        }
        AsciiString value = head.value(first).trim();
        head.set(NAME, value.isEmpty() ? ACCEPT_ENCODING : value.concat(NEXT));
    }

    private static boolean names(AsciiString value) {
        for (AsciiString part : value.split(',')) {
            AsciiString name = part.trim();
            if (name.contentEquals(ANY) || name.contentEqualsIgnoreCase(ACCEPT_ENCODING)) {
                return true;
            }
        }
        return false;
    }
}
