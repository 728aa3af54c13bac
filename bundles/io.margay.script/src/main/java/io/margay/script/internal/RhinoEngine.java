// SPDX-License-Identifier: Apache-2.0
package io.margay.script.internal;

import io.margay.script.CompiledScript;
import io.margay.script.ModuleSyntax;
import io.margay.script.ScriptEngine;
import io.margay.script.ScriptException;
import io.margay.script.ScriptRealm;
import io.margay.script.TemplateSyntax;
import java.util.Optional;
import org.mozilla.javascript.Context;
import org.mozilla.javascript.RhinoException;
import org.osgi.service.component.annotations.Component;

/**
 * Runs scripts with Rhino, which is loaded with the first of them. Its interpreter is used: it makes no classes at run
 * time and bounds recursion by itself.
 */
@Component
public final class RhinoEngine implements ScriptEngine {

    /**
     * What Rhino has made of a text.
     *
     * @param text the source, to be searched for names that it cannot use without naming them
     */
    record Compiled(String text, org.mozilla.javascript.Script script) implements CompiledScript {
    }

    @Override
    public CompiledScript template(String text) {
        TemplateSyntax.problem(text).ifPresent(RhinoEngine::fail);
        return compile(text, TemplateSyntax.function(text), "default");
    }

    @Override
    public CompiledScript module(String name, String source) {
        ModuleSyntax.problem(name, source).ifPresent(RhinoEngine::fail);
        return compile(source, ModuleSyntax.function(name, source), name);
    }

    @Override
    public ScriptRealm realm() {
        return new Realm();
    }

    private static void fail(String problem) {
        throw new ScriptException(problem);
    }

    private static CompiledScript compile(String text, String function, String name) {
        Context context = new Contexts().enterContext();
        try {
            return new Compiled(text, context.compileString(function, name, 1, null));
        } catch (RhinoException | StackOverflowError e) {
            throw new ScriptException("SyntaxError: "
                + Optional.ofNullable(e.getMessage()).orElse("Too deeply nested"));
        } finally {
            Context.exit();
        }
    }
}
