// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import io.margay.conf.Conf;
import io.margay.conf.ConfPointer;
import io.margay.http.PeerAddress;
import io.margay.posix.Address;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Patterns for addresses (spec/routing.md §4.3); an empty array matches nothing. */
final class AddressMatch {

    /** One pattern without its negation; an empty {@code low} stands for any address. */
    private record Range(boolean unix, boolean any, byte[] low, byte[] high, int firstPort, int lastPort) {
        boolean hits(PeerAddress address) {
            if (unix || address.isUnix()) {
                return unix && address.isUnix();
            }
            if (address.port() < firstPort || address.port() > lastPort) {
                return false;
            }
            byte[] ip = address.ip();
            return any || ip.length == low.length && Arrays.compareUnsigned(low, ip) <= 0
                && Arrays.compareUnsigned(ip, high) <= 0;
        }
    }

    private final Range[] negated;
    private final Range[] positive;

    private AddressMatch(Range[] negated, Range[] positive) {
        this.negated = negated;
        this.positive = positive;
    }

    static AddressMatch compile(Conf value, ConfPointer at) {
        List<Range> negated = new ArrayList<>();
        List<Range> positive = new ArrayList<>();
        List<Conf> all = Patterns.elements(value);
        for (int i = 0; i < all.size(); i++) {
            ConfPointer place = value == all.get(i) ? at : at.child(i);
            String text = Patterns.string(all.get(i)).orElseThrow(() ->
                new RouteException(place, "The \"match\" pattern for \"address\" must be a string."));
            boolean negation = text.startsWith("!");
            (negation ? negated : positive).add(range(negation ? text.substring(1) : text, place));
        }
        return new AddressMatch(negated.toArray(Range[]::new), positive.toArray(Range[]::new));
    }

    boolean test(PeerAddress address) {
        for (Range range : negated) {
            if (range.hits(address)) {
                return false;
            }
        }
        for (Range range : positive) {
            if (range.hits(address)) {
                return true;
            }
        }
        return positive.length == 0 && negated.length > 0;
    }

    private static Range range(String text, ConfPointer at) {
        if (text.equals("unix")) {
            return new Range(true, false, new byte[0], new byte[0], 0, 0);
        }
        if (text.length() < 2) {
            throw new RouteException(at, "The \"address\" is too short.");
        }
        int[] ports = {0, 65535};
        String host = text;
        if (text.startsWith("[")) {
            int end = text.indexOf("]:");
            if (end < 0) {
                throw format(at);
            }
            ports = ports(text.substring(end + 2), at);
            host = text.substring(1, end);
            if (host.indexOf(':') < 0) {
                throw format(at);
            }
        } else if (text.indexOf(':') >= 0 && text.indexOf(':') == text.lastIndexOf(':')) {
            ports = ports(text.substring(text.indexOf(':') + 1), at);
            host = text.substring(0, text.indexOf(':'));
        }
        if (host.equals("*") && !text.equals("*")) {
            return new Range(false, true, new byte[0], new byte[0], ports[0], ports[1]);
        }
        return addresses(host, ports, at);
    }

    private static Range addresses(String text, int[] ports, ConfPointer at) {
        int slash = text.indexOf('/');
        int dash = text.indexOf('-');
        if (slash >= 0) {
            byte[] low = ip(text.substring(0, slash), at);
            byte[] high = low.clone();
            int bits = number(text.substring(slash + 1), low.length * 8);
            if (bits < 0) {
                throw new RouteException(at, "The \"address\" has an invalid CIDR prefix.");
            }
            for (int i = 0; i < low.length; i++) {
                int mask = 0xff & ~(0xff >> Math.clamp(bits - 8L * i, 0, 8));
                low[i] &= (byte) mask;
                high[i] = (byte) (low[i] | ~mask & 0xff);
            }
            return new Range(false, false, low, high, ports[0], ports[1]);
        }
        byte[] low = ip(dash < 0 ? text : text.substring(0, dash), at);
        byte[] high = dash < 0 ? low : ip(text.substring(dash + 1), at);
        if (low.length != high.length) {
            throw format(at);
        }
        if (Arrays.compareUnsigned(low, high) > 0) {
            throw new RouteException(at, "The \"address\" range is overlapping.");
        }
        return new Range(false, false, low, high, ports[0], ports[1]);
    }

    private static byte[] ip(String text, ConfPointer at) {
        if (text.equals("255.255.255.255")) {
            // No socket can have it, but it may end a range.
            return new byte[] {-1, -1, -1, -1};
        }
        // The parser of socket addresses knows the strict notations; the port is only there to please it.
        Optional<Address> parsed = Address.tryParse(text.indexOf(':') >= 0 ? "[" + text + "]:1" : text + ":1");
        if (text.equals("*")) {
            throw format(at);
        }
        return switch (parsed.orElseThrow(() -> format(at))) {
            case Address.Ip4 ip -> ByteBuffer.allocate(4).putInt(ip.address()).array();
            case Address.Ip6 ip -> ByteBuffer.allocate(16).putLong(ip.high()).putLong(ip.low()).array();
            default -> throw format(at);
        };
    }

    private static int[] ports(String text, ConfPointer at) {
        int dash = text.indexOf('-');
        int first = number(dash < 0 ? text : text.substring(0, dash), 65535);
        int last = dash < 0 ? first : number(text.substring(dash + 1), 65535);
        if (first < 0 || last < 0 || first > last) {
            throw new RouteException(at, "The \"address\" port an invalid port.");
        }
        return new int[] {first, last};
    }

    private static int number(String text, int most) {
        if (text.isEmpty() || text.length() > 5 || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return -1;
        }
        int value = Integer.parseInt(text);
        return value <= most ? value : -1;
    }

    private static RouteException format(ConfPointer at) {
        return new RouteException(at, "The \"address\" format is invalid.");
    }
}
