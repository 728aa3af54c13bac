// SPDX-License-Identifier: Apache-2.0
package io.margay.main.internal;

import io.margay.lang.Language;
import java.io.ByteArrayInputStream;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.ServiceReference;

/**
 * Installs language bundles into main's own framework, each from bytes that were read once and checked. During an
 * update two installations of one bundle are there, so each has a place of its own.
 */
final class ModuleBundles {

    private final BundleContext context;
    private int revision;

    ModuleBundles(BundleContext context) {
        this.context = context;
    }

    /**
     * Installs and starts a bundle.
     *
     * @throws ModuleException with the reason; nothing stays behind
     */
    ModuleBundle install(ModuleJar jar) throws ModuleException {
        int number = ++revision;
        Bundle bundle;
        try {
            bundle = context.installBundle("module:" + number + ":" + jar.name(),
                new ByteArrayInputStream(jar.bytes()));
        } catch (BundleException e) {
            throw new ModuleException(reason(e), e);
        }
        try {
            bundle.start();
            return new ModuleBundle(jar, number, bundle, language(bundle));
        } catch (BundleException e) {
            remove(bundle, e);
            throw new ModuleException(reason(e), e);
        } catch (ModuleException e) {
            remove(bundle, e);
            throw e;
        }
    }

    /**
     * Takes a bundle away.
     *
     * @throws ModuleException with the reason
     */
    void uninstall(ModuleBundle module) throws ModuleException {
        try {
            module.bundle().uninstall();
        } catch (BundleException e) {
            throw new ModuleException(reason(e), e);
        }
    }

    private Language language(Bundle bundle) throws ModuleException {
        ServiceReference<?>[] references = bundle.getRegisteredServices();
        if (references != null) {
            for (ServiceReference<?> reference : references) {
                if (context.getService(reference) instanceof Language language) {
                    return language;
                }
            }
        }
        throw new ModuleException("bundle " + bundle.getSymbolicName() + " offers no language: it registers no service "
            + Language.class.getName());
    }

    private static void remove(Bundle bundle, Exception cause) {
        try {
            bundle.uninstall();
        } catch (BundleException e) {
            cause.addSuppressed(e);
        }
    }

    /** The framework's text names the missing package, its cause a fault in the bundle; the log has one line for it. */
    private static String reason(BundleException e) {
        Throwable deepest = e;
        while (deepest.getCause() instanceof BundleException cause) {
            deepest = cause;
        }
        Throwable cause = deepest.getCause();
        String text = deepest.getMessage() + (cause == null ? "" : " (" + cause + ")");
        return text.replaceAll("\\s+", " ");
    }
}
