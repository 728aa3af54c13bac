// SPDX-License-Identifier: Apache-2.0
package io.margay.module;

import io.margay.engine.EventLoop;
import io.margay.engine.Turns;
import io.margay.log.ErrorLog;
import io.margay.posix.Fd;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleException;

/**
 * What somebody else does to a bundle that main has installed: whoever sees it in the web console or another tool of
 * OSGi may update, stop or uninstall it. An update is an order to bring that version, and taking it away an order to
 * remove the module, with all that is asked of orders; the module works on meanwhile, and for good when the order is
 * refused. One that was stopped is started again. On main's loop.
 */
final class TouchedBundles {

    private static final String WHO = "somebody in main's framework";
    /** An update stops, changes, refreshes and starts a bundle, and tells of each: it is looked at after that. */
    private static final long PAUSE_MILLIS = 300;
    private static final int ATTEMPTS = 20;

    private final Turns turns;
    private final SideThread worker;
    private final ModuleSet set;
    private final ModuleBundles bundles;
    private final ModuleAdmin orders;
    private final ErrorLog journal;

    TouchedBundles(Turns turns, SideThread worker, ModuleSet set, ModuleBundles bundles, ModuleAdmin orders,
                   ErrorLog journal) {
        this.turns = turns;
        this.worker = worker;
        this.set = set;
        this.bundles = bundles;
        this.orders = orders;
        this.journal = journal;
    }

    /** A bundle of main has changed; most changes are those that main makes itself. From any thread. */
    void touched(EventLoop loop, Bundle bundle) {
        if (worker.isClosed()) {
            return;
        }
        boolean gone = bundle.getState() == Bundle.UNINSTALLED;
        loop.execute(() -> {
            if (gone) {
                changed(loop, bundle, ATTEMPTS);
            } else {
                later(loop, bundle, ATTEMPTS);
            }
        });
    }

    private void later(EventLoop loop, Bundle bundle, int attempts) {
        loop.schedule(PAUSE_MILLIS, () -> changed(loop, bundle, attempts));
    }

    private void changed(EventLoop loop, Bundle bundle, int attempts) {
        turns.add(() -> {
            // What is kept for a way back has the same name, and consoles change the first one of a name.
            Optional<ModuleRevision> module = Stream.concat(set.current().stream(), set.retained().stream())
                .filter(each -> each.part().isEmpty() && each.bundle() == bundle && !each.isWhole()).findFirst();
            return module.isEmpty() || worker.isClosed() || bundles.isEnding() ? ModuleRollout.done()
                : repaired(module.get(), bundle, () -> {
                    if (attempts > 0) {
                        later(loop, bundle, attempts - 1);
                    }
                    return attempts > 0;
                });
        });
    }

    /**
     * What it was installed from is gone, but it is used: main has what its processes need.
     *
     * @param loud whether a fault is told
     */
    CompletionStage<Void> hold(ModuleRevision module, boolean loud) {
        return worker.<Void>blocking(() -> {
            bundles.substitute(module);
            return null;
        }).exceptionally(failure -> {
            if (loud) {
                journal.alert("bundle " + module.name() + " starts no more processes: "
                    + ModuleException.of(failure).getMessage());
            }
            return null;
        });
    }

    private CompletionStage<Void> repaired(ModuleRevision module, Bundle bundle, BooleanSupplier again) {
        boolean kept = !set.current().contains(module);
        return worker.blocking(() -> repair(module, bundle, kept)).thenAccept(order -> order.ifPresent(Runnable::run))
            .exceptionally(failure -> {
                if (worker.isClosed() || bundle == module.bundle() && again.getAsBoolean()) {
                    return null;
                }
                journal.alert("bundle " + module.name() + " was changed by " + WHO + " and cannot be put right: "
                    + ModuleException.of(failure).getMessage());
                return null;
            });
    }

    /** One that is about to be uninstalled is stopped first, and cannot be started again. */
    private void restart(ModuleRevision module, Bundle bundle, boolean kept) {
        try {
            bundles.start(module);
        } catch (ModuleException e) {
            if (bundle.getState() == Bundle.UNINSTALLED) {
                return;
            }
            throw e;
        }
        if (!kept) {
            journal.warn("bundle " + module.name() + " was stopped by " + WHO + " and is started again: a module goes"
                + " when it is removed");
        }
    }

    /** Puts it right; completes with the order that was meant, which has a turn of its own. */
    private Optional<Runnable> repair(ModuleRevision module, Bundle bundle, boolean kept) {
        if (bundle.getState() == Bundle.UNINSTALLED) {
            bundles.substitute(module);
            return kept ? Optional.empty() : Optional.of(() -> orders.order(ModuleOrder.of(ModuleOrder.Verb.REMOVE,
                module.name(), WHO), Optional.empty()));
        }
        if (!module.isChanged()) {
            restart(module, bundle, kept);
            return Optional.empty();
        }
        SealedJar jar = bundles.jars().read(bundle);
        try {
            Fd copy = jar.duplicate();
            try {
                bundles.substitute(module);
                bundle.uninstall();
            } catch (BundleException | RuntimeException e) {
                copy.close();
                throw e instanceof ModuleException known ? known : new ModuleException(ModuleBundles.reason(e), e);
            }
            // It is taken as any jar that somebody brings, under the name that it has to have.
            return Optional.of(() -> orders.order(new ModuleOrder(ModuleOrder.Verb.PUT, module.name(),
                Optional.empty(), false, 0, WHO), Optional.of(copy)));
        } finally {
            bundles.jars().release(jar);
        }
    }
}
