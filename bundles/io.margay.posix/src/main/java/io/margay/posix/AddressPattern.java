// SPDX-License-Identifier: Apache-2.0
package io.margay.posix;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A pattern for the addresses of sockets ({@code spec/routing.md §4.3}) without its negation: an address, a range of
 * them or a network, with or without ports; {@code *:80}; {@code unix}. Immutable.
 */
public final class AddressPattern {
    private static final String SHORT = "The \"address\" is too short.";
    private static final String FORMAT = "The \"address\" format is invalid.";
    private static final String OVERLAP = "The \"address\" range is overlapping.";
    private static final String PORT = "The \"address\" port an invalid port.";
    private static final String PREFIX = "The \"address\" has an invalid CIDR prefix.";
    private static final int MAX_PORT = 65_535;
    private static final byte[] ANY = {};

    /** Ends the reading of a pattern; carries no stack since it is an answer, not a fault. */
    private static final class Malformed extends Exception {
        private static final long serialVersionUID = 1L;

        Malformed(String reason) {
            super(reason, null, false, false);
        }
    }

    private final boolean unix;
    private final byte[] low;
    private final byte[] high;
    private final int firstPort;
    private final int lastPort;

    private AddressPattern(boolean unix, byte[][] range, int[] ports) {
        this.unix = unix;
        this.low = range[0];
        this.high = range[1];
        this.firstPort = ports[0];
        this.lastPort = ports[1];
    }

    /**
     * Reads a pattern.
     *
     * @throws IllegalArgumentException when it is none; its message is the text for the user
     */
    public static AddressPattern parse(String text) {
        try {
            return read(text);
        } catch (Malformed e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    /** What is wrong with a pattern, as a text for the user; empty when it is good. */
    public static Optional<String> problem(String text) {
        try {
            read(text);
            return Optional.empty();
        } catch (Malformed e) {
            return Optional.of(e.getMessage());
        }
    }

    /**
     * Whether an address is one of those meant.
     *
     * @param ip 4 or 16 bytes in network order; none for a unix socket
     */
    public boolean matches(byte[] ip, int port) {
        if (unix || ip.length == 0) {
            return unix && ip.length == 0;
        }
        if (port < firstPort || port > lastPort) {
            return false;
        }
        return low.length == 0 || ip.length == low.length && Arrays.compareUnsigned(low, ip) <= 0
            && Arrays.compareUnsigned(ip, high) <= 0;
    }

    private static AddressPattern read(String text) throws Malformed {
        int[] all = {0, MAX_PORT};
        if (text.length() < 2) {
            throw new Malformed(SHORT);
        }
        if (text.equals("unix")) {
            return new AddressPattern(true, new byte[][] {ANY, ANY}, all);
        }
        if (text.startsWith("[")) {
            int close = text.indexOf(']');
            if (close < 0 || !text.startsWith(":", close + 1)) {
                throw new Malformed(FORMAT);
            }
            return new AddressPattern(false, hosts(text.substring(1, close), true), ports(text.substring(close + 2)));
        }
        int colon = text.indexOf(':');
        if (text.startsWith("*")) {
            if (colon != 1) {
                throw new Malformed(FORMAT);
            }
            return new AddressPattern(false, new byte[][] {ANY, ANY}, ports(text.substring(2)));
        }
        if (colon >= 0 && text.indexOf(':', colon + 1) > 0) {
            return new AddressPattern(false, hosts(text, true), all);
        }
        byte[][] range = hosts(colon < 0 ? text : text.substring(0, colon), false);
        return new AddressPattern(false, range, colon < 0 ? all : ports(text.substring(colon + 1)));
    }

    private static int[] ports(String text) throws Malformed {
        int dash = text.indexOf('-');
        int first = decimal(dash < 0 ? text : text.substring(0, dash), MAX_PORT);
        int last = dash < 0 ? first : decimal(text.substring(dash + 1), MAX_PORT);
        if (first < 0 || last < 0) {
            throw new Malformed(PORT);
        }
        if (first > last) {
            throw new Malformed(OVERLAP);
        }
        return new int[] {first, last};
    }

    /** The first and the last address. */
    private static byte[][] hosts(String text, boolean six) throws Malformed {
        int slash = text.indexOf('/');
        if (slash >= 0) {
            byte[] first = host(text.substring(0, slash), six);
            int bits = decimal(text.substring(slash + 1), 8 * first.length);
            if (bits < 0) {
                throw new Malformed(PREFIX);
            }
            return network(first, bits);
        }
        int dash = text.indexOf('-');
        byte[] first = host(dash < 0 ? text : text.substring(0, dash), six);
        byte[] last = dash < 0 ? first : host(text.substring(dash + 1), six);
        if (Arrays.compareUnsigned(first, last) > 0) {
            throw new Malformed(OVERLAP);
        }
        return new byte[][] {first, last};
    }

    private static byte[][] network(byte[] first, int bits) {
        byte[] last = first.clone();
        for (int i = 0; i < first.length; i++) {
            int mask = 0xFF & ~(0xFF >> Math.clamp(bits - 8L * i, 0, 8));
            first[i] &= (byte) mask;
            last[i] = (byte) (first[i] | ~mask & 0xFF);
        }
        return new byte[][] {first, last};
    }

    private static byte[] host(String text, boolean six) throws Malformed {
        if (six) {
            long[] halves = AddressParser.ip6(text).orElseThrow(() -> new Malformed(FORMAT));
            return ByteBuffer.allocate(16).putLong(halves[0]).putLong(halves[1]).array();
        }
        OptionalInt address = AddressParser.ip4(text);
        if (address.isEmpty()) {
            throw new Malformed(FORMAT);
        }
        return ByteBuffer.allocate(4).putInt(address.getAsInt()).array();
    }

    /** A decimal number from 0 to a limit; -1 for anything else. */
    private static int decimal(String text, int limit) {
        int value = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < '0' || c > '9') {
                return -1;
            }
            value = value * 10 + c - '0';
            if (value > limit) {
                return -1;
            }
        }
        return text.isEmpty() ? -1 : value;
    }
}
