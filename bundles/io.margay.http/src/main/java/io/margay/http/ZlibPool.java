// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import java.util.ArrayDeque;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/**
 * The states of zlib, raw ones, that the messages of one loop take in turn: one is large and slow to make, so that
 * connections have none while they are silent. On the loop.
 */
final class ZlibPool {
    /** States of each kind that are kept for later. */
    private static final int KEPT = 4;

    private final ArrayDeque<Deflater> deflaters = new ArrayDeque<>(0);
    private final ArrayDeque<Inflater> inflaters = new ArrayDeque<>(0);

    Deflater takeDeflater() {
        Deflater kept = deflaters.poll();
        // The answers of a loop wait for each other, so that time counts more than size.
        return kept != null ? kept : new Deflater(Deflater.BEST_SPEED, true);
    }

    void give(Deflater used) {
        if (deflaters.size() < KEPT) {
            used.reset();
            deflaters.push(used);
        } else {
            used.end();
        }
    }

    Inflater takeInflater() {
        Inflater kept = inflaters.poll();
        return kept != null ? kept : new Inflater(true);
    }

    void give(Inflater used) {
        if (inflaters.size() < KEPT) {
            used.reset();
            inflaters.push(used);
        } else {
            used.end();
        }
    }
}
