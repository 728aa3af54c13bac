// SPDX-License-Identifier: Apache-2.0
package io.margay.script.internal;

import io.margay.script.ScriptRequest;
import java.util.Optional;
import org.mozilla.javascript.Scriptable;
import org.mozilla.javascript.ScriptableObject;

/** The variables of templates as an object, read when they are asked; they cannot be listed or changed. */
final class Variables extends ScriptableObject {
    private static final long serialVersionUID = 1L;

    private final transient ScriptRequest request;

    Variables(Scriptable scope, ScriptRequest request) {
        super(scope, ScriptableObject.getObjectPrototype(scope));
        this.request = request;
        sealObject();
    }

    @Override
    public String getClassName() {
        return "Object";
    }

    @Override
    public boolean has(String name, Scriptable start) {
        return request.variable(name).isPresent();
    }

    @Override
    public Object get(String name, Scriptable start) {
        Optional<String> value = request.variable(name);
        return value.isPresent() ? value.get() : NOT_FOUND;
    }
}
