// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import io.margay.http.Exchange;
import io.netty.util.AsciiString;
import java.util.List;
import java.util.Map;

/**
 * Finds all keys that a text begins with, in one walk over it. Immutable: an open table by hashes that grow with each
 * byte, which are looked up at the lengths that keys have.
 */
final class PrefixTable {

    /** One key, and the steps that have it, in their order. */
    private record Entry(AsciiString key, int hash, int[] steps) {
        boolean isStartOf(byte[] text, int start) {
            byte[] own = key.array();
            for (int i = 0, at = key.arrayOffset(); i < key.length(); i++) {
                if (own[at + i] != text[start + i]) {
                    return false;
                }
            }
            return true;
        }
    }

    private final Entry[] table;
    private final boolean[] lengths;

    PrefixTable(Map<AsciiString, List<Integer>> keys) {
        table = new Entry[Integer.highestOneBit(Math.max(1, keys.size())) * 4];
        lengths = new boolean[1 + keys.keySet().stream().mapToInt(AsciiString::length).max().orElse(0)];
        keys.forEach((key, steps) -> {
            lengths[key.length()] = true;
            int hash = 0;
            for (int i = 0; i < key.length(); i++) {
                hash = next(hash, key.byteAt(i));
            }
            int at = place(hash);
            while (table[at] != null) {
                at = at + 1 & table.length - 1;
            }
            table[at] = new Entry(key, hash, steps.stream().mapToInt(Integer::intValue).toArray());
        });
    }

    /**
     * The first step that matches among those of all keys that a text begins with.
     *
     * @param text a path of the exchange
     * @param steps of the route
     * @return its number, or {@link Integer#MAX_VALUE}
     */
    int first(AsciiString text, Route.Step[] steps, Exchange exchange) {
        byte[] bytes = text.array();
        int start = text.arrayOffset();
        int longest = Math.min(lengths.length - 1, text.length());
        int best = Integer.MAX_VALUE;
        int hash = 0;
        for (int length = 0;; length++) {
            if (lengths[length]) {
                best = Math.min(best, atLength(length, hash, bytes, start, best, steps, exchange));
            }
            if (length == longest) {
                return best;
            }
            hash = next(hash, bytes[start + length]);
        }
    }

    private int atLength(int length, int hash, byte[] bytes, int start, int best, Route.Step[] steps,
                         Exchange exchange) {
        for (int at = place(hash); table[at] != null; at = at + 1 & table.length - 1) {
            Entry entry = table[at];
            if (entry.hash == hash && entry.key.length() == length && entry.isStartOf(bytes, start)) {
                for (int step : entry.steps) {
                    if (step >= best) {
                        break;
                    }
                    if (steps[step].matches(exchange)) {
                        return step;
                    }
                }
                return best;
            }
        }
        return best;
    }

    private static int next(int hash, byte c) {
        return 31 * hash + c;
    }

    private int place(int hash) {
        return (hash ^ hash >>> 15) * 0x9E3779B1 >>> 7 & table.length - 1;
    }
}
