// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import io.netty.util.AsciiString;
import java.util.HashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * What a WebSocket client and the server agree on about compressed messages (permessage-deflate, RFC 7692 §7.1).
 *
 * @param context whether messages, of either side, may refer to those before them
 * @param bits whether the client has asked for the window of the server to be named
 */
record Deflation(boolean context, boolean bits) {
    static final AsciiString EXTENSIONS = AsciiString.cached("Sec-WebSocket-Extensions");

    private static final String NAME = "permessage-deflate";
    private static final String NO_SERVER_CONTEXT = "server_no_context_takeover";
    private static final String NO_CLIENT_CONTEXT = "client_no_context_takeover";
    private static final String SERVER_BITS = "server_max_window_bits";
    private static final String CLIENT_BITS = "client_max_window_bits";
    private static final int LEAST_BITS = 8;
    private static final int MOST_BITS = 15;
    private static final String WITHOUT_CONTEXT = "; " + NO_SERVER_CONTEXT + "; " + NO_CLIENT_CONTEXT;
    private static final int SENSIBLE = 1024;

    /** The answer to the first offer of a client that the server can take, if the settings want that. */
    static Optional<Deflation> of(Request request, WebSocketSettings settings) {
        if (!settings.compression()) {
            return Optional.empty();
        }
        for (int i = 0; i < request.fieldCount(); i++) {
            if (request.name(i).contentEqualsIgnoreCase(EXTENSIONS) && request.value(i).length() <= SENSIBLE) {
                Optional<Deflation> chosen = of(request.value(i).toString(), settings.contextTakeover());
                if (chosen.isPresent()) {
                    return chosen;
                }
            }
        }
        return Optional.empty();
    }

    /** The answer to the offers of one field line. */
    static Optional<Deflation> of(String offers, boolean context) {
        for (String offer : offers.split(",")) {
            String[] parts = offer.split(";", -1);
            Set<String> seen = new HashSet<>();
            boolean good = parts[0].strip().equalsIgnoreCase(NAME);
            for (int i = 1; i < parts.length && good; i++) {
                good = isGood(parts[i].strip().toLowerCase(Locale.ROOT), seen);
            }
            if (good) {
                return Optional.of(new Deflation(context && !seen.contains(NO_SERVER_CONTEXT)
                    && !seen.contains(NO_CLIENT_CONTEXT), seen.contains(SERVER_BITS)));
            }
        }
        return Optional.empty();
    }

    private static boolean isGood(String parameter, Set<String> seen) {
        int equals = parameter.indexOf('=');
        String name = equals < 0 ? parameter : parameter.substring(0, equals).strip();
        String value = equals < 0 ? "" : parameter.substring(equals + 1).strip();
        if (value.length() > 2 && value.startsWith("\"") && value.endsWith("\"")) {
            value = value.substring(1, value.length() - 1);
        }
        boolean good = switch (name) {
            case NO_SERVER_CONTEXT, NO_CLIENT_CONTEXT -> equals < 0;
            // The library compresses with the largest window only, and reads any.
            case SERVER_BITS -> bits(value) == MOST_BITS;
            case CLIENT_BITS -> equals < 0 || bits(value) > 0;
            default -> false;
        };
        return good && seen.add(name);
    }

    private static int bits(String value) {
        if (value.isEmpty() || value.length() > 2 || value.charAt(0) == '0'
            || !value.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return 0;
        }
        int bits = Integer.parseInt(value);
        return bits >= LEAST_BITS && bits <= MOST_BITS ? bits : 0;
    }

    /** What the client is told. */
    AsciiString field() {
        return new AsciiString(NAME + (context ? "" : WITHOUT_CONTEXT) + (bits ? "; " + SERVER_BITS + "=15" : ""));
    }
}
