// SPDX-License-Identifier: Apache-2.0
package io.margay.posix;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalInt;

/** The strict address forms of spec/configuration.md §5.1. */
final class AddressParser {
    private static final String UNIX = "unix:";
    private static final int GROUPS = 8;

    private AddressParser() {
    }

    static Optional<Address> parse(String text) {
        if (text.startsWith(UNIX)) {
            return unix(text.substring(UNIX.length()));
        }
        int colon = text.lastIndexOf(':');
        if (colon <= 0) {
            return Optional.empty();
        }
        OptionalInt port = port(text.substring(colon + 1));
        if (port.isEmpty()) {
            return Optional.empty();
        }
        String host = text.substring(0, colon);
        if (host.equals("*")) {
            return Optional.of(new Address.Ip4(0, port.getAsInt()));
        }
        if (host.startsWith("[") && host.endsWith("]")) {
            return ip6(host.substring(1, host.length() - 1))
                .map(half -> new Address.Ip6(half[0], half[1], port.getAsInt(), 0));
        }
        OptionalInt address = ip4(host);
        if (address.isEmpty() || address.getAsInt() == -1) {
            return Optional.empty();
        }
        return Optional.of(new Address.Ip4(address.getAsInt(), port.getAsInt()));
    }

    private static Optional<Address> unix(String path) {
        int length = path.getBytes(StandardCharsets.UTF_8).length;
        if (length < 2 || length > Address.Unix.MAX_PATH || path.indexOf('\0') >= 0) {
            return Optional.empty();
        }
        return Optional.of(new Address.Unix(path));
    }

    private static OptionalInt port(String text) {
        int port = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < '0' || c > '9') {
                return OptionalInt.empty();
            }
            port = port * 10 + c - '0';
            if (port > 65_535) {
                return OptionalInt.empty();
            }
        }
        return port == 0 ? OptionalInt.empty() : OptionalInt.of(port);
    }

    static OptionalInt ip4(String text) {
        String[] octets = text.split("\\.", -1);
        if (octets.length != 4) {
            return OptionalInt.empty();
        }
        int address = 0;
        for (String octet : octets) {
            if (octet.isEmpty() || octet.length() > 3) {
                return OptionalInt.empty();
            }
            int value = 0;
            for (int i = 0; i < octet.length(); i++) {
                char c = octet.charAt(i);
                if (c < '0' || c > '9') {
                    return OptionalInt.empty();
                }
                value = value * 10 + c - '0';
            }
            if (value > 255) {
                return OptionalInt.empty();
            }
            address = address << 8 | value;
        }
        return OptionalInt.of(address);
    }

    /** Both halves of the address. */
    static Optional<long[]> ip6(String text) {
        int gap = text.indexOf("::");
        if (gap < 0) {
            int[] groups = groups(text, true);
            return groups.length == GROUPS ? Optional.of(halves(groups)) : Optional.empty();
        }
        String before = text.substring(0, gap);
        String after = text.substring(gap + 2);
        int[] left = groups(before, false);
        int[] right = groups(after, true);
        boolean broken = left.length == 0 && !before.isEmpty() || right.length == 0 && !after.isEmpty();
        if (broken || left.length + right.length >= GROUPS) {
            return Optional.empty();
        }
        int[] all = new int[GROUPS];
        System.arraycopy(left, 0, all, 0, left.length);
        System.arraycopy(right, 0, all, GROUPS - right.length, right.length);
        return Optional.of(halves(all));
    }

    /** The 16-bit groups of a text without a gap, none when it is malformed or empty. */
    private static int[] groups(String text, boolean tail) {
        int[] none = new int[0];
        if (text.isEmpty()) {
            return none;
        }
        String[] parts = text.split(":", -1);
        int[] groups = new int[GROUPS + 2];
        int count = 0;
        for (int i = 0; i < parts.length; i++) {
            String part = parts[i];
            if (count >= GROUPS) {
                return none;
            }
            if (tail && i == parts.length - 1 && part.indexOf('.') >= 0) {
                OptionalInt address = ip4(part);
                if (address.isEmpty()) {
                    return none;
                }
                groups[count++] = address.getAsInt() >>> 16;
                groups[count++] = address.getAsInt() & 0xFFFF;
            } else if (isGroup(part)) {
                groups[count++] = Integer.parseInt(part, 16);
            } else {
                return none;
            }
        }
        return count > GROUPS ? none : Arrays.copyOf(groups, count);
    }

    private static boolean isGroup(String part) {
        if (part.isEmpty() || part.length() > 4) {
            return false;
        }
        return part.chars().allMatch(c -> c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F');
    }

    private static long[] halves(int[] groups) {
        long[] halves = new long[2];
        for (int i = 0; i < GROUPS; i++) {
            halves[i / 4] = halves[i / 4] << 16 | groups[i];
        }
        return halves;
    }
}
