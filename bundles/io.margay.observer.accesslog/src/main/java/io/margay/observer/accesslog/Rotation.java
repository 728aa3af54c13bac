// SPDX-License-Identifier: Apache-2.0
package io.margay.observer.accesslog;

import io.margay.conf.Conf;
import io.margay.conf.ConfNumber;
import io.margay.conf.ConfObject;
import io.margay.route.PlanContext;
import java.util.Optional;

/**
 * The option {@code rotate}: when a file gets another name.
 *
 * @param size bytes that it has then; 0 for never
 * @param keep most files with other names
 */
record Rotation(long size, int keep) {
    static final Rotation NONE = new Rotation(0, 1);
    static final String OPTION = "rotate";

    private static final int KEEP = 10;
    private static final int MOST_KEEP = 1000;
    private static final int LEAST_SIZE = 4096;

    /** Reads the option; {@link #NONE} when it is not there. */
    static Rotation of(Optional<Conf> value, PlanContext context) {
        if (value.isEmpty()) {
            return NONE;
        }
        if (!(value.get() instanceof ConfObject rotate)) {
            throw context.error(OPTION, "The \"rotate\" value must be an object.");
        }
        PlanContext inner = context.child(OPTION);
        if (!rotate.has("size")) {
            throw inner.error("", "Required parameter \"size\" is missing.");
        }
        return new Rotation(number(rotate, "size", LEAST_SIZE, LEAST_SIZE, Long.MAX_VALUE, inner),
            (int) number(rotate, "keep", KEEP, 1, MOST_KEEP, inner));
    }

    private static long number(ConfObject rotate, String option, long otherwise, long least, long most,
            PlanContext context) {
        Optional<Conf> value = rotate.get(option);
        if (value.isPresent() && (!(value.get() instanceof ConfNumber number) || number.doubleValue() < least
                || number.doubleValue() > most)) {
            throw context.error(option, "The \"" + option + "\" number must be from " + least + " to " + most + ".");
        }
        return rotate.integer(option, otherwise);
    }

    boolean isNone() {
        return size == 0;
    }
}
