// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfPointer;
import io.margay.conf.ConfRegex;
import io.margay.conf.ConfString;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.PatternSyntaxException;

/** Compiles patterns for values (spec/routing.md §4.1). */
final class Patterns {
    private Patterns() {
    }

    /** Compiles a string or an array of strings; {@code property} is named in errors. */
    static TextMatch compile(Conf value, TextPattern.Form form, String property, ConfPointer at) {
        List<TextPattern> negated = new ArrayList<>();
        List<TextPattern> positive = new ArrayList<>();
        if (value instanceof ConfArray array) {
            for (int i = 0; i < array.size(); i++) {
                add(array.elements().get(i), form, property, at.child(i), negated, positive);
            }
        } else {
            add(value, form, property, at, negated, positive);
        }
        return new TextMatch(negated.toArray(TextPattern[]::new), positive.toArray(TextPattern[]::new));
    }

    private static void add(Conf value, TextPattern.Form form, String property, ConfPointer at,
                            List<TextPattern> negated, List<TextPattern> positive) {
        if (!(value instanceof ConfString string)) {
            throw new RouteException(at, "The \"match\" pattern for \"" + property + "\" must be a string.");
        }
        String text = string.value();
        boolean negation = text.startsWith("!");
        (negation ? negated : positive).add(one(negation ? text.substring(1) : text, form, property, at));
    }

    private static TextPattern one(String text, TextPattern.Form form, String property, ConfPointer at) {
        if (text.startsWith("~")) {
            return regex(text.substring(1), form, property, at);
        }
        if (text.contains("**")) {
            throw new RouteException(at, "The \"match\" pattern must not contain double \"*\" markers.");
        }
        return TextPattern.wildcards(Bytes.of(text), form).orElseThrow(() -> encoding(property, at));
    }

    private static TextPattern regex(String text, TextPattern.Form form, String property, ConfPointer at) {
        boolean encoded = form == TextPattern.Form.URI || form == TextPattern.Form.QUERY;
        if (encoded && Bytes.decode(Bytes.of(text), false).isEmpty()) {
            throw encoding(property, at);
        }
        try {
            return TextPattern.regex(ConfRegex.compile(text));
        } catch (PatternSyntaxException e) {
            throw new RouteException(at, "Invalid regular expression: " + e.getDescription() + " at offset "
                + Math.max(0, e.getIndex()));
        }
    }

    private static RouteException encoding(String property, ConfPointer at) {
        return new RouteException(at,
            "The \"match\" pattern for \"" + property + "\" is encoded but is invalid.");
    }

    /** The element of an option that may be one value or an array of them. */
    static List<Conf> elements(Conf value) {
        return value instanceof ConfArray array ? array.elements() : List.of(value);
    }

    static Optional<String> string(Conf value) {
        return value instanceof ConfString string ? Optional.of(string.value()) : Optional.empty();
    }
}
