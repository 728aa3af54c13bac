// SPDX-License-Identifier: Apache-2.0
package io.margay.posix;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A host by its name, and a port of it, neither of them looked up yet.
 *
 * @param host letters, digits, hyphens and underscores between dots, in which the last part has a letter: what looks
 *     like an address is none of these
 * @param port 1 to 65535
 */
public record HostPort(String host, int port) {
    private static final int MAX_HOST = 253;
    private static final Pattern TEXT = Pattern.compile(
        "((?:[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\\.)*(?=[0-9-]*[A-Za-z])"
        + "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\\.?):([0-9]{1,5})");

    /** Reads {@code name:port}; empty when the text is none. */
    public static Optional<HostPort> tryParse(String text) {
        return Optional.of(TEXT.matcher(text)).filter(found -> found.matches() && found.end(1) <= MAX_HOST)
            .map(found -> new HostPort(found.group(1), Integer.parseInt(found.group(2))))
            .filter(found -> found.port > 0 && found.port <= 0xffff);
    }
}
