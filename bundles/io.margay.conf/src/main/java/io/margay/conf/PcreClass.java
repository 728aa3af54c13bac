// SPDX-License-Identifier: Apache-2.0
package io.margay.conf;

import java.util.Map;
import java.util.regex.PatternSyntaxException;

/** A class of characters of PCRE, in which neither a bracket nor {@code &&} makes one of several. */
final class PcreClass {
    private static final Map<String, String> NAMED = Map.ofEntries(Map.entry("alpha", "p{Alpha}"),
        Map.entry("digit", "p{Digit}"), Map.entry("alnum", "p{Alnum}"), Map.entry("upper", "p{Upper}"),
        Map.entry("lower", "p{Lower}"), Map.entry("space", "s"), Map.entry("punct", "p{Punct}"),
        Map.entry("xdigit", "p{XDigit}"), Map.entry("word", "w"), Map.entry("ascii", "p{ASCII}"),
        Map.entry("blank", "p{Blank}"), Map.entry("cntrl", "p{Cntrl}"), Map.entry("graph", "p{Graph}"),
        Map.entry("print", "p{Print}"));
    private static final int SET = -1;
    /** Nothing that a hyphen could make a range of. */
    private static final int NOTHING = -2;

    private final String in;
    private final PcreEscapes escapes;
    private final int start;
    private final StringBuilder out = new StringBuilder("[");
    private int at;
    private int literal;

    PcreClass(String in, PcreEscapes escapes, int start) {
        this.in = in;
        this.escapes = escapes;
        this.start = start;
        at = start + 1;
    }

    /** Behind the class, once it was translated. */
    int end() {
        return at;
    }

    String translate() {
        if (in.startsWith("[[:<:]]", start) || in.startsWith("[[:>:]]", start)) {
            at = start + 7;
            return in.charAt(start + 3) == '<' ? "\\b(?=\\w)" : "\\b(?<=\\w)";
        }
        if (named(start) > 0) {
            throw error("POSIX named classes are supported only within a class", start);
        }
        if (in.startsWith("^", at)) {
            out.append('^');
            at++;
        }
        int first = at;
        int before = NOTHING;
        while (at == first || !in.startsWith("]", at)) {
            if (at >= in.length()) {
                throw error("Unclosed character class", in.length() - 1);
            }
            if (in.startsWith("\\Q", at) || in.startsWith("\\E", at)) {
                quoted();
                before = NOTHING;
                continue;
            }
            if (before >= 0 && in.charAt(at) == '-' && at + 1 < in.length() && in.charAt(at + 1) != ']') {
                before = range(before);
            } else {
                out.append(item());
                before = literal;
            }
        }
        at++;
        return out.append(']').toString();
    }

    /** A hyphen behind a character: a range, unless a set is behind it. */
    private int range(int low) {
        int hyphen = at++;
        String text = item();
        if (literal == SET) {
            out.append(PcreEscapes.literal('-')).append(text);
            return NOTHING;
        }
        if (literal < low) {
            throw error("range out of order in character class", hyphen);
        }
        out.append('-').append(text);
        return NOTHING;
    }

    /** Takes a character or a set. */
    private String item() {
        char c = in.charAt(at);
        int named = c == '[' ? named(at) : 0;
        if (named > 0) {
            boolean not = in.charAt(at + 2) == '^';
            String name = in.substring(at + (not ? 3 : 2), named - 2);
            String set = in.charAt(at + 1) == ':' ? NAMED.get(name) : null;
            if (set == null) {
                throw error(in.charAt(at + 1) == ':' ? "unknown POSIX class name"
                    : "POSIX collating elements are not supported", at);
            }
            at = named;
            literal = SET;
            return "\\" + (not ? Character.toUpperCase(set.charAt(0)) + set.substring(1) : set);
        }
        if (c != '\\') {
            at++;
            literal = c;
            return PcreEscapes.literal(c);
        }
        if (in.startsWith("\\b", at)) {
            at += 2;
            literal = '\b';
            return PcreEscapes.literal('\b');
        }
        PcreEscapes.Meaning meaning = escapes.at(at);
        at = meaning.end();
        literal = meaning.literal();
        return meaning.text();
    }

    private void quoted() {
        int end = in.startsWith("\\E", at) ? at : in.indexOf("\\E", at);
        for (int i = at + 2; i < end; i++) {
            out.append(PcreEscapes.literal(in.charAt(i)));
        }
        at = end < 0 ? in.length() : end + 2;
    }

    /** Behind what looks like a named class there; 0 if nothing does. */
    private int named(int from) {
        char kind = from + 1 < in.length() ? in.charAt(from + 1) : 0;
        if (kind != ':' && kind != '.' && kind != '=') {
            return 0;
        }
        for (int i = from + 2; i + 1 < in.length(); i++) {
            char c = in.charAt(i);
            if (c == kind && in.charAt(i + 1) == ']') {
                return i + 2;
            }
            if (c == '\\' || c == ']' || c == '[') {
                return 0;
            }
        }
        return 0;
    }

    private PatternSyntaxException error(String what, int where) {
        return new PatternSyntaxException(what, in, where);
    }
}
