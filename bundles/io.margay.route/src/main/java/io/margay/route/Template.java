// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import io.margay.conf.ConfPointer;
import io.margay.http.Exchange;
import io.netty.util.AsciiString;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A text with variables, or a script (spec/routing.md §6), compiled once, immutable. */
public final class Template {
    private static final Set<String> FALSE = Set.of("", "0", "false", "null", "undefined");

    private final AsciiString[] texts;
    private final Variable[] variables;

    /** Before each variable stands a text, and one at the end. */
    private Template(List<AsciiString> texts, List<Variable> variables) {
        this.texts = texts.toArray(AsciiString[]::new);
        this.variables = variables.toArray(Variable[]::new);
    }

    /** Whether a text has to be compiled to be understood: it has a variable or is JavaScript. */
    static boolean isTemplate(String text) {
        return text.indexOf('$') >= 0 || isScript(text);
    }

    /** Whether a text is a template in another language than variables (spec/routing.md §6.5). */
    static boolean isScript(String text) {
        return text.startsWith("`");
    }

    /** The value of a variable and nothing else. */
    static Template of(Variable variable) {
        return new Template(List.of(AsciiString.EMPTY_STRING, AsciiString.EMPTY_STRING), List.of(variable));
    }

    /**
     * The template {@code $NAME}, for names that are known only when a request is there; empty if there is no such
     * variable. On any thread.
     */
    public static Optional<Template> variable(String name) {
        return Variable.named(name).map(Template::of);
    }

    static Template compile(String text, String option, ConfPointer at) {
        List<AsciiString> texts = new ArrayList<>();
        List<Variable> variables = new ArrayList<>();
        StringBuilder plain = new StringBuilder();
        for (int i = 0; i < text.length();) {
            if (text.charAt(i) != '$') {
                plain.append(text.charAt(i++));
                continue;
            }
            boolean braces = text.startsWith("{", i + 1);
            int start = braces ? i + 2 : i + 1;
            int end = start;
            while (end < text.length() && isNameChar(text.charAt(end))) {
                end++;
            }
            if (end == start || braces && !text.startsWith("}", end)) {
                throw new RouteException(at, "Invalid variable at position " + i + " in the \"" + option
                    + "\" value.");
            }
            String name = text.substring(start, end);
            variables.add(Variable.named(name).orElseThrow(() -> new RouteException(at,
                "Unknown variable \"" + name + "\" in the \"" + option + "\" value.")));
            texts.add(Bytes.of(plain.toString()));
            plain.setLength(0);
            i = braces ? end + 1 : end;
        }
        texts.add(Bytes.of(plain.toString()));
        return new Template(texts, variables);
    }

    private static boolean isNameChar(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_';
    }

    /** Whether the value is the same for each request. */
    public boolean isConstant() {
        return variables.length == 0;
    }

    /**
     * The value for a request; it may be a view that is valid as long as the exchange.
     *
     * @throws io.margay.http.ReportedException if it is a script and fails; that was logged, the request gets 500
     */
    public AsciiString evaluate(Exchange exchange) {
        if (variables.length == 0) {
            return texts[0];
        }
        AsciiString[] values = new AsciiString[variables.length];
        int size = texts[variables.length].length();
        for (int i = 0; i < variables.length; i++) {
            Optional<AsciiString> value = variables[i].of(exchange);
            values[i] = value.isPresent() ? value.get() : AsciiString.EMPTY_STRING;
            size += values[i].length() + texts[i].length();
        }
        if (size == values[0].length()) {
            return values[0];
        }
        byte[] out = new byte[size];
        int at = 0;
        for (int i = 0; i < variables.length; i++) {
            at = put(values[i], out, put(texts[i], out, at));
        }
        put(texts[variables.length], out, at);
        return new AsciiString(out, false);
    }

    /** Writes the value for a request, in which a variable may have none; fails as {@link #evaluate} does. */
    public void write(Exchange exchange, TemplateSink out) {
        for (int i = 0; i < variables.length; i++) {
            if (!texts[i].isEmpty()) {
                out.literal(texts[i]);
            }
            variables[i].write(exchange, out);
        }
        if (!texts[variables.length].isEmpty()) {
            out.literal(texts[variables.length]);
        }
    }

    /** Whether it has fields of the response, which an exchange keeps on demand only. */
    public boolean readsResponse() {
        for (Variable variable : variables) {
            if (variable.readsResponse()) {
                return true;
            }
        }
        return false;
    }

    private static int put(AsciiString text, byte[] out, int at) {
        System.arraycopy(text.array(), text.arrayOffset(), out, at, text.length());
        return at + text.length();
    }

    /** The literal parts, to be checked by options that limit them. */
    public List<AsciiString> literals() {
        return List.of(texts);
    }

    /** Whether the value counts as true in a condition (spec/routing.md §6.4). */
    boolean isTrue(Exchange exchange) {
        return !FALSE.contains(evaluate(exchange).toString());
    }
}
