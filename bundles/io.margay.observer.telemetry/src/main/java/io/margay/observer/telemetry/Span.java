// SPDX-License-Identifier: Apache-2.0
package io.margay.observer.telemetry;

import java.util.List;

/**
 * One request, at its end.
 *
 * @param context trace and own id
 * @param parent the id of the span that it is below; 0 for none
 * @param state {@code tracestate} as it came; empty for none
 * @param name of the span
 * @param start nanoseconds since 1970
 * @param end the same
 * @param error whether the server has failed
 * @param attributes what else is known, in order
 */
record Span(TraceContext context, long parent, String state, String name, long start, long end, boolean error,
            List<Attribute> attributes) {

    /**
     * A text or a number.
     *
     * @param text null for a number
     */
    record Attribute(String key, String text, long number) {

        static Attribute of(String key, String text) {
            return new Attribute(key, text, 0);
        }

        static Attribute of(String key, long number) {
            return new Attribute(key, null, number);
        }
    }
}
