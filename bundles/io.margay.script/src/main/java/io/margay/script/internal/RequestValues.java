// SPDX-License-Identifier: Apache-2.0
package io.margay.script.internal;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.mozilla.javascript.Context;
import org.mozilla.javascript.Scriptable;
import org.mozilla.javascript.ScriptableObject;

/** Makes objects of names and values that a client has chosen. */
final class RequestValues {
    /** Names of which the language makes numbers. */
    private static final Pattern INDEX = Pattern.compile("0|[1-9][0-9]{0,8}");

    private RequestValues() {
    }

    /** An object in which the first value of a name counts. */
    static Scriptable first(Context context, Scriptable scope, Consumer<BiConsumer<String, String>> values) {
        Map<String, Object> found = new LinkedHashMap<>();
        values.accept(found::putIfAbsent);
        return object(context, scope, found);
    }

    /** An object in which a name with several values has an array of them. */
    static Scriptable all(Context context, Scriptable scope, Consumer<BiConsumer<String, String>> values) {
        Map<String, List<Object>> found = new LinkedHashMap<>();
        values.accept((name, value) -> found.computeIfAbsent(name, key -> new ArrayList<>(1)).add(value));
        Map<String, Object> shown = new LinkedHashMap<>();
        found.forEach((name, each) -> shown.put(name, each.size() == 1 ? each.getFirst()
            : context.newArray(scope, each.toArray())));
        return object(context, scope, shown);
    }

    private static Scriptable object(Context context, Scriptable scope, Map<String, Object> values) {
        ScriptableObject object = (ScriptableObject) context.newObject(scope);
        values.forEach((name, value) -> {
            if (INDEX.matcher(name).matches()) {
                object.put(Integer.parseInt(name), object, value);
            } else {
                // Not set but defined: some names do things when they are set.
                object.defineProperty(name, value, ScriptableObject.EMPTY);
            }
        });
        return object;
    }
}
