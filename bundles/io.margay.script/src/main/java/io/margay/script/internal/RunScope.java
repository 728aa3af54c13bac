// SPDX-License-Identifier: Apache-2.0
package io.margay.script.internal;

import io.margay.script.CompiledScript;
import java.util.HashMap;
import java.util.Map;
import org.mozilla.javascript.Context;
import org.mozilla.javascript.Function;
import org.mozilla.javascript.Scriptable;
import org.mozilla.javascript.ScriptableObject;
import org.mozilla.javascript.Undefined;

/** The global names of one run: the standard objects, and modules, each of which is run when it is first named. */
final class RunScope extends ScriptableObject {
    private static final long serialVersionUID = 1L;

    private final transient Map<String, CompiledScript> modules;
    private final transient Map<String, Object> exports = new HashMap<>();

    RunScope(Scriptable globals, Map<String, CompiledScript> modules) {
        this.modules = modules;
        setPrototype(globals);
    }

    @Override
    public String getClassName() {
        return "global";
    }

    @Override
    public boolean has(String name, Scriptable start) {
        return modules.containsKey(name) || super.has(name, start);
    }

    @Override
    public Object get(String name, Scriptable start) {
        CompiledScript module = modules.get(name);
        if (module == null) {
            return super.get(name, start);
        }
        Object exported = exports.get(name);
        if (exported == null) {
            // One that names itself while it runs does not see itself.
            exports.put(name, Undefined.instance);
            Context context = Context.getCurrentContext();
            Function function = (Function) ((RhinoEngine.Compiled) module).script().exec(context, this, this);
            exported = function.call(context, this, Undefined.SCRIPTABLE_UNDEFINED, new Object[0]);
            exports.put(name, exported);
        }
        return exported;
    }
}
