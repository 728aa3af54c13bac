// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Who gets a connection of another closed in its favour. */
class UnheardTest {
    private static final long LONG = 60_000_000;

    private final LinkPool pool = new LinkPool(new Endpoint("127.0.0.1:1", Optional.empty(), true, false, List.of()),
        name -> null);
    private final UpstreamLink first = new UpstreamLink(pool, null);
    private final UpstreamLink second = new UpstreamLink(pool, null);

    @Test
    void oneThatHasWaitedForLong() {
        pool.begins(first, false, 0);
        assertFalse(pool.isWanted(1000), "it may be served just now");
        assertTrue(pool.isWanted(LONG));
        assertFalse(pool.isWanted(LONG), "once");
        assertTrue(pool.isWanted(2 * LONG), "another one was accepted instead");
    }

    @Test
    void notOneThatWasHeardOf() {
        pool.begins(first, false, 0);
        pool.begins(second, false, LONG);
        pool.heard(first);
        assertFalse(pool.isWanted(LONG + 1000));
        assertTrue(pool.isWanted(2 * LONG));
    }

    @Test
    void notOneOnAConnectionThatWasThere() {
        pool.begins(first, true, 0);
        assertFalse(pool.isWanted(LONG));
    }
}
