// SPDX-License-Identifier: Apache-2.0
package io.margay.module;

import java.util.function.Consumer;
import java.util.function.Predicate;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleEvent;
import org.osgi.util.tracker.BundleTracker;

/**
 * Extension bundles that somebody else installs in main's framework: a console, a shell, another container. One that
 * main itself runs counts when it has been started, the others as soon as they are installed, since they may need
 * packages that main does not have.
 */
final class ForeignBundles extends BundleTracker<Boolean> {

    private static final int STATES = Bundle.INSTALLED | Bundle.RESOLVED | Bundle.STARTING | Bundle.ACTIVE
        | Bundle.STOPPING;

    private final Predicate<Bundle> core;
    private final Consumer<Bundle> changed;
    private final long started;

    /**
     * Does nothing yet.
     *
     * @param core which bundles the other processes have from their start
     * @param changed told each bundle that has come, changed or gone, on the thread that did it
     */
    ForeignBundles(BundleContext context, Predicate<Bundle> core, Consumer<Bundle> changed) {
        super(context, STATES, null);
        this.core = core;
        this.changed = changed;
        this.started = context.getBundle().getBundleId();
    }

    @Override
    public Boolean addingBundle(Bundle bundle, BundleEvent event) {
        // What the server itself consists of is there in every process that needs it.
        if (ModuleBundles.isOwn(bundle) || bundle.getBundleId() == started || core.test(bundle)
                || !Extension.isDeclaredBy(bundle)) {
            return null;
        }
        if (counts(bundle)) {
            changed.accept(bundle);
        }
        return true;
    }

    @Override
    public void modifiedBundle(Bundle bundle, BundleEvent event, Boolean known) {
        int type = event == null ? 0 : event.getType();
        if (type == BundleEvent.UPDATED || type == BundleEvent.STARTED || type == BundleEvent.STOPPED) {
            changed.accept(bundle);
        }
    }

    @Override
    public void removedBundle(Bundle bundle, BundleEvent event, Boolean known) {
        if (bundle.getState() == Bundle.UNINSTALLED) {
            changed.accept(bundle);
        }
    }

    static boolean counts(Bundle bundle) {
        try {
            boolean run = Extension.of(bundle).stream().anyMatch(extension ->
                extension.kind().main() == ExtensionKind.Use.RUN);
            return bundle.getState() != Bundle.UNINSTALLED && (!run || bundle.getState() == Bundle.ACTIVE);
        } catch (ModuleException e) {
            // It is read, and then refused with the reason.
            return bundle.getState() != Bundle.UNINSTALLED;
        }
    }
}
