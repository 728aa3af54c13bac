// SPDX-License-Identifier: Apache-2.0
package io.margay.script.internal;

import org.mozilla.javascript.Context;
import org.mozilla.javascript.ScriptRuntime;
import org.mozilla.javascript.Scriptable;
import org.mozilla.javascript.ScriptableObject;

/** What single calls of standard functions may not exceed: no step is counted while they work. */
final class Bounds {
    /** Elements of an array. */
    private static final double LONGEST = 100_000;
    /** Characters of a text that is made of repetitions. */
    private static final double LARGEST = 1 << 20;

    /** Throws what a script can catch. */
    @FunctionalInterface
    interface Check {
        void test(Scriptable self, Object[] args);
    }

    private Bounds() {
    }

    static void array(Scriptable self, Object[] args) {
        elements(self);
    }

    /** The first argument is walked through. */
    static void first(Scriptable self, Object[] args) {
        argument(args, 0);
    }

    /** The second argument is walked through. */
    static void second(Scriptable self, Object[] args) {
        argument(args, 1);
    }

    /** The third argument is walked through. */
    static void third(Scriptable self, Object[] args) {
        argument(args, 2);
    }

    static void join(Scriptable self, Object[] args) {
        elements(self);
        double size = 0;
        double length = number(ScriptableObject.getProperty(self, "length"));
        double between = args.length > 0 ? length(args[0]) : 1;
        for (int i = 0; i < length; i++) {
            size += between + length(ScriptableObject.getProperty(self, i));
            characters(size);
        }
    }

    static void repeat(Scriptable self, Object[] args) {
        characters(args.length > 0 ? length(self) * number(args[0]) : 0);
    }

    static void pad(Scriptable self, Object[] args) {
        characters(args.length > 0 ? number(args[0]) : 0);
    }

    static void replace(Scriptable self, Object[] args) {
        if (args.length > 1 && args[1] instanceof CharSequence) {
            characters(length(self) + length(self) * length(args[1]));
        }
    }

    private static void argument(Object[] args, int index) {
        if (args.length > index && args[index] instanceof Scriptable list) {
            elements(list);
        }
    }

    private static void elements(Scriptable list) {
        Object length = list == null ? null : ScriptableObject.getProperty(list, "length");
        if (length instanceof Number number && number.doubleValue() > LONGEST) {
            throw ScriptRuntime.rangeError("An array of more than " + (int) LONGEST + " elements");
        }
    }

    private static void characters(double count) {
        if (count > LARGEST) {
            throw ScriptRuntime.rangeError("A string of more than " + (int) LARGEST + " characters");
        }
    }

    private static double length(Object value) {
        if (value instanceof CharSequence text) {
            return text.length();
        }
        if (!(value instanceof Scriptable object)) {
            return 0;
        }
        Object length = ScriptableObject.getProperty(object, "length");
        return length instanceof Number number ? number.doubleValue() : 0;
    }

    private static double number(Object value) {
        double number = Context.toNumber(value);
        return Double.isNaN(number) ? 0 : number;
    }
}
