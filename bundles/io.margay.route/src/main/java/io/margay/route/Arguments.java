// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import io.margay.http.Exchange;
import io.margay.http.Request;
import io.netty.util.AsciiString;

/**
 * Walks over the arguments of the query and over cookies (spec/routing.md §4.2), without keeping a list of them. On the
 * loop of the exchange; names and values may be views that are valid as long as it.
 */
public final class Arguments {
    private static final AsciiString COOKIE = AsciiString.cached("cookie");

    /** Gets names and values, in their order. */
    @FunctionalInterface
    public interface Visitor {
        /** Gets one name and value; true to go on. */
        boolean visit(AsciiString name, AsciiString value);
    }

    private Arguments() {
    }

    /** Visits all arguments, decoded. */
    public static void query(Exchange exchange, Visitor visitor) {
        AsciiString text = exchange.request().query();
        byte[] a = text.array();
        int end = text.arrayOffset() + text.length();
        for (int start = text.arrayOffset(); start < end;) {
            int stop = find(a, start, end, '&');
            if (stop > start) {
                int equals = find(a, start, stop, '=');
                AsciiString name = Bytes.decodeOrKeep(Bytes.view(a, start, equals));
                AsciiString value = equals < stop ? Bytes.decodeOrKeep(Bytes.view(a, equals + 1, stop))
                    : AsciiString.EMPTY_STRING;
                if (!visitor.visit(name, value)) {
                    return;
                }
            }
            start = stop + 1;
        }
    }

    /** Visits all cookies of all fields. */
    public static void cookies(Exchange exchange, Visitor visitor) {
        Request request = exchange.request();
        for (int i = request.find(COOKIE, 0); i >= 0; i = request.find(COOKIE, i + 1)) {
            AsciiString text = request.value(i);
            byte[] a = text.array();
            int end = text.arrayOffset() + text.length();
            for (int start = text.arrayOffset(); start < end;) {
                int stop = find(a, start, end, ';');
                int equals = find(a, start, stop, '=');
                if (equals < stop && !cookie(a, start, equals, stop, visitor)) {
                    return;
                }
                start = stop + 1;
            }
        }
    }

    private static boolean cookie(byte[] a, int start, int equals, int stop, Visitor visitor) {
        int name = start;
        while (name < equals && a[name] == ' ') {
            name++;
        }
        int end = stop;
        while (end > equals + 1 && a[end - 1] == ' ') {
            end--;
        }
        return visitor.visit(Bytes.view(a, name, equals), Bytes.view(a, equals + 1, end));
    }

    private static int find(byte[] a, int start, int end, char c) {
        int i = start;
        while (i < end && a[i] != c) {
            i++;
        }
        return i;
    }
}
