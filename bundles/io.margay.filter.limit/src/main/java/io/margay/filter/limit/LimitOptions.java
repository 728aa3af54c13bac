// SPDX-License-Identifier: Apache-2.0
package io.margay.filter.limit;

import io.margay.conf.Conf;
import io.margay.conf.ConfNull;
import io.margay.conf.ConfNumber;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfString;
import io.margay.route.PlanContext;
import io.margay.route.Template;
import java.util.Optional;
import java.util.Set;

/** Reads the options of one filter. */
final class LimitOptions {
    private static final String KEY = "key";
    private static final String DEFAULT = "$remote_addr";

    private final ConfObject object;
    private final PlanContext here;

    private LimitOptions(ConfObject object, PlanContext here) {
        this.object = object;
        this.here = here;
    }

    /** Takes the value of an option; others than the members named are refused. */
    static LimitOptions of(String option, Conf value, Set<String> members, PlanContext here) {
        if (!(value instanceof ConfObject object)) {
            throw here.error("", "The \"" + option + "\" value must be an object.");
        }
        for (String name : object.members().keySet()) {
            if (!name.equals(KEY) && !members.contains(name)) {
                throw here.error(name, "Unknown parameter \"" + name + "\".");
            }
        }
        return new LimitOptions(object, here);
    }

    /** The template of keys. */
    Template key() {
        Conf value = present(KEY).orElse(Conf.of(DEFAULT));
        if (!(value instanceof ConfString text)) {
            throw here.error(KEY, "The \"key\" value must be a string.");
        }
        return here.template(KEY, text.value());
    }

    /** A number that has to be there unless it has a default. */
    double number(String name, double least, double most, Optional<Double> absent) {
        Optional<Conf> value = present(name);
        if (value.isEmpty()) {
            return absent.orElseThrow(() ->
                here.error("", "Required parameter \"" + name + "\" is missing."));
        }
        if (!(value.get() instanceof ConfNumber number) || number.doubleValue() < least
                || number.doubleValue() > most) {
            throw here.error(name, "The \"" + name + "\" value must be a number from " + least + " to " + most + ".");
        }
        return number.doubleValue();
    }

    private Optional<Conf> present(String name) {
        return object.get(name).filter(value -> !(value instanceof ConfNull));
    }
}
