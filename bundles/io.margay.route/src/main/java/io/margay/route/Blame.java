// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import io.margay.conf.ConfPointer;
import java.util.function.Supplier;

/** Calls factories of extensions: whatever they throw becomes a reason that names their bundle. */
final class Blame {
    private Blame() {
    }

    static <T> T call(Extensions.Entry<?> entry, ConfPointer at, Supplier<T> compile) {
        T made;
        try {
            made = compile.get();
        } catch (RouteException e) {
            throw e;
        } catch (RuntimeException | LinkageError | StackOverflowError e) {
            throw new RouteException(at, "The bundle " + entry.origin().bundle() + " failed to compile \""
                + entry.name() + "\": " + e, e);
        }
        if (made == null) {
            throw new RouteException(at, "The bundle " + entry.origin().bundle() + " compiled \"" + entry.name()
                + "\" to nothing.");
        }
        return made;
    }
}
