// SPDX-License-Identifier: Apache-2.0
package io.margay.schema;

import io.margay.conf.Conf;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfPointer;
import io.margay.conf.ConfString;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Optional;

/**
 * A value under test and its place. The pointer is made only when there is something to report.
 *
 * @param run the validation
 * @param parent the container, or null at the root
 * @param segment name or index in the container
 * @param name the name that texts use: of the nearest member
 * @param value the value
 */
record Subject(Run run, Subject parent, String segment, String name, Conf value) {

    static Subject root(Run run) {
        return new Subject(run, null, "", "", run.root());
    }

    Subject member(String member, Conf memberValue) {
        return new Subject(run, this, member, member, memberValue);
    }

    Subject element(int index, Conf element) {
        return new Subject(run, this, Integer.toString(index), name, element);
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
        Deque<String> segments = new ArrayDeque<>();
        for (Subject at = this; at.parent != null; at = at.parent) {
            segments.addFirst(at.segment);
        }
        return new ConfPointer(new ArrayList<>(segments));
    }

    Invalid invalid(String detail) {
        return new Invalid(new Problem(detail, pointer(), Optional.empty()));
    }

    Invalid unknown(String member, Optional<String> suggestion) {
        return new Invalid(new Problem("Unknown parameter \"" + member + "\".", pointer(), suggestion));
    }
}
