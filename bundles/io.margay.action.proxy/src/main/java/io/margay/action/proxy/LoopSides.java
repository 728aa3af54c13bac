// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import io.margay.http.HttpLoop;
import java.util.Arrays;

/** The sides of all loops, made when a loop forwards for the first time. Safe for all threads. */
final class LoopSides {
    private volatile LoopSide[] sides = {};

    /** That of a loop. */
    LoopSide of(HttpLoop loop) {
        LoopSide[] seen = sides;
        int index = loop.index();
        if (index < seen.length && seen[index] != null && seen[index].http() == loop) {
            return seen[index];
        }
        return add(loop);
    }

    private synchronized LoopSide add(HttpLoop loop) {
        LoopSide[] more = Arrays.copyOf(sides, Math.max(sides.length, loop.index() + 1));
        LoopSide side = new LoopSide(loop);
        more[loop.index()] = side;
        sides = more;
        return side;
    }
}
