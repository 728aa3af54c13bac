// SPDX-License-Identifier: Apache-2.0
package io.margay.schema;

import java.util.Arrays;
import java.util.Optional;

/** The syntax of patterns for client and local addresses ({@code spec/configuration.md §6.4}). */
final class AddressPatterns {
    private static final String FORMAT = "The \"address\" format is invalid.";
    private static final String OVERLAP = "The \"address\" range is overlapping.";
    private static final String PORT = "The \"address\" port an invalid port.";
    private static final String PREFIX = "The \"address\" has an invalid CIDR prefix.";

    private AddressPatterns() {
    }

    /** What is wrong with a pattern. */
    static Optional<String> problem(String pattern) {
        String text = pattern.startsWith("!") ? pattern.substring(1) : pattern;
        if (text.length() < 2) {
            return Optional.of("The \"address\" is too short.");
        }
        if (text.equals("unix")) {
            return Optional.empty();
        }
        if (text.startsWith("[")) {
            int close = text.indexOf(']');
            if (close < 0 || !text.startsWith(":", close + 1)) {
                return Optional.of(FORMAT);
            }
            return hosts(text.substring(1, close), true).or(() -> ports(text.substring(close + 2)));
        }
        int colon = text.indexOf(':');
        if (text.startsWith("*")) {
            return colon == 1 ? ports(text.substring(2)) : Optional.of(FORMAT);
        }
        if (colon >= 0 && text.indexOf(':', colon + 1) > 0) {
            return hosts(text, true);
        }
        String host = colon < 0 ? text : text.substring(0, colon);
        return hosts(host, false).or(() -> colon < 0 ? Optional.empty() : ports(text.substring(colon + 1)));
    }

    private static Optional<String> ports(String text) {
        int dash = text.indexOf('-');
        int low = Addresses.decimal(dash < 0 ? text : text.substring(0, dash), 65_535);
        int high = dash < 0 ? low : Addresses.decimal(text.substring(dash + 1), 65_535);
        if (low < 0 || high < 0) {
            return Optional.of(PORT);
        }
        return low > high ? Optional.of(OVERLAP) : Optional.empty();
    }

    private static Optional<String> hosts(String text, boolean six) {
        int slash = text.indexOf('/');
        if (slash >= 0) {
            if (host(text.substring(0, slash), six).isEmpty()) {
                return Optional.of(FORMAT);
            }
            boolean prefix = Addresses.decimal(text.substring(slash + 1), six ? 128 : 32) >= 0;
            return prefix ? Optional.empty() : Optional.of(PREFIX);
        }
        int dash = text.indexOf('-');
        Optional<byte[]> low = host(dash < 0 ? text : text.substring(0, dash), six);
        Optional<byte[]> high = dash < 0 ? low : host(text.substring(dash + 1), six);
        if (low.isEmpty() || high.isEmpty()) {
            return Optional.of(FORMAT);
        }
        return Arrays.compareUnsigned(low.get(), high.get()) > 0 ? Optional.of(OVERLAP) : Optional.empty();
    }

    private static Optional<byte[]> host(String text, boolean six) {
        return six ? Addresses.ipv6(text) : Addresses.ipv4(text);
    }
}
