// SPDX-License-Identifier: Apache-2.0
package io.margay.wire.libunit.internal;

import io.margay.dispatch.Wire;
import io.margay.dispatch.WireContext;
import io.margay.dispatch.WireFactory;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** The wire of programs that are built with NGINX Unit's library: shared memory, workers pull from one queue. */
@Component
public final class LibunitWireFactory implements WireFactory {

    /** Has no state. */
    @Activate
    public LibunitWireFactory() {
        // Nothing to do.
    }

    @Override
    public String name() {
        return "libunit";
    }

    @Override
    public Wire open(WireContext context) {
        return new LibunitWire(context);
    }
}
