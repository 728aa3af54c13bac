// SPDX-License-Identifier: Apache-2.0
package io.margay.router.internal;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** The router's events for the JDK's flight recorder. Not to be touched before somebody records. */
final class FlightEvents {

    private FlightEvents() {
    }

    /** What all events of a request have. */
    @Category("Margay")
    @StackTrace(false)
    abstract static class OfRequest extends Event {
        @Label("Request")
        @Description("The same for all events of a request, on one thread")
        long request;
        @Label("Listener")
        String listener;
        @Label("Route")
        @Description("JSON Pointer of the action that was chosen")
        String route;
        @Label("Application")
        String application;
    }

    /** A connection is there. */
    @Name("io.margay.Accept")
    @Label("Accept")
    @Category("Margay")
    @StackTrace(false)
    static final class Accept extends Event {
        @Label("Local address")
        String local;
        @Label("Connections")
        @Description("So many have been accepted by this thread")
        long connections;
    }

    /** From the complete request to the action that was chosen. */
    @Name("io.margay.Route")
    @Label("Route")
    static final class Route extends OfRequest {
    }

    /** From the arrival at the application's queue until a worker has taken it. */
    @Name("io.margay.Queue")
    @Label("Queue")
    static final class Queue extends OfRequest {
    }

    /** From there to the end of the response. */
    @Name("io.margay.Worker")
    @Label("Worker")
    static final class Worker extends OfRequest {
    }

    /** From the head of the response to its last byte. */
    @Name("io.margay.Write")
    @Label("Write")
    static final class Write extends OfRequest {
        @Label("Status")
        int status;
        @Label("Bytes")
        @DataAmount
        long bytes;
        @Label("Complete")
        @Description("Whether the whole response was handed over")
        boolean complete;
    }
}
