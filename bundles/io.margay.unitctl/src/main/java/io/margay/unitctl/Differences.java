// SPDX-License-Identifier: Apache-2.0
package io.margay.unitctl;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfPointer;
import io.margay.conf.ConfWriter;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Says in which places two configurations differ. */
final class Differences {
    private static final int MAX_LINES = 40;
    private static final int MAX_VALUE = 60;

    private final List<String> lines = new ArrayList<>();

    private Differences() {
    }

    /** {@return one line for each place, as JSON Pointer with the value before and after; not more than a screen} */
    static List<String> between(Conf before, Conf after) {
        Differences differences = new Differences();
        differences.compare(ConfPointer.ROOT, before, after);
        int more = differences.lines.size() - MAX_LINES;
        if (more <= 0) {
            return differences.lines;
        }
        List<String> shown = new ArrayList<>(differences.lines.subList(0, MAX_LINES));
        shown.add("and " + more + " more");
        return shown;
    }

    private void compare(ConfPointer place, Conf before, Conf after) {
        if (before instanceof ConfObject old && after instanceof ConfObject young) {
            Set<String> names = new LinkedHashSet<>(old.members().keySet());
            names.addAll(young.members().keySet());
            for (String name : names) {
                compare(place.child(name), old.members().get(name), young.members().get(name));
            }
        } else if (before instanceof ConfArray old && after instanceof ConfArray young) {
            for (int i = 0; i < Math.max(old.size(), young.size()); i++) {
                compare(place.child(i), i < old.size() ? old.elements().get(i) : null,
                    i < young.size() ? young.elements().get(i) : null);
            }
        } else if (before == null) {
            lines.add("+ " + place + ": " + text(after));
        } else if (after == null) {
            lines.add("- " + place + ": " + text(before));
        } else if (!before.equals(after)) {
            lines.add("~ " + place + ": " + text(before) + " -> " + text(after));
        }
    }

    private static String text(Conf value) {
        String text = ConfWriter.compactText(value);
        return text.length() <= MAX_VALUE ? text : text.substring(0, MAX_VALUE) + "...";
    }
}
