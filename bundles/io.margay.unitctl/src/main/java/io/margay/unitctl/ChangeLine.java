// SPDX-License-Identifier: Apache-2.0
package io.margay.unitctl;

import io.margay.conf.Conf;
import io.margay.conf.ConfDiff;
import io.margay.conf.ConfObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** A change of a configuration as a line for people. */
final class ChangeLine {
    private static final int MAX_LINES = 40;
    private static final int MAX_VALUE = 200;

    private ChangeLine() {
    }

    /** {@return how one configuration becomes another, not more lines than a screen has} */
    static List<String> between(Conf before, Conf after) {
        List<String> lines = new ArrayList<>();
        List<ConfDiff.Change> changes = ConfDiff.between(before, after);
        for (ConfDiff.Change change : changes.subList(0, Math.min(changes.size(), MAX_LINES))) {
            lines.add(line(change.op().name(), change.path().toString(), change.from(), change.to()));
        }
        if (changes.size() > MAX_LINES) {
            lines.add("and " + (changes.size() - MAX_LINES) + " more");
        }
        return lines;
    }

    /** {@return the line for a change as a server tells it} */
    static String of(ConfObject change) {
        return line(change.string("op").orElse(""), change.string("path").orElse(""), change.get("from"),
            change.get("to"));
    }

    private static String line(String op, String path, Optional<Conf> from, Optional<Conf> to) {
        String place = path.isEmpty() ? "the whole" : path;
        return switch (op.toLowerCase(Locale.ROOT)) {
            case "add" -> "+ " + place + ": " + text(to);
            case "remove" -> "- " + place + ": " + text(from);
            default -> "~ " + place + ": " + text(from) + " -> " + text(to);
        };
    }

    private static String text(Optional<Conf> value) {
        String text = value.map(Json::compact).orElse("");
        return text.length() <= MAX_VALUE ? text : text.substring(0, MAX_VALUE) + "...";
    }
}
