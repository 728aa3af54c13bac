// SPDX-License-Identifier: Apache-2.0
package io.margay.wire.http.internal;

import io.margay.dispatch.Wire;
import io.margay.dispatch.WireContext;
import io.margay.dispatch.WireFactory;
import java.nio.file.Path;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** The wire of programs that serve HTTP/1.1 themselves. */
@Component
public final class HttpWireFactory implements WireFactory {

    private final Path directory;

    /** Sockets begin their life in the bundle's own directory, which only this account may enter. */
    @Activate
    public HttpWireFactory(BundleContext bundles) {
        this(bundles.getDataFile("").toPath());
    }

    HttpWireFactory(Path directory) {
        this.directory = directory;
    }

    @Override
    public String name() {
        return "http";
    }

    @Override
    public Wire open(WireContext context) {
        return new HttpWire(context, directory);
    }
}
