// SPDX-License-Identifier: Apache-2.0
package io.margay.launcher;

import java.util.Map;

/**
 * Puts variables of the environment into texts, written as Felix' interpolation plugin has them: {@code $[env:NAME]},
 * {@code $[env:NAME;default=TEXT]}, {@code $[env:NAME;type=Boolean;default=false]}. A backslash before the dollar sign
 * leaves it as it is. Unlike that plugin, what has no value is an error, since nobody wants a file of that name.
 */
final class Placeholders {
    private static final String BEGIN = "$[";
    private static final String ENVIRONMENT = "env:";
    private static final String DEFAULT = "default=";
    private static final String TYPE = "type=";

    private final Map<String, String> environment;

    Placeholders(Map<String, String> environment) {
        this.environment = environment;
    }

    /**
     * A text with its values.
     *
     * @param type that a placeholder asks for; empty when none does
     */
    record Filled(String text, String type) {
    }

    /**
     * {@return a text with the values of its placeholders}
     *
     * @throws ConfigurationException that names the placeholder
     */
    Filled fill(String text) {
        StringBuilder out = new StringBuilder(text.length());
        String type = "";
        int from = 0;
        for (int at = text.indexOf(BEGIN); at >= 0; at = text.indexOf(BEGIN, from)) {
            if (at > from && text.charAt(at - 1) == '\\') {
                out.append(text, from, at - 1).append(BEGIN);
                from = at + BEGIN.length();
                continue;
            }
            int end = text.indexOf(']', at);
            if (end < 0) {
                throw new ConfigurationException("\"" + text.substring(at) + "\" has no closing bracket");
            }
            Filled value = value(text.substring(at, end + 1));
            if (!value.type().isEmpty() && (at > 0 || end + 1 < text.length())) {
                throw new ConfigurationException("\"" + text.substring(at, end + 1)
                    + "\" has a type, but is only a part of the text");
            }
            type = value.type();
            out.append(text, from, at).append(value.text());
            from = end + 1;
        }
        return new Filled(out.append(text, from, text.length()).toString(), type);
    }

    private Filled value(String whole) {
        String[] parts = whole.substring(BEGIN.length(), whole.length() - 1).split(";", -1);
        String name = parts[0].startsWith(ENVIRONMENT) ? parts[0].substring(ENVIRONMENT.length()) : "";
        if (name.isEmpty()) {
            throw new ConfigurationException("\"" + whole + "\" names no variable of the environment; it must be"
                + " $[env:NAME] or $[env:NAME;default=TEXT]");
        }
        String value = environment.get(name);
        String type = "";
        for (int i = 1; i < parts.length; i++) {
            if (parts[i].startsWith(TYPE)) {
                type = parts[i].substring(TYPE.length());
            } else if (!parts[i].startsWith(DEFAULT)) {
                throw new ConfigurationException("\"" + whole + "\": there is no directive \"" + parts[i]
                    + "\"; there are default=TEXT and type=TYPE");
            } else if (value == null) {
                value = parts[i].substring(DEFAULT.length());
            }
        }
        if (value == null) {
            throw new ConfigurationException("\"" + whole + "\": the environment has no \"" + name
                + "\", and there is no default");
        }
        return new Filled(value, type);
    }
}
