// SPDX-License-Identifier: Apache-2.0
package io.margay.script.internal;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.mozilla.javascript.Callable;
import org.mozilla.javascript.LambdaFunction;
import org.mozilla.javascript.RhinoException;
import org.mozilla.javascript.ScriptRuntime;
import org.mozilla.javascript.Scriptable;
import org.mozilla.javascript.ScriptableObject;
import org.mozilla.javascript.SymbolKey;

/**
 * Makes the standard objects: nothing that compiles text or reaches Java, nothing that fills memory in one step as far
 * as {@link Bounds} know it, and all sealed, so that one run cannot leave anything to the next.
 */
final class Globals {
    /** What compiles text, allocates any size at once, or computes without limit in one step. */
    private static final List<String> NOT_WANTED = List.of("eval", "With", "Call", "Script", "Iterator",
        "BigInt", "ArrayBuffer", "DataView", "Int8Array", "Uint8Array", "Uint8ClampedArray", "Int16Array",
        "Uint16Array", "Int32Array", "Uint32Array", "Float32Array", "Float64Array", "BigInt64Array",
        "BigUint64Array");
    /** Kinds of functions that have constructors of their own, each of which compiles text. */
    private static final List<String> KINDS = List.of("(function(){})", "(function*(){})");

    private Globals() {
    }

    static Scriptable make(Contexts.Metered context) {
        ScriptableObject globals = context.initSafeStandardObjects(null, false);
        context.meter().start();
        for (String kind : KINDS) {
            Scriptable function = (Scriptable) context.evaluateString(globals, kind, "", 1, null);
            for (Scriptable at = function; at != null; at = at.getPrototype()) {
                if (at instanceof Callable) {
                    at.delete("constructor");
                }
            }
        }
        NOT_WANTED.forEach(globals::delete);
        Scriptable functions = ScriptableObject.getFunctionPrototype(globals);
        closed(globals, functions);
        Scriptable arrays = child(globals, "Array");
        wrapAll(child(arrays, "prototype"), Bounds::array);
        wrap(child(arrays, "prototype"), "join", Bounds::join);
        wrap(arrays, "from", Bounds::first);
        Scriptable texts = child(child(globals, "String"), "prototype");
        wrap(texts, "repeat", Bounds::repeat);
        wrap(texts, "padStart", Bounds::pad);
        wrap(texts, "padEnd", Bounds::pad);
        wrap(texts, "replaceAll", Bounds::replace);
        wrap(texts, "replace", Bounds::replace);
        wrap(functions, "apply", Bounds::second);
        wrap(child(globals, "Reflect"), "apply", Bounds::third);
        wrap(child(globals, "Reflect"), "construct", Bounds::second);
        seal(globals, Collections.newSetFromMap(new IdentityHashMap<>()));
        return globals;
    }

    /** The engine finds the nature of functions by this name; who calls it would compile text. */
    private static void closed(Scriptable globals, Scriptable functions) {
        LambdaFunction closed = new LambdaFunction(globals, "Function", 1, (context, scope, self, args) -> {
            throw ScriptRuntime.typeError("Code generation from strings is not allowed");
        }, false);
        closed.setImmunePrototypeProperty(functions);
        ScriptableObject.defineProperty(globals, "Function", closed, ScriptableObject.DONTENUM);
        ScriptableObject.defineProperty(functions, "constructor", closed, ScriptableObject.DONTENUM);
    }

    private static Scriptable child(Scriptable object, String name) {
        return (Scriptable) ScriptableObject.getProperty(object, name);
    }

    private static void wrapAll(Scriptable object, Bounds.Check check) {
        for (Object id : ((ScriptableObject) object).getAllIds()) {
            if (id instanceof String name && !name.equals("constructor")
                    && object.get(name, object) instanceof Callable) {
                wrap(object, name, check);
            }
        }
        // What loops and spreads use.
        ((ScriptableObject) object).defineProperty(SymbolKey.ITERATOR, object.get("values", object),
            ScriptableObject.DONTENUM);
    }

    /** Puts a check in front of a function. */
    private static void wrap(Scriptable object, String name, Bounds.Check check) {
        Callable inner = (Callable) object.get(name, object);
        int arity = ((Number) ScriptableObject.getProperty((Scriptable) inner, "length")).intValue();
        Scriptable globals = ScriptableObject.getTopLevelScope(object);
        ScriptableObject.defineProperty(object, name, new LambdaFunction(globals, name, arity,
            (context, scope, self, args) -> {
                check.test(self, args);
                return inner.call(context, scope, self, args);
            }, false), ScriptableObject.DONTENUM);
    }

    private static void seal(ScriptableObject object, Set<Object> seen) {
        if (!seen.add(object)) {
            return;
        }
        for (Object id : object.getAllIds()) {
            Object value;
            try {
                value = id instanceof String name ? object.get(name, object) : object.get((Integer) id, object);
            } catch (RhinoException e) {
                // A property that only instances have.
                continue;
            }
            if (value instanceof ScriptableObject inner) {
                seal(inner, seen);
            }
        }
        if (object.getPrototype() instanceof ScriptableObject prototype) {
            seal(prototype, seen);
        }
        object.sealObject();
    }
}
