// SPDX-License-Identifier: Apache-2.0
package io.margay.main.internal;

import io.margay.lang.AppSpec;
import io.margay.lang.InstalledModule;
import io.margay.lang.LanguageModule;
import io.margay.lang.Probe;
import io.margay.lang.PrototypeLaunch;
import io.margay.lang.RequestEncoder;
import io.margay.lang.Wire;
import java.util.List;
import java.util.Map;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;

/** The only class of the language bundles that tests make; the type word is the bundle's name. */
public final class LanguageActivator implements BundleActivator, LanguageModule {

    private String type;

    @Override
    public void start(BundleContext context) {
        type = context.getBundle().getSymbolicName();
        if (type.equals("faulty")) {
            throw new IllegalStateException("no luck");
        }
        context.registerService(LanguageModule.class, this, null);
    }

    @Override
    public void stop(BundleContext context) {
        type = "";
    }

    @Override
    public String type() {
        return type;
    }

    @Override
    public Wire wire() {
        return Wire.PORT;
    }

    @Override
    public List<Probe> probes() {
        return List.of(new Probe(type, List.of("/bin/echo", "{\"version\":\"1.5\"}")));
    }

    @Override
    public PrototypeLaunch prototype(AppSpec app, InstalledModule module, Map<String, String> inherited) {
        throw new UnsupportedOperationException("never started");
    }

    @Override
    public RequestEncoder encoder(AppSpec app) {
        throw new UnsupportedOperationException("never asked");
    }
}
