// SPDX-License-Identifier: Apache-2.0
package io.margay.console.internal;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfString;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Keeps secrets of a configuration from browsers: values of the environment of applications and ticket keys are shown
 * as a mark, and where the mark comes back it means what was there.
 */
final class Veil {
    /** Stands for a value that is not shown. */
    static final String MARK = "(not shown)";

    private static final Set<String> SECRET = Set.of("environment", "tickets");

    private Veil() {
    }

    /** {@return a configuration, or a part of one, fit for a browser} */
    static Conf over(Conf value) {
        return switch (value) {
            case ConfObject object -> {
                ConfObject.Builder covered = ConfObject.builder();
                object.members().forEach((name, member) ->
                    covered.put(name, SECRET.contains(name) ? covered(member) : over(member)));
                yield covered.build();
            }
            case ConfArray array -> new ConfArray(array.elements().stream().map(Veil::over).toList());
            default -> value;
        };
    }

    /** {@return a value at a place of a configuration, fit for a browser} */
    static Conf over(Conf value, List<String> path) {
        return path.stream().anyMatch(SECRET::contains) ? covered(value) : over(value);
    }

    private static Conf covered(Conf value) {
        return switch (value) {
            case ConfString text -> Conf.of(MARK);
            case ConfObject object -> {
                ConfObject.Builder covered = ConfObject.builder();
                object.members().forEach((name, member) -> covered.put(name, covered(member)));
                yield covered.build();
            }
            case ConfArray array -> new ConfArray(array.elements().stream().map(Veil::covered).toList());
            default -> value;
        };
    }

    /**
     * {@return what a browser has sent, with what the marks in it stand for}
     *
     * @param sent by the browser
     * @param known what is there now
     * @throws IllegalArgumentException when a mark stands where nothing was
     */
    static Conf lifted(Conf sent, Conf known) {
        return lifted(sent, Optional.of(known), "", false);
    }

    private static Conf lifted(Conf sent, Optional<Conf> known, String path, boolean secret) {
        return switch (sent) {
            case ConfObject object -> {
                ConfObject.Builder lifted = ConfObject.builder();
                object.members().forEach((name, member) -> lifted.put(name, lifted(member,
                    known.filter(ConfObject.class::isInstance).flatMap(there -> ((ConfObject) there).get(name)),
                    path + "/" + name, secret || SECRET.contains(name))));
                yield lifted.build();
            }
            case ConfArray array -> {
                List<Conf> all = new ArrayList<>();
                for (int i = 0; i < array.size(); i++) {
                    int index = i;
                    all.add(lifted(array.elements().get(i), known.filter(there -> there instanceof ConfArray before
                        && index < before.size()).map(there -> ((ConfArray) there).elements().get(index)),
                        path + "/" + i, secret));
                }
                yield new ConfArray(all);
            }
            case ConfString text when secret && text.value().equals(MARK) -> known.filter(ConfString.class::isInstance)
                .orElseThrow(() -> new IllegalArgumentException("At " + path + " stands \"" + MARK
                    + "\", but there is no value that it could mean: write the value."));
            default -> sent;
        };
    }
}
