// SPDX-License-Identifier: Apache-2.0
package io.margay.schema;

import io.margay.conf.Conf;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfPointer;
import io.margay.conf.ConfString;
import java.util.Optional;

/**
 * A value under test and its place. The pointer is made only when there is something to report.
 *
 * @param run the validation
 * @param parent the container, or null at the root
 * @param segment name in the container
 * @param index in the container if that is an array, else -1
 * @param name the name that texts use: of the nearest member
 * @param value the value
 */
record Subject(Run run, Subject parent, String segment, int index, String name, Conf value) {

    static Subject root(Run run) {
        return new Subject(run, null, "", -1, "", run.root());
    }

    Subject member(String member, Conf memberValue) {
        return new Subject(run, this, member, -1, member, memberValue);
    }

    Subject element(int place, Conf element) {
        return new Subject(run, this, "", place, name, element);
    }

    /** The text of a value known to be a string. */
    String text() {
        return ((ConfString) value).value();
    }

    /** The members of a value known to be an object. */
    ConfObject object() {
        return (ConfObject) value;
    }

    ConfPointer pointer() {
        if (parent == null) {
            return ConfPointer.ROOT;
        }
        return index < 0 ? parent.pointer().child(segment) : parent.pointer().child(index);
    }

    Invalid invalid(String detail) {
        return new Invalid(new Problem(detail, pointer(), Optional.empty()));
    }

    Invalid unsupported(String option, String reader) {
        int colon = reader.indexOf(':');
        String what = colon < 0 ? reader : reader.substring(0, colon) + " \"" + reader.substring(colon + 1) + "\"";
        return new Invalid(new Problem("No installed bundle supports \"" + option + "\".", pointer(),
            Optional.of("Install a bundle that provides the " + what + ", or leave \"" + option + "\" out.")));
    }

    /** What is read for objects of another variant only. */
    Invalid foreign(String option, String variant, String reader) {
        return new Invalid(new Problem("No installed bundle supports \"" + option + "\".", pointer(),
            Optional.of("Leave \"" + option + "\" out: the type \"" + variant + "\" does not use the "
                + reader.replaceFirst(":(.*)", " \"$1\"") + " that reads it.")));
    }

    Invalid unknown(String member, Optional<String> suggestion) {
        return new Invalid(new Problem("Unknown parameter \"" + member + "\".", pointer(), suggestion));
    }
}
