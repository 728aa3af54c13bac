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
    private String listener = "";
    private String route = "";
    private String application = "";
    private String upstream = "";
    private Object note;

    /** Forgets everything. */
    public void clear() {
        if (seen != 0) {
            seen = 0;
            Arrays.fill(at, 0);
            listener = "";
            route = "";
            application = "";
            upstream = "";
            note = null;
        }
    }

    /** The listener as configured; empty before the request was given to it. */
    public String listener() {
        return listener;
    }

    /** Names the listener. */
    public void listener(String address) {
        listener = address;
    }

    /** The action that was chosen last, by its JSON Pointer; empty if none was. */
    public String route() {
        return route;
    }

    /** Names the action. */
    public void route(String pointer) {
        route = pointer;
    }

    /** The application that it was given to last; empty if to none. */
    public String application() {
        return application;
    }

    /** Names the application. */
    public void application(String name) {
        application = name;
    }

    /** The address of the server that it was given to last, as configured; empty if to none. */
    public String upstream() {
        return upstream;
    }

    /** Names the server of an upstream. */
    public void upstream(String address) {
        upstream = address;
    }

    /** What a probe keeps with the exchange; null at first. At most one probe of a loop may do so. */
    public Object note() {
        return note;
    }

    /** Keeps something for a probe. */
    public void note(Object kept) {
        note = kept;
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
