// SPDX-License-Identifier: Apache-2.0
package io.margay.script;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.mozilla.javascript.CompilerEnvirons;
import org.mozilla.javascript.Context;
import org.mozilla.javascript.EvaluatorException;
import org.mozilla.javascript.Node;
import org.mozilla.javascript.Parser;
import org.mozilla.javascript.ast.AstNode;
import org.mozilla.javascript.ast.AstRoot;

/**
 * Tells whether a text is a script module: JavaScript with one default export ({@code spec/control-api.md §9}).
 *
 * <p>Rhino parses scripts, not modules. So where its parser, and nothing but it, stumbles over the word
 * {@code export}, the export is rewritten to a statement of the same length that scripts have, and the text is parsed
 * again: places in error texts stay right.
 */
public final class ModuleSyntax {

    private static final String EXPORT = "export";
    /** Holds what is exported; two letters, for the length of what it replaces, that nobody uses together. */
    private static final String VALUE = "\u00aa\u00ba";
    private static final String RESERVED = "reserved word";
    /** A constant of a loop, which Rhino does not know; for the syntax it is what {@code let} is. */
    private static final Pattern LOOP_CONSTANT = Pattern.compile("(\\bfor\\s*\\(\\s*)const\\b");
    private static final String GAP = "((?:\\s|/\\*(?:[^*]|\\*(?!/))*+\\*/|//[^\\n]*+\\n)*+)";
    private static final Pattern DEFAULT = Pattern.compile("export" + GAP + "default\\b");
    private static final Pattern DECLARATION = Pattern.compile("\\s*+function\\s*+\\*?+\\s*+"
        + "([\\p{L}$_][\\p{L}\\p{N}$_]*+).*+", Pattern.DOTALL);
    private static final Pattern LIST = Pattern.compile("export\\s*+\\{\\s*+([\\p{L}$_][\\p{L}\\p{N}$_]*+)\\s++as\\s++"
        + "default\\s*+,?+\\s*+\\}");

    private ModuleSyntax() {
    }

    /**
     * The first problem of a module; on any thread. Nesting is bounded by the thread's stack, and told so.
     *
     * @param name of the module, for the text
     * @param source its text
     * @return like {@code SyntaxError: Unexpected token "}" in NAME:1}; empty when it is a module
     */
    public static Optional<String> problem(String name, String source) {
        return problem(name, source, () -> check(prepared(source), name));
    }

    /** What a check finds wrong with a source, told with its place. */
    static Optional<String> problem(String name, String source, Runnable check) {
        try {
            check.run();
            return Optional.empty();
        } catch (SyntaxFault fault) {
            return Optional.of("SyntaxError: " + fault.text() + " in " + name + ":" + line(source, fault.offset()));
        } catch (StackOverflowError | EvaluatorException e) {
            // The parser reports the end of its own patience without a place.
            return Optional.of("SyntaxError: Too deeply nested in " + name + ":1");
        }
    }

    /**
     * A module as a function without arguments, which runs it and gives what it exports; lines keep their numbers.
     *
     * @param name of the module
     * @param source a text without a {@link #problem}
     */
    public static String function(String name, String source) {
        StringBuilder text = prepared(source);
        String exported = check(text, name);
        return "(function(){\"use strict\";" + text + "\n;return " + exported + ";})";
    }

    /** A source without what Rhino does not know although it is easily said otherwise. */
    static StringBuilder prepared(String source) {
        return new StringBuilder(LOOP_CONSTANT.matcher(source).replaceAll("$1let  "));
    }

    /** Makes a script of a module; the result is what it exports. */
    private static String check(StringBuilder text, String name) {
        try {
            parse(text, name);
        } catch (SyntaxFault fault) {
            if (!isExport(fault, text)) {
                throw worded(fault, text);
            }
            String exported = rewrite(text, fault.offset());
            confirm(text, name, fault.offset());
            return exported;
        }
        throw new SyntaxFault("Export statement is required", text.length());
    }

