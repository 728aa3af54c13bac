// SPDX-License-Identifier: Apache-2.0
package io.margay.script;

import java.util.Optional;
import org.mozilla.javascript.ast.AstNode;
import org.mozilla.javascript.ast.AstRoot;
import org.mozilla.javascript.ast.BigIntLiteral;
import org.mozilla.javascript.ast.ExpressionStatement;
import org.mozilla.javascript.ast.FunctionNode;
import org.mozilla.javascript.ast.ParenthesizedExpression;

/**
 * Tells whether a text is a script template ({@code spec/routing.md §6.5}): what a function returns that knows the
 * request by some names.
 */
public final class TemplateSyntax {
    private static final String NAME = "default";
    private static final String HEAD =
        "(function(uri,host,remoteAddr,args,headers,cookies,vars){\"use strict\";return ";
    private static final String TAIL = "\n})";

    private TemplateSyntax() {
    }

    /**
     * The first problem of a template; on any thread.
     *
     * @param text with the backtick in front
     * @return like {@code "SyntaxError: Unexpected end of input in default:1"}, the outer quotes included; empty when
     *     it is a template
     */
    public static Optional<String> problem(String text) {
        return ModuleSyntax.problem(NAME, text, () -> check(text)).map(told -> '"' + told + '"');
    }

    /**
     * A template as a function whose arguments are uri, host, remoteAddr, args, headers, cookies and vars.
     *
     * @param text one without a {@link #problem}
     */
    public static String function(String text) {
        return HEAD + ModuleSyntax.prepared(text) + TAIL;
    }

    private static void check(String text) {
        String whole = function(text);
        AstRoot root;
        try {
            root = ModuleSyntax.parse(whole, NAME);
        } catch (SyntaxFault fault) {
            SyntaxFault told = ModuleSyntax.worded(fault, whole);
            int offset = told.offset() - HEAD.length();
            // What is behind the text was not written by its author: the text ends too early.
            throw offset >= text.length() ? new SyntaxFault("Unexpected end of input", text.length())
                : new SyntaxFault(told.text(), Math.max(0, offset));
        }
        if (!isOneFunction(root)) {
            throw new SyntaxFault("Unexpected token \"}\"", Math.max(0, text.lastIndexOf('}')));
        }
        checkNumbers(root, HEAD.length());
    }

    /** Whole numbers without limit could be computed with for ever in one step. */
    static void checkNumbers(AstRoot root, int before) {
        root.visit(node -> {
            if (node instanceof BigIntLiteral) {
                throw new SyntaxFault("BigInt is not supported", Math.max(0, node.getAbsolutePosition() - before));
            }
            return true;
        });
    }

    /** Whether the text has not closed the function that it stands in. */
    private static boolean isOneFunction(AstRoot root) {
        if (root.getFirstChild() != root.getLastChild()
                || !(root.getFirstChild() instanceof ExpressionStatement statement)) {
            return false;
        }
        AstNode inner = statement.getExpression();
        return inner instanceof ParenthesizedExpression whole && whole.getExpression() instanceof FunctionNode;
    }
}
