// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import io.netty.util.AsciiString;
import java.util.List;

/** Patterns for one value (spec/routing.md §4.1), combined: no negated one hits, and a positive one if there is any. */
public final class TextMatch {
    private final TextPattern[] negated;
    private final TextPattern[] positive;

    TextMatch(TextPattern[] negated, TextPattern[] positive) {
        this.negated = negated;
        this.positive = positive;
    }

    /**
     * Whether the value is matched.
     *
     * @throws MatchLimitException if a regular expression takes too many steps
     */
    public boolean test(AsciiString value) {
        for (TextPattern pattern : negated) {
            if (pattern.hits(value)) {
                return false;
            }
        }
        if (positive.length == 0) {
            return true;
        }
        for (TextPattern pattern : positive) {
            if (pattern.hits(value)) {
                return true;
            }
        }
        return false;
    }

    /** The patterns one of which must hit. */
    List<TextPattern> positive() {
        return List.of(positive);
    }

    /** The negated pattern that hits a value, by its place among those; -1 if none does. */
    int negated(AsciiString value) {
        return first(negated, value);
    }

    /** The pattern that hits a value, by its place among those that are not negated; -1 if none does. */
    int positive(AsciiString value) {
        return first(positive, value);
    }

    private static int first(TextPattern[] patterns, AsciiString value) {
        for (int i = 0; i < patterns.length; i++) {
            if (patterns[i].hits(value)) {
                return i;
            }
        }
        return -1;
    }
}