    private static boolean isExport(SyntaxFault fault, CharSequence text) {
        int end = fault.offset() + EXPORT.length();
        return fault.text().contains(RESERVED) && end <= text.length()
            && EXPORT.contentEquals(text.subSequence(fault.offset(), end));
    }

    /** Parses what was rewritten: there is one export, and it stands in no block and no function. */
    private static void confirm(StringBuilder text, String name, int export) {
        AstRoot root;
        try {
            root = parse(text, name);
        } catch (SyntaxFault fault) {
            throw isExport(fault, text) ? new SyntaxFault("Only one default export is allowed", fault.offset())
                : worded(fault, text);
        }
        TemplateSyntax.checkNumbers(root, 0);
        for (Node node : root) {
            int from = ((AstNode) node).getAbsolutePosition();
            if (from < export && from + ((AstNode) node).getLength() > export) {
                throw new SyntaxFault("Illegal export statement", export);
            }
        }
    }

    static AstRoot parse(CharSequence text, String name) {
        CompilerEnvirons environment = new CompilerEnvirons();
        environment.setLanguageVersion(Context.VERSION_ECMASCRIPT);
        // Without it no keyword may be the name of a property.
        environment.setReservedKeywordAsIdentifier(true);
        environment.setXmlAvailable(false);
        FirstFault faults = new FirstFault();
        environment.setErrorReporter(faults);
        return new Parser(environment, faults).parse(text.toString(), name, 1);
    }

    private static String rewrite(StringBuilder text, int offset) {
        Matcher list = LIST.matcher(text).region(offset, text.length());
        Matcher whole = DEFAULT.matcher(text).region(offset, text.length());
        if (list.lookingAt()) {
            // The exported name alone, between semicolons: whether it exists is seen when the module runs.
            String shown = ";" + " ".repeat(list.start(1) - offset - 1) + list.group(1)
                + " ".repeat(list.end() - list.end(1) - 1) + ";";
            String exported = list.group(1);
            replace(text, offset, shown);
            return exported;
        }
        if (!whole.lookingAt()) {
            throw new SyntaxFault("Only a default export is allowed", offset);
        }
        Matcher declared = DECLARATION.matcher(text).region(whole.end(), text.length());
        if (declared.lookingAt()) {
            String exported = declared.group(1);
            replace(text, offset, " ".repeat(EXPORT.length()));
            replace(text, whole.end() - "default".length(), "       ");
            return exported;
        }
        replace(text, offset, "var " + VALUE);
        replace(text, whole.end() - "default".length(), "      =");
        return VALUE;
    }

    /** Keeps line breaks, so that lines keep their numbers. */
    private static void replace(StringBuilder text, int offset, String shown) {
        for (int i = 0; i < shown.length(); i++) {
            if (text.charAt(offset + i) != '\n') {
                text.setCharAt(offset + i, shown.charAt(i));
            }
        }
    }

    /** Says what was met where the parser says what it missed, as Unit's engine does. */
    static SyntaxFault worded(SyntaxFault fault, CharSequence text) {
        String told = fault.text();
        if (told.startsWith("Unexpected end") || fault.offset() >= text.length()) {
            return new SyntaxFault("Unexpected end of input", text.length());
        }
        boolean generic = told.equals("syntax error") || told.startsWith("missing ")
            || told.equals("invalid property id") || told.contains(RESERVED);
        return generic ? new SyntaxFault("Unexpected token \"" + token(text, fault.offset()) + "\"", fault.offset())
            : new SyntaxFault(told.substring(0, 1).toUpperCase(Locale.ROOT) + told.substring(1),
                fault.offset());
    }

    private static String token(CharSequence text, int offset) {
        int end = offset;
        while (end < text.length() && end - offset < 40 && Character.isJavaIdentifierPart(text.charAt(end))) {
            end++;
        }
        return text.subSequence(offset, Math.max(end, offset + 1)).toString();
    }

    private static long line(String source, int offset) {
        return 1 + source.substring(0, Math.min(offset, source.length())).chars().filter(c -> c == '\n').count();
    }
}
