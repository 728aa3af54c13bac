// SPDX-License-Identifier: Apache-2.0
package io.margay.schema;

import io.margay.conf.ConfText;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/** The syntax of values with variables or scripts ({@code spec/configuration.md §13}). */
final class Templates {
    private static final Optional<String> NO_SCRIPTS =
        Optional.of("Unit is built without support of njs: \"--njs\" ./configure option is missing.");

    private final Set<String> names = new HashSet<>();
    private final Set<String> families = new HashSet<>();
    private final Optional<String> scripts;

    /**
     * What templates may hold.
     *
     * @param variables by name; a final star makes a family such as {@code header_*}
     * @param scripts the reader that evaluates scripts, if any does
     */
    Templates(Iterable<String> variables, Optional<String> scripts) {
        this.scripts = scripts;
        for (String variable : variables) {
            if (variable.endsWith("*")) {
                families.add(variable.substring(0, variable.length() - 1));
            } else {
                names.add(variable);
            }
        }
    }

    /** True when the text is more than a constant. */
    static boolean isTemplate(String text) {
        return isScript(text) || text.startsWith("!`") || text.indexOf('$') >= 0;
    }

    static boolean isScript(String text) {
        return text.startsWith("`");
    }

    /** Checks a template; the value is a string. */
    void check(Subject at) throws Invalid {
        // A condition may be negated.
        String text = at.name().equals("if") && at.text().startsWith("!`") ? at.text().substring(1) : at.text();
        String tail = " in the \"" + at.name() + "\" value.";
        if (isScript(text)) {
            Facts facts = at.run().facts();
            var problem = scripts.filter(facts::reads).isPresent() ? facts.scriptProblem(text) : NO_SCRIPTS;
            if (problem.isPresent()) {
                throw at.invalid(problem.get() + tail);
            }
            return;
        }
        for (int i = text.indexOf('$'); i >= 0; i = text.indexOf('$', i)) {
            boolean braced = i + 1 < text.length() && text.charAt(i + 1) == '{';
            int from = braced ? i + 2 : i + 1;
            int to = from;
            while (to < text.length() && isNameCharacter(text.charAt(to))) {
                to++;
            }
            if (to == from || braced && (to == text.length() || text.charAt(to) != '}')) {
                int offset = ConfText.encode(text.substring(0, i)).length;
                throw at.invalid("Invalid variable at position " + offset + tail);
            }
            String name = text.substring(from, to);
            if (!isKnown(name)) {
                throw at.invalid("Unknown variable \"" + name + "\"" + tail);
            }
            i = to;
        }
    }

    private static boolean isNameCharacter(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_';
    }

    private boolean isKnown(String name) {
        return names.contains(name)
            || families.stream().anyMatch(family -> name.length() > family.length() && name.startsWith(family));
    }
}
