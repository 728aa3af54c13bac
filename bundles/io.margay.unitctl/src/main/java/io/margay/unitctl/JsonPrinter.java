// SPDX-License-Identifier: Apache-2.0
package io.margay.unitctl;

import io.margay.conf.Conf;

/** Shows JSON to people: two blanks a level, line feeds, colours if wanted. */
final class JsonPrinter {
    private static final String NAME = "\033[34m";
    private static final String STRING = "\033[32m";
    private static final String OTHER = "\033[33m";
    private static final String END = "\033[0m";
    private static final String MARKS = "{}[],: \n";

    private JsonPrinter() {
    }

    /** {@return the text, without a final line end} */
    static String print(Conf value, boolean colours) {
        String text = Json.pretty(value);
        return colours ? coloured(text) : text;
    }

    private static String coloured(String json) {
        StringBuilder out = new StringBuilder(2 * json.length());
        int at = 0;
        while (at < json.length()) {
            char c = json.charAt(at);
            if (MARKS.indexOf(c) >= 0) {
                out.append(c);
                at++;
                continue;
            }
            int end = c == '"' ? quoted(json, at) : plain(json, at);
            boolean name = c == '"' && end < json.length() && json.charAt(end) == ':';
            // A terminal obeys some characters that JSON leaves as they are.
            out.append(name ? NAME : c == '"' ? STRING : OTHER).append(Io.harmless(json.substring(at, end)))
                .append(END);
            at = end;
        }
        return out.toString();
    }

    private static int quoted(String json, int from) {
        int at = from + 1;
        while (json.charAt(at) != '"') {
            at += json.charAt(at) == '\\' ? 2 : 1;
        }
        return at + 1;
    }

    private static int plain(String json, int from) {
        int at = from;
        while (at < json.length() && MARKS.indexOf(json.charAt(at)) < 0) {
            at++;
        }
        return at;
    }
}
