// SPDX-License-Identifier: Apache-2.0
package io.margay.schema;

import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** Composes texts. */
final class Words {

    private Words() {
    }

    /** {@code a}, {@code a or b}, {@code a, b, or c}. */
    static String list(List<String> words) {
        int last = words.size() - 1;
        if (last <= 1) {
            return String.join(" or ", words);
        }
        return String.join(", ", words.subList(0, last)) + ", or " + words.get(last);
    }

    /** The same with each word in double quotes. */
    static String quotedList(List<String> words) {
        return list(words.stream().map(word -> "\"" + word + "\"").toList());
    }

    /** Puts name and value where a text says {@code {name}} and {@code {value}}; what is put in is not searched. */
    static String fill(String template, String name, String value) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < template.length(); i++) {
            if (template.startsWith("{name}", i)) {
                out.append(name);
                i += "{name}".length() - 1;
            } else if (template.startsWith("{value}", i)) {
                out.append(value);
                i += "{value}".length() - 1;
            } else {
                out.append(template.charAt(i));
            }
        }
        return out.toString();
    }

    /**
     * The known name that an unknown one was probably meant to be: the only nearest one, by at most two edits or a
     * third of the name, and at most half of the shorter name.
     */
    static Optional<String> nearest(String unknown, Collection<String> known) {
        if (unknown.isEmpty() || unknown.length() > 64) {
            return Optional.empty();
        }
        int best = Integer.MAX_VALUE;
        String found = null;
        for (String candidate : known) {
            int distance = distance(unknown, candidate);
            if (distance < best) {
                best = distance;
                found = candidate;
            } else if (distance == best) {
                found = null;
            }
        }
        boolean near = found != null && best <= Math.max(2, unknown.length() / 3)
            && best <= Math.min(unknown.length(), found.length()) / 2;
        return near ? Optional.of(found) : Optional.empty();
    }

    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[b.length()];
    }
}
