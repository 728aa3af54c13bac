// SPDX-License-Identifier: Apache-2.0
package io.margay.conf;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.PatternSyntaxException;

/**
 * Rewrites one regular expression of PCRE (pcre2pattern(3)) for the class library, token by token, in linear time. One
 * that has a meaning there which the class library cannot give it is refused.
 */
final class PcreSyntax {
    private static final int MOST_REPEATS = 65_535;
    private static final String NO_GROUP = "reference to non-existent subpattern";

    private final String in;
    private final PcreEscapes escapes;
    private final StringBuilder out = new StringBuilder();
    private int[] sources = new int[64];
    private int at;
    private int token;
    private int groups;
    private int highest;
    private int highestAt;
    private int shared = -1;
    /** Whether there is something that can be repeated. */
    private boolean item;
    /** Whether blanks and comments are left out, here and around each group that is open. */
    private boolean extended;
    private final Deque<Boolean> around = new ArrayDeque<>();
    private final Map<String, Integer> names = new HashMap<>();

    PcreSyntax(String in) {
        this.in = in;
        escapes = new PcreEscapes(in);
    }

    /** Where an offset of the result comes from. */
    int source(int offset) {
        return offset < 0 || offset >= out.length() ? in.length() : sources[offset];
    }

    String translate() {
        verbs();
        while (at < in.length()) {
            token = at;
            switch (in.charAt(at)) {
                case '\\' -> escape();
                case '[' -> {
                    PcreClass set = new PcreClass(in, escapes, at);
                    put(set.translate());
                    at = set.end();
                    item = true;
                }
                case '(' -> group();
                case ')' -> {
                    extended = !around.isEmpty() && around.pop();
                    copy(1);
                    item = true;
                }
                case '{' -> repeats();
                case ']', '}' -> {
                    put("\\" + in.charAt(at));
                    at++;
                    item = true;
                }
                default -> plain();
            }
        }
        if (highest > groups) {
            throw error(NO_GROUP, highestAt);
        }
        if (highest > 0 && shared >= 0) {
            throw error("references are not supported where groups share a number", shared);
        }
        return out.toString();
    }

    private PatternSyntaxException error(String what, int where) {
        return new PatternSyntaxException(what, in, where);
    }

    private void put(String text) {
        int length = out.length() + text.length();
        if (length > sources.length) {
            sources = Arrays.copyOf(sources, 2 * length);
        }
        Arrays.fill(sources, out.length(), length, token);
        out.append(text);
    }

    private void copy(int count) {
        for (int end = at + count; at < end; at++) {
            token = at;
            put(in.substring(at, at + 1));
        }
    }

    private void plain() {
        char c = in.charAt(at);
        if (extended && (c == ' ' || c >= '\t' && c <= '\r')) {
            at++;
        } else if (extended && c == '#') {
            int end = in.indexOf('\n', at);
            at = end < 0 ? in.length() : end + 1;
        } else if (c == '*' || c == '+' || c == '?') {
            repeat(1);
        } else {
            copy(1);
            item = c != '|' && c != '^' && c != '$';
        }
    }

    /** Takes a quantifier, and what says how greedy it is. */
    private void repeat(int length) {
        if (!item) {
            throw error("quantifier does not follow a repeatable item", at);
        }
        copy(length);
        if (in.startsWith("+", at) || in.startsWith("?", at)) {
            copy(1);
        }
        item = false;
    }

    /** Settings of the engine at the beginning; those that change which bytes match are refused. */
    private void verbs() {
        while (in.startsWith("(*", at)) {
            int end = in.indexOf(')', at);
            String verb = end < 0 ? "" : in.substring(at + 2, end);
            if (!verb.matches("LF|BSR_UNICODE|NO_[A-Z_]+|LIMIT_[A-Z]+=\\d+")) {
                throw error("verbs are not supported", at);
            }
            at = end + 1;
        }
    }

    /** A brace is one unless it says how often something is repeated. */
    private void repeats() {
        int end = at + 1;
        while (end < in.length() && (in.charAt(end) >= '0' && in.charAt(end) <= '9' || in.charAt(end) == ',')) {
            end++;
        }
        String inside = in.substring(at + 1, end);
        if (end == in.length() || in.charAt(end) != '}' || !inside.matches("\\d+(,\\d*)?")) {
            put("\\{");
            at++;
            item = true;
            return;
        }
        for (String number : inside.split(",")) {
            if (number.length() > 5 || Integer.parseInt(number) > MOST_REPEATS) {
                throw error("number too big in {} quantifier", at);
            }
        }
        repeat(end + 1 - at);
    }

    // ---- groups -------------------------------------------------------

    private void group() {
        if (in.startsWith("(*", at)) {
            throw error("verbs are not supported", at);
        }
        if (!in.startsWith("(?", at)) {
            open("(", 1);
            groups++;
            return;
        }
        char kind = at + 2 < in.length() ? in.charAt(at + 2) : ')';
        char next = at + 3 < in.length() ? in.charAt(at + 3) : ')';
        switch (kind) {
            case '#' -> comment();
            case ':', '=', '!', '>' -> open("(?" + kind, 3);
            case '|' -> {
                shared = at;
                open("(?:", 3);
            }
            case '<' -> {
                if (next == '=' || next == '!') {
                    open("(?<" + next, 4);
                } else {
                    named(at + 3, '>');
                }
            }
            case '\'' -> named(at + 3, '\'');
            case 'P' -> python(next);
            case 'R', '&', '+' -> throw error("recursion is not supported", at);
            case '(' -> throw error("conditions are not supported", at);
            case 'C' -> throw error("callouts are not supported", at);
            default -> {
                if (kind >= '0' && kind <= '9' || kind == '-' && next >= '0' && next <= '9') {
                    throw error("recursion is not supported", at);
                }
                options();
            }
        }
    }

