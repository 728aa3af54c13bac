// SPDX-License-Identifier: Apache-2.0
package io.margay.schema;

import io.margay.conf.ConfText;
import java.util.Optional;

/** Socket addresses as text ({@code spec/configuration.md §5.1}) and the numbers inside them. */
final class Addresses {
    private static final int MAX_UNIX_PATH = 107;

    private Addresses() {
    }

    /** True for {@code A.B.C.D:PORT}, {@code *:PORT}, {@code [IPv6]:PORT} and {@code unix:PATH}. */
    static boolean isSocket(String text) {
        if (text.startsWith("unix:")) {
            int length = ConfText.encode(text).length - "unix:".length();
            return length >= 2 && length <= MAX_UNIX_PATH && text.indexOf('\0') < 0;
        }
        int colon = text.lastIndexOf(':');
        if (colon < 0) {
            return false;
        }
        int port = decimal(text.substring(colon + 1), 65_535);
        if (port < 1) {
            return false;
        }
        String host = text.substring(0, colon);
        if (host.startsWith("[")) {
            return host.endsWith("]") && ipv6(host.substring(1, host.length() - 1)).isPresent();
        }
        return host.equals("*") || !host.equals("255.255.255.255") && ipv4(host).isPresent();
    }

    /** A decimal number from 0 to a limit; -1 for anything else. */
    static int decimal(String text, int limit) {
        long value = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < '0' || c > '9') {
                return -1;
            }
            value = value * 10 + (c - '0');
            if (value > limit) {
                return -1;
            }
        }
        return text.isEmpty() ? -1 : (int) value;
    }

    /** The four bytes of a dotted address. */
    static Optional<byte[]> ipv4(String text) {
        String[] parts = text.split("\\.", -1);
        if (parts.length != 4) {
            return Optional.empty();
        }
        byte[] address = new byte[4];
        for (int i = 0; i < 4; i++) {
            int octet = decimal(parts[i], 255);
            if (octet < 0) {
                return Optional.empty();
            }
            address[i] = (byte) octet;
        }
        return Optional.of(address);
    }

    /** The sixteen bytes of an IPv6 address without scope; an IPv4 tail is allowed. */
    static Optional<byte[]> ipv6(String text) {
        int gap = text.indexOf("::");
        if (gap != text.lastIndexOf("::")) {
            return Optional.empty();
        }
        byte[] address = new byte[16];
        if (gap < 0) {
            return groups(text, address, true) == 16 ? Optional.of(address) : Optional.empty();
        }
        byte[] tail = new byte[16];
        int before = groups(text.substring(0, gap), address, false);
        int after = groups(text.substring(gap + 2), tail, true);
        if (before < 0 || after < 0 || before + after > 14) {
            return Optional.empty();
        }
        System.arraycopy(tail, 0, address, 16 - after, after);
        return Optional.of(address);
    }

    /** Reads groups into the start of an array; gives the number of bytes, or -1. */
    private static int groups(String text, byte[] into, boolean last) {
        if (text.isEmpty()) {
            return 0;
        }
        String[] parts = text.split(":", -1);
        int at = 0;
        for (int i = 0; i < parts.length; i++) {
            Optional<byte[]> dotted = last && i == parts.length - 1 ? ipv4(parts[i]) : Optional.empty();
            if (at + (dotted.isPresent() ? 4 : 2) > 16) {
                return -1;
            }
            if (dotted.isPresent()) {
                System.arraycopy(dotted.get(), 0, into, at, 4);
                at += 4;
            } else {
                if (!parts[i].matches("[0-9A-Fa-f]{1,4}")) {
                    return -1;
                }
                int group = Integer.parseInt(parts[i], 16);
                into[at++] = (byte) (group >> 8);
                into[at++] = (byte) group;
            }
        }
        return at;
    }
}
