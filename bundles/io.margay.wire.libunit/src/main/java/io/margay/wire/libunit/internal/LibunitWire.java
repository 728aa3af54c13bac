// SPDX-License-Identifier: Apache-2.0
package io.margay.wire.libunit.internal;

import io.margay.dispatch.Wire;
import io.margay.dispatch.WireContext;
import io.margay.dispatch.WireGeneration;

/** The wire of one application. */
record LibunitWire(WireContext context) implements Wire {

    @Override
    public Flow flow() {
        return Flow.PULL;
    }

    /** A program does not tell how many requests it works on at a time; it takes what it wants. */
    @Override
    public int contexts() {
        return 1;
    }

    @Override
    public WireGeneration open() {
        return new LibunitGeneration(context);
    }
}
