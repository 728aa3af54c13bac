// SPDX-License-Identifier: Apache-2.0
package io.margay.wire.port.internal;

import io.margay.dispatch.Wire;
import io.margay.dispatch.WireContext;
import io.margay.dispatch.WireGeneration;
import io.margay.lang.RequestEncoder;
import java.util.ArrayList;
import java.util.List;

/** The wire of one application. */
final class PortWire implements Wire {

    private final WireContext context;
    private final List<RequestEncoder> encoders = new ArrayList<>();

    /** Makes an encoder for each loop first, before anything is open. */
    PortWire(WireContext context) {
        this.context = context;
        for (int i = 0; i < context.loops().size(); i++) {
            encoders.add(context.language().encoder(context.app()));
        }
    }

    @Override
    public Flow flow() {
        return Flow.PULL;
    }

    @Override
    public int contexts() {
        return context.app().threads();
    }

    @Override
    public WireGeneration open() {
        return new PortGeneration(context, encoders);
    }
}
