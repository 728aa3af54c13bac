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
    private final Consumer<Bundle> touched;
    private final long started;

    /**
     * Does nothing yet.
     *
     * @param core which bundles the other processes have from their start
     * @param changed told each bundle that has come, changed or gone, on the thread that did it
     * @param touched told each bundle of main's own that was changed or has gone, perhaps by main; on that thread
     */
    ForeignBundles(BundleContext context, Predicate<Bundle> core, Consumer<Bundle> changed,
            Consumer<Bundle> touched) {
        super(context, STATES, null);
        this.core = core;
        this.changed = changed;
        this.touched = touched;
        this.started = context.getBundle().getBundleId();
    }

    @Override
    public Boolean addingBundle(Bundle bundle, BundleEvent event) {
        if (ModuleBundles.isOwn(bundle)) {
            return false;
        }
        // What the server itself consists of is there in every process that needs it.
        if (bundle.getBundleId() == started || core.test(bundle)
                || !Extension.isDeclaredBy(bundle)) {
            return null;
        }
        if (counts(bundle)) {
            changed.accept(bundle);
        }
        return true;
    }

    @Override
    public void modifiedBundle(Bundle bundle, BundleEvent event, Boolean foreign) {
        int type = event == null ? 0 : event.getType();
        if (!foreign) {
            if (type == BundleEvent.UPDATED || type == BundleEvent.STOPPED) {
                touched.accept(bundle);
            }
        } else if (type == BundleEvent.UPDATED || type == BundleEvent.STARTED || type == BundleEvent.STOPPED) {
            changed.accept(bundle);
        }
    }

    @Override
    public void removedBundle(Bundle bundle, BundleEvent event, Boolean foreign) {
        if (bundle.getState() == Bundle.UNINSTALLED) {
            (foreign ? changed : touched).accept(bundle);
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
