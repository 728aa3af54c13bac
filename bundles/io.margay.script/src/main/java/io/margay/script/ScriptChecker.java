// SPDX-License-Identifier: Apache-2.0
package io.margay.script;

import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/** Tells whether a text is a script module, as a service of the bundle. For any thread. */
@ProviderType
public interface ScriptChecker {

    /**
     * The first problem of a module. Nesting is bounded by the thread's stack, and told so.
     *
     * @param name of the module, for the text
     * @param source its text
     * @return like {@code SyntaxError: Unexpected token "}" in NAME:1}; empty when it is a module
     */
    Optional<String> problem(String name, String source);

    /**
     * The first problem of a script template ({@code spec/routing.md §6.5}).
     *
     * @param text with the backtick in front
     * @return like {@code "SyntaxError: Unexpected end of input in default:1"}, the outer quotes included; empty when
     *     it is a template
     */
    default Optional<String> templateProblem(String text) {
        return TemplateSyntax.problem(text);
    }
}
