// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import java.util.Arrays;

/**
 * When what happened to one exchange, by the clock of its loop: nanoseconds without an absolute meaning, exact to one
 * turn of the loop. One object serves many exchanges in turn; valid until the exchange is done.
 */
public final class Timings {

    /** The stations of an exchange, in their order. */
    public enum Stage {
        /** The first byte of the request was received. */
        BEGIN,
        /** Head and body of the request are complete. */
        REQUEST,
        /** The route has chosen an action. */
        ROUTE,
        /** It began to wait for a worker. */
        QUEUE,
        /** A worker has taken it. */
        WORKER,
        /** The head of the response was made. */
        FIRST_BYTE,
        /** The last part of the response was handed over. */
        LAST_BYTE
    }

    private static final int COUNT = Stage.LAST_BYTE.ordinal() + 1;

    private final long[] at = new long[COUNT];
    private int seen;

    /** Forgets everything. */
    public void clear() {
        if (seen != 0) {
            seen = 0;
            Arrays.fill(at, 0);
        }
    }

    /** Notes a stage; a second time replaces the first. */
    public void mark(Stage stage, long nanos) {
        seen |= 1 << stage.ordinal();
        at[stage.ordinal()] = nanos;
    }

    /** Whether the exchange has come there. */
    public boolean has(Stage stage) {
        return (seen >> stage.ordinal() & 1) != 0;
    }

    /** When it has come there; 0 if it has not. */
    public long at(Stage stage) {
        return at[stage.ordinal()];
    }

    /** Nanoseconds from one stage to another; 0 when one of them is missing. */
    public long between(Stage from, Stage to) {
        return has(from) && has(to) ? at(to) - at(from) : 0;
    }
}
