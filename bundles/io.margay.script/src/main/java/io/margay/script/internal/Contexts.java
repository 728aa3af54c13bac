// SPDX-License-Identifier: Apache-2.0
package io.margay.script.internal;

import org.mozilla.javascript.Context;
import org.mozilla.javascript.ContextFactory;
import org.mozilla.javascript.ScriptRuntime;
import org.mozilla.javascript.regexp.RegExpImpl;

/** Makes contexts that show scripts nothing of Java and count what they do. */
final class Contexts extends ContextFactory {
    /** Steps between two looks at the meter. */
    private static final int LOOK = 1000;
    private static final int DEEPEST = 1000;

    /** A context with the meter of its run. */
    static final class Metered extends Context {
        private final StepMeter meter = new StepMeter();

        Metered(ContextFactory factory) {
            super(factory);
        }

        StepMeter meter() {
            return meter;
        }
    }

    @Override
    protected Context makeContext() {
        Metered context = new Metered(this);
        context.setLanguageVersion(Context.VERSION_ECMASCRIPT);
        context.setInterpretedMode(true);
        context.setMaximumInterpreterStackDepth(DEEPEST);
        context.setGenerateObserverCount(true);
        context.setInstructionObserverThreshold(LOOK);
        context.setClassShutter(name -> false);
        // Else it would be looked for by way of the thread's class loader, which knows none.
        ScriptRuntime.setRegExpProxy(context, new RegExpImpl());
        return context;
    }

    @Override
    protected void observeInstructionCount(Context context, int count) {
        ((Metered) context).meter().count(count);
    }
}
