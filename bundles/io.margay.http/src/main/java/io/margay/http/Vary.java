// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import io.netty.util.AsciiString;

/** Tells caches on which fields of the request a response depends (RFC 9110 §12.5.5). */
public final class Vary {
    private static final AsciiString NAME = AsciiString.cached("Vary");
    private static final AsciiString COMMA = AsciiString.cached(", ");
    private static final AsciiString ANY = AsciiString.cached("*");

    private Vary() {
    }

    /**
     * Adds the name of a field, unless the response says so already.
     *
     * @param field a token; letter case is ignored
     */
    public static void add(ResponseHead head, AsciiString field) {
        int first = head.find(NAME);
        if (first < 0) {
            head.add(NAME, field);
            return;
        }
        for (int i = first; i < head.size(); i++) {
            if (head.name(i).contentEqualsIgnoreCase(NAME) && names(head.value(i), field)) {
                return;
            }
        }
        AsciiString value = Ascii.trim(head.value(first));
        head.set(NAME, value.isEmpty() ? field : value.concat(COMMA).concat(field));
    }

    private static boolean names(AsciiString value, AsciiString field) {
        for (AsciiString part : value.split(',')) {
            AsciiString name = Ascii.trim(part);
            if (name.contentEquals(ANY) || name.contentEqualsIgnoreCase(field)) {
                return true;
            }
        }
        return false;
    }
}