    private void open(String text, int count) {
        around.push(extended);
        put(text);
        at += count;
        item = false;
    }

    private void comment() {
        int end = in.indexOf(')', at);
        if (end < 0) {
            throw error("missing ) after (?# comment", in.length());
        }
        at = end + 1;
    }

    private void python(char next) {
        if (next == '<') {
            named(at + 4, '>');
        } else if (next == '=') {
            String name = name(at + 4, ')');
            reference(named(name));
            at += 5 + name.length();
            item = true;
        } else {
            throw error(next == '>' ? "recursion is not supported" : "unrecognized character after (?P", at + 3);
        }
    }

    private void named(int from, char end) {
        String name = name(from, end);
        if (names.putIfAbsent(name, groups + 1) != null) {
            throw error("two named subpatterns have the same name", from);
        }
        open("(", from + name.length() + 1 - at);
        groups++;
    }

    private String name(int from, char end) {
        int to = in.indexOf(end, from);
        if (to < 0) {
            throw error("named group is missing its trailing " + end, in.length());
        }
        String name = in.substring(from, to);
        if (!name.matches("[A-Za-z_][A-Za-z0-9_]*")) {
            throw error("subpattern name expected", from);
        }
        return name;
    }

    private int named(String name) {
        Integer number = names.get(name);
        if (number == null) {
            throw error(NO_GROUP, at);
        }
        return number;
    }

    /** Options for the rest of a group, or for one of its own. */
    private void options() {
        PcreOptions options = PcreOptions.read(in, at + 2, extended);
        if (in.charAt(options.end()) == ':') {
            around.push(extended);
            put("(?:" + options.flags());
        } else {
            put(options.flags());
        }
        extended = options.blanks();
        at = options.end() + 1;
        item = false;
    }

    // ---- escapes ------------------------------------------------------

    private void escape() {
        char c = at + 1 < in.length() ? in.charAt(at + 1) : 0;
        boolean before = item;
        item = true;
        switch (c) {
            case 'Q' -> item = quoted() || before;
            // Where the match begins does not matter.
            case 'E', 'K' -> {
                at += 2;
                item = before && c == 'E';
            }
            case 'N' -> {
                put("[^\\n]");
                at += 2;
            }
            case 'C' -> {
                put("(?s:.)");
                at += 2;
            }
            case 'R' -> {
                // A carriage return is not given back when a line feed follows it.
                put("(?>\\R)");
                at += 2;
            }
            case 'b', 'B', 'A', 'Z', 'z', 'G' -> {
                copy(2);
                item = false;
            }
            case 'X' -> copy(2);
            case 'g' -> general();
            case 'k' -> {
                char opening = at + 2 < in.length() ? in.charAt(at + 2) : 0;
                if ("<'{".indexOf(opening) < 0) {
                    throw error("\\k is not followed by a name", at);
                }
                String name = name(at + 3, opening == '<' ? '>' : opening == '{' ? '}' : '\'');
                reference(named(name));
                at += name.length() + 4;
            }
            default -> character(c);
        }
    }

    /** Whether there was any character. */
    private boolean quoted() {
        int end = in.indexOf("\\E", at + 2);
        String literal = in.substring(at + 2, end < 0 ? in.length() : end);
        for (int i = 0; i < literal.length(); i++) {
            put(PcreEscapes.literal(literal.charAt(i)));
        }
        at = end < 0 ? in.length() : end + 2;
        return !literal.isEmpty();
    }

    private void character(char c) {
        if (c >= '1' && c <= '9' && isReference()) {
            int end = PcreEscapes.digits(in, at + 1);
            reference(number(at + 1, end));
            at = end;
            return;
        }
        PcreEscapes.Meaning meaning = escapes.at(at);
        // Letters of one case are that whether or not case matters.
        put(c == 'p' || c == 'P' ? "(?-i:" + meaning.text() + ")" : meaning.text());
        at = meaning.end();
    }

    /** Numbers from 10 on are octal ones where there are not so many groups before them. */
    private boolean isReference() {
        int end = PcreEscapes.digits(in, at + 1);
        return end == at + 2 || in.charAt(at + 1) >= '8' || number(at + 1, end) <= groups;
    }

    private int number(int from, int to) {
        if (to == from || to - from > 4) {
            throw error("a numbered reference must not be zero, or larger than groups are", from);
        }
        return Integer.parseInt(in.substring(from, to));
    }

    /** {@code \g1}, {@code \g{-1}}, {@code \g{name}}. */
    private void general() {
        boolean braces = in.startsWith("{", at + 2);
        int from = at + (braces ? 3 : 2);
        char sign = from < in.length() ? in.charAt(from) : 0;
        if (sign == '<' || sign == '\'') {
            throw error("recursion is not supported", at);
        }
        if (braces && sign != '-' && sign != '+' && !(sign >= '0' && sign <= '9')) {
            String name = name(from, '}');
            reference(named(name));
            at = from + name.length() + 1;
            return;
        }
        int first = sign == '-' || sign == '+' ? from + 1 : from;
        int end = PcreEscapes.digits(in, first);
        int number = number(first, end);
        if (braces && !in.startsWith("}", end)) {
            throw error("\\g is not followed by a number or a name in braces", at);
        }
        reference(sign == '-' ? groups + 1 - number : sign == '+' ? groups + number : number);
        at = braces ? end + 1 : end;
    }

    private void reference(int group) {
        if (group < 1) {
            throw error(NO_GROUP, at);
        }
        if (group > highest) {
            highest = group;
            highestAt = at;
        }
        put("(?:\\" + group + ")");
    }
}
