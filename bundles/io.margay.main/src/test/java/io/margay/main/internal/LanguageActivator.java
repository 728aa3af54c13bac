// SPDX-License-Identifier: Apache-2.0
package io.margay.main.internal;

import io.margay.lang.AppSpec;
import io.margay.lang.InstalledModule;
import io.margay.lang.Language;
import io.margay.lang.Launch;
import io.margay.lang.Probe;
import io.margay.lang.RequestEncoder;
import java.util.List;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;

/** The only class of the language bundles that tests make; the type word is the bundle's name. */
public final class LanguageActivator implements BundleActivator, Language {

    private String type;

    @Override
    public void start(BundleContext context) {
        type = context.getBundle().getSymbolicName();
        if (type.equals("faulty")) {
            throw new IllegalStateException("no luck");
        }
        context.registerService(Language.class, this, null);
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
    public String wire() {
        return "port";
    }

    @Override
    public List<Probe> probes() {
        return List.of(new Probe(type, List.of("/bin/echo", "{\"version\":\"1.5\"}")));
    }

    @Override
    public void launch(AppSpec app, InstalledModule module, Launch.Builder launch) {
        throw new UnsupportedOperationException("never started");
    }

    @Override
    public RequestEncoder encoder(AppSpec app) {
        throw new UnsupportedOperationException("never asked");
    }
}
