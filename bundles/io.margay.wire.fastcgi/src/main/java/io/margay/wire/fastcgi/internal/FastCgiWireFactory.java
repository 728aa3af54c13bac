// SPDX-License-Identifier: Apache-2.0
package io.margay.wire.fastcgi.internal;

import io.margay.dispatch.Wire;
import io.margay.dispatch.WireContext;
import io.margay.dispatch.WireFactory;
import io.margay.dispatch.WireGeneration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** The wire of FastCGI responders that accept connections on a socket which they inherit. */
@Component
public final class FastCgiWireFactory implements WireFactory {

    /** Has no state. */
    @Activate
    public FastCgiWireFactory() {
        // Nothing to do.
    }

    @Override
    public String name() {
        return "fastcgi";
    }

    @Override
    public Wire open(WireContext context) {
        return new Wire() {
            @Override
            public Flow flow() {
                return Flow.PUSH;
            }

            @Override
            public int contexts() {
                return 1;
            }

            @Override
            public WireGeneration open() {
                return new FastCgiGeneration(context);
            }
        };
    }
}
