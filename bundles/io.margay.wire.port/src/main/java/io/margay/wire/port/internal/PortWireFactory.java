// SPDX-License-Identifier: Apache-2.0
package io.margay.wire.port.internal;

import io.margay.dispatch.Wire;
import io.margay.dispatch.WireContext;
import io.margay.dispatch.WireFactory;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** The wire of runtimes of our own: messages with the payload inline, workers pull from one shared socket. */
@Component
public final class PortWireFactory implements WireFactory {

    /** Has no state. */
    @Activate
    public PortWireFactory() {
        // Nothing to do.
    }

    @Override
    public String name() {
        return "port";
    }

    @Override
    public Wire open(WireContext context) {
        return new PortWire(context);
    }
}
