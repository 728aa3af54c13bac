// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfBoolean;
import io.margay.conf.ConfNull;
import io.margay.conf.ConfNumber;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfString;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The members of an option that is an object, read by an extension while it compiles. A member that is null counts as
 * absent; what is not of its kind is blamed where it stands. Valid during the compilation only.
 */
public final class OptionObject {
    private final ConfObject object;
    private final PlanContext here;

    private OptionObject(ConfObject object, PlanContext here) {
        this.object = object;
        this.here = here;
    }

    /**
     * Takes the value of an option.
     *
     * @param option its name, for texts
     * @param members the members that are known
     * @param here the place of the value
     * @throws RouteException if it is no object, or has other members
     */
    public static OptionObject of(String option, Conf value, Set<String> members, PlanContext here) {
        if (!(value instanceof ConfObject object)) {
            throw here.error("", "The \"" + option + "\" value must be an object.");
        }
        for (String name : object.members().keySet()) {
            if (!members.contains(name)) {
                throw here.error(name, "Unknown parameter \"" + name + "\".");
            }
        }
        return new OptionObject(object, here);
    }

    /** The place of the object. */
    public PlanContext at() {
        return here;
    }

    /** An exception that blames a member, or the object itself if {@code member} is empty. */
    public RouteException error(String member, String reason) {
        return here.error(member, reason);
    }

    /** A member of any kind. */
    public Optional<Conf> get(String name) {
        return object.get(name).filter(value -> !(value instanceof ConfNull));
    }

    /** An exception that says that a member has to be there. */
    public RouteException missing(String name) {
        return here.error("", "Required parameter \"" + name + "\" is missing.");
    }

    /**
     * A member that is a string.
     *
     * @throws RouteException if it is something else
     */
    public Optional<String> text(String name) {
        return get(name).map(value -> {
            if (value instanceof ConfString text) {
                return text.value();
            }
            throw here.error(name, "The \"" + name + "\" value must be a string.");
        });
    }

    /**
     * A member that is one of some strings.
     *
     * @throws RouteException if it is something else
     */
    public Optional<String> word(String name, List<String> words) {
        Optional<String> text = text(name);
        if (text.isPresent() && !words.contains(text.get())) {
            throw here.error(name, "The \"" + name + "\" value must be one of \"" + String.join("\", \"", words)
                + "\".");
        }
        return text;
    }

    /**
     * A member that is a string or an array of strings; empty if it is absent.
     *
     * @throws RouteException if it is something else
     */
    public Optional<List<String>> texts(String name) {
        return get(name).map(value -> {
            if (value instanceof ConfString text) {
                return List.of(text.value());
            }
            if (!(value instanceof ConfArray array)) {
                throw here.error(name, "The \"" + name + "\" value must be a string or an array of strings.");
            }
            List<String> all = new ArrayList<>();
            for (Conf element : array.elements()) {
                if (!(element instanceof ConfString text)) {
                    throw element(name, all.size(), "The \"" + name + "\" array must contain only strings.");
                }
                all.add(text.value());
            }
            return List.copyOf(all);
        });
    }

    /** An exception that blames an element of a member, or the member if that is no array. */
    public RouteException element(String name, int index, String reason) {
        return get(name).filter(ConfArray.class::isInstance).isPresent()
            ? here.child(name).error(Integer.toString(index), reason) : here.error(name, reason);
    }

    /**
     * A member that is true or false.
     *
     * @throws RouteException if it is something else
     */
    public boolean flag(String name, boolean absent) {
        return get(name).map(value -> {
            if (value instanceof ConfBoolean flag) {
                return flag.value();
            }
            throw here.error(name, "The \"" + name + "\" value must be a boolean.");
        }).orElse(absent);
    }

    /**
     * A member that is an integer.
     *
     * @throws RouteException if it is something else, or out of bounds
     */
    public Optional<Long> integer(String name, long least, long most) {
        return get(name).map(value -> {
            if (value instanceof ConfNumber number && number.isInteger() && number.longValue() >= least
                && number.longValue() <= most) {
                return number.longValue();
            }
            throw here.error(name, "The \"" + name + "\" value must be an integer from " + least + " to " + most
                + ".");
        });
    }

    /**
     * A member that is a number.
     *
     * @throws RouteException if it is something else, or out of bounds
     */
    public Optional<Double> number(String name, double least, double most) {
        return get(name).map(value -> {
            if (value instanceof ConfNumber number && number.doubleValue() >= least && number.doubleValue() <= most) {
                return number.doubleValue();
            }
            throw here.error(name, "The \"" + name + "\" value must be a number from " + least + " to " + most + ".");
        });
    }
}
