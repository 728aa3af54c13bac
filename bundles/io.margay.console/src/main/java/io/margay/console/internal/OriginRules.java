// SPDX-License-Identifier: Apache-2.0
package io.margay.console.internal;

import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Which names browsers may call the console by, and from which pages they may change something. A page of another site
 * whose name was made to point to this machine still sends its own name as {@code Host}.
 */
final class OriginRules {
    private static final Pattern HOST =
        Pattern.compile("(\\[[0-9a-f:.]{2,45}]|[a-z0-9._-]{1,255})(:[0-9]{1,5})?");
    private static final Pattern LOOPBACK =
        Pattern.compile("localhost|127\\.[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}|\\[::1]");

    private final Set<String> names;

    /** Besides the names of the loopback interface. */
    OriginRules(Set<String> names) {
        this.names = names;
    }

    /** {@return whether a field {@code Host} names this console} */
    boolean isOurs(String host) {
        if (host == null) {
            return false;
        }
        var parts = HOST.matcher(host.toLowerCase(Locale.ROOT));
        return parts.matches() && (LOOPBACK.matcher(parts.group(1)).matches() || names.contains(parts.group(1)));
    }

    /**
     * Where a change comes from.
     *
     * @param host the field {@code Host}, which is ours
     * @param origin the field {@code Origin}, or {@code Referer}; null when there was none
     * @return true for a page of this console, false for one of another; empty when nobody says
     */
    static Optional<Boolean> isSame(String host, String origin) {
        if (origin == null) {
            return Optional.empty();
        }
        String text = origin.toLowerCase(Locale.ROOT);
        String begin = "http://" + host.toLowerCase(Locale.ROOT);
        String safe = "https://" + host.toLowerCase(Locale.ROOT);
        return Optional.of(text.equals(begin) || text.startsWith(begin + "/") || text.equals(safe)
            || text.startsWith(safe + "/"));
    }
}
