// SPDX-License-Identifier: Apache-2.0
package io.margay.template.script;

import io.margay.route.Template;
import io.margay.script.ScriptEngine;
import io.margay.script.ScriptRealm;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** A realm for each thread that evaluates templates: the loops, and the control thread where it explains routes. */
final class LoopRealms {
    private final ScriptEngine engine;
    private final Map<Thread, Own> all = new ConcurrentHashMap<>();

    /** What one thread uses. */
    static final class Own {
        /** Variables that scripts have named; more are looked up each time. */
        private static final int MOST = 64;

        private final ScriptRealm realm;
        private final Map<String, Optional<Template>> variables = new HashMap<>();

        private Own(ScriptRealm realm) {
            this.realm = realm;
        }

        ScriptRealm realm() {
            return realm;
        }

        Optional<Template> variable(String name) {
            Optional<Template> known = variables.get(name);
            if (known == null) {
                known = Template.variable(name);
                if (variables.size() < MOST) {
                    variables.put(name, known);
                }
            }
            return known;
        }
    }

    LoopRealms(ScriptEngine engine) {
        this.engine = engine;
    }

    /** That of the current thread. */
    Own own() {
        Thread current = Thread.currentThread();
        Own own = all.get(current);
        if (own == null) {
            // Loops end when there are to be fewer.
            all.keySet().removeIf(thread -> !thread.isAlive());
            own = new Own(engine.realm());
            all.put(current, own);
        }
        return own;
    }
}
