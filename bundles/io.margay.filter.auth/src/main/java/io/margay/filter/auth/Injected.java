// SPDX-License-Identifier: Apache-2.0
package io.margay.filter.auth;

import io.margay.conf.ConfText;
import io.margay.http.Ascii;
import io.margay.http.Exchange;
import io.margay.http.Request;
import io.margay.route.PlanContext;
import io.margay.route.RouteException;
import io.netty.util.AsciiString;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Fields of requests that applications may believe, since the server says them: what a client sends in their place is
 * removed, also with an underscore for a dash, which many applications cannot tell from it.
 */
final class Injected {
    /** They tell where a request ends and whose it is. */
    private static final Set<String> FIXED = Set.of("connection", "content-length", "transfer-encoding", "te",
        "trailer", "upgrade", "keep-alive", "proxy-connection", "expect", "http2-settings", "host");

    private Injected() {
    }

    /**
     * Takes the name of a field from the configuration.
     *
     * @throws RouteException if it is none that may be set
     */
    static AsciiString name(String text, PlanContext here, String option) {
        boolean good = !text.isEmpty() && text.chars().allMatch(c -> c < 0x80 && Ascii.isToken((byte) c));
        if (!good || FIXED.contains(text.toLowerCase(Locale.ROOT))) {
            throw here.error(option, "The request header name \"" + text + "\" is invalid.");
        }
        return new AsciiString(ConfText.encode(text), false);
    }

    /** Removes all that looks like one of the names from a request. */
    static void remove(Exchange exchange, List<AsciiString> names) {
        Request request = exchange.request();
        for (int i = 0; i < request.fieldCount(); i++) {
            if (isOne(request.name(i), names)) {
                exchange.requestField(request.name(i), Optional.empty());
                // The others of the same name are gone, too.
                request = exchange.request();
                i--;
            }
        }
    }

    private static boolean isOne(AsciiString field, List<AsciiString> names) {
        for (int i = 0; i < names.size(); i++) {
            if (isSame(field, names.get(i))) {
                return true;
            }
        }
        return false;
    }

    private static boolean isSame(AsciiString field, AsciiString name) {
        if (field.length() != name.length()) {
            return false;
        }
        for (int i = 0; i < field.length(); i++) {
            if (folded(field.byteAt(i)) != folded(name.byteAt(i))) {
                return false;
            }
        }
        return true;
    }

    private static byte folded(byte c) {
        return c == '_' ? (byte) '-' : Ascii.lower(c);
    }

    /** Whether a text can be the value of a field. */
    static boolean isValue(AsciiString text) {
        for (int i = 0; i < text.length(); i++) {
            if (!Ascii.isValue(text.byteAt(i))) {
                return false;
            }
        }
        return true;
    }
}
