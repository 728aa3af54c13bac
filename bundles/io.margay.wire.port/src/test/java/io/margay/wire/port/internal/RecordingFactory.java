// SPDX-License-Identifier: Apache-2.0
package io.margay.wire.port.internal;

import io.margay.dispatch.Wire;
import io.margay.dispatch.WireContext;
import io.margay.dispatch.WireFactory;
import io.margay.dispatch.WireGeneration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** The wire as it is, with its generations in view. */
final class RecordingFactory implements WireFactory {

    final List<PortGeneration> opened = new CopyOnWriteArrayList<>();

    @Override
    public String name() {
        return "port";
    }

    @Override
    public Wire open(WireContext context) {
        Wire wire = new PortWireFactory().open(context);
        return new Wire() {
            @Override
            public Flow flow() {
                return wire.flow();
            }

            @Override
            public int contexts() {
                return wire.contexts();
            }

            @Override
            public WireGeneration open() {
                WireGeneration generation = wire.open();
                opened.add((PortGeneration) generation);
                return generation;
            }
        };
    }
}
