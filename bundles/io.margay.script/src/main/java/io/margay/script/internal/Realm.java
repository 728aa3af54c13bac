// SPDX-License-Identifier: Apache-2.0
package io.margay.script.internal;

import io.margay.script.CompiledScript;
import io.margay.script.ScriptException;
import io.margay.script.ScriptRealm;
import io.margay.script.ScriptRequest;
import java.util.Map;
import org.mozilla.javascript.Context;
import org.mozilla.javascript.Function;
import org.mozilla.javascript.JavaScriptException;
import org.mozilla.javascript.RhinoException;
import org.mozilla.javascript.Scriptable;
import org.mozilla.javascript.Undefined;

/** The standard objects for the scripts of one thread, sealed, and a context. Made with the first run. */
final class Realm implements ScriptRealm {
    private static final Object NONE = Undefined.instance;

    private final Contexts contexts = new Contexts();
    private Contexts.Metered context;
    private Scriptable globals;

    @Override
    public String run(CompiledScript template, Map<String, CompiledScript> modules, ScriptRequest request) {
        RhinoEngine.Compiled compiled = (RhinoEngine.Compiled) template;
        if (context == null) {
            context = (Contexts.Metered) contexts.makeContext();
        }
        boolean good = false;
        contexts.enterContext(context);
        try {
            if (globals == null) {
                globals = Globals.make(context);
            }
            context.meter().start();
            String value = run(compiled, new RunScope(globals, modules), request);
            good = true;
            return value;
        } catch (JavaScriptException e) {
            throw new ScriptException(thrown(e));
        } catch (RhinoException e) {
            throw new ScriptException(e.details());
        } catch (StepMeter.LimitError e) {
            throw new ScriptException(e.getMessage());
        } catch (StackOverflowError e) {
            throw new ScriptException("the script is too deeply nested");
        } finally {
            Context.exit();
            if (!good) {
                // Rhino keeps the count of a context that was interrupted.
                context = null;
            }
        }
    }

    private String run(RhinoEngine.Compiled compiled, Scriptable scope, ScriptRequest request) {
        String text = compiled.text();
        Function function = (Function) compiled.script().exec(context, scope, scope);
        // An argument that the text does not name cannot be used.
        Object value = function.call(context, scope, Undefined.SCRIPTABLE_UNDEFINED, new Object[] {
            text.contains("uri") ? request.uri() : "", text.contains("host") ? request.host() : "",
            text.contains("remoteAddr") ? request.remoteAddr() : "",
            text.contains("args") ? RequestValues.all(context, scope, request::args) : NONE,
            text.contains("headers") ? RequestValues.first(context, scope, request::headers) : NONE,
            text.contains("cookies") ? RequestValues.first(context, scope, request::cookies) : NONE,
            text.contains("vars") ? new Variables(scope, request) : NONE});
        return Context.toString(value);
    }

    /** What a script has thrown, as a text; making one of it may fail as well. */
    private String thrown(JavaScriptException e) {
        try {
            context.meter().start();
            return Context.toString(e.getValue());
        } catch (RhinoException | StepMeter.LimitError | StackOverflowError again) {
            return "a value without a text";
        }
    }
}
