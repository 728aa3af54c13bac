// SPDX-License-Identifier: Apache-2.0
package io.margay.script;

import org.osgi.annotation.versioning.ProviderType;

/** Compiles and runs scripts, as a service of the bundle. The engine behind it is loaded with the first of them. */
@ProviderType
public interface ScriptEngine {

    /**
     * Compiles a template ({@code spec/routing.md §6.5}); on any thread.
     *
     * @param text with the backtick in front
     * @throws ScriptException as {@link ScriptChecker#templateProblem} tells
     */
    CompiledScript template(String text);

    /**
     * Compiles a module; on any thread.
     *
     * @param name of the module, for texts of errors
     * @throws ScriptException as {@link ScriptChecker#problem} tells
     */
    CompiledScript module(String name, String source);

    /** A new place to run scripts in, for one thread at a time. It holds nothing that has to be closed. */
    ScriptRealm realm();
}
