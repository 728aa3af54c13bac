// SPDX-License-Identifier: Apache-2.0
package io.margay.script;

import org.mozilla.javascript.EvaluatorException;
import org.mozilla.javascript.ast.IdeErrorReporter;

/** Throws the first error that the parser finds, since the later ones are mostly its consequences. */
final class FirstFault implements IdeErrorReporter {

    @Override
    public void error(String message, String sourceName, int offset, int length) {
        // The parser has no place for some faults of templates, and says -1.
        throw new SyntaxFault(message, Math.max(0, offset));
    }

    @Override
    public void error(String message, String sourceName, int line, String lineSource, int lineOffset) {
        throw new IllegalStateException("an error without an offset: " + message);
    }

    @Override
    public EvaluatorException runtimeError(String message, String sourceName, int line, String lineSource,
            int lineOffset) {
        return new EvaluatorException(message, sourceName, line, lineSource, lineOffset);
    }

    @Override
    public void warning(String message, String sourceName, int offset, int length) {
        // A module with warnings works.
    }

    @Override
    public void warning(String message, String sourceName, int line, String lineSource, int lineOffset) {
        // A module with warnings works.
    }
}
