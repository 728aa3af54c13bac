// SPDX-License-Identifier: Apache-2.0
package io.margay.router.internal;

import io.margay.dispatch.AppPool;
import io.margay.dispatch.PoolHost;
import io.margay.dispatch.ProcessControl;
import io.margay.engine.EventLoop;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.IntFunction;

/**
 * What the router gives to the pools of applications, and which of them live: those of old configurations until their
 * last request, since they need the news of their processes too. On the control loop.
 */
final class RouterPools implements PoolHost {

    private final EventLoop home;
    private final Loops loops;
    private final ModuleInstaller modules;
    private final IntFunction<ProcessControl> processes;
    private final Set<AppPool> live = new HashSet<>();
    private final Set<Runnable> waiting = new HashSet<>();

    RouterPools(EventLoop home, Loops loops, ModuleInstaller modules, IntFunction<ProcessControl> processes) {
        this.home = home;
        this.loops = loops;
        this.modules = modules;
        this.processes = processes;
    }

    /** The pools that have not ended. */
    Set<AppPool> live() {
        return Set.copyOf(live);
    }

    /** Completes when all of these pools have ended. */
    CompletionStage<Void> ended(Collection<AppPool> pools) {
        CompletableFuture<Void> result = new CompletableFuture<>();
        Set<AppPool> left = new HashSet<>(pools);
        Runnable look = new Runnable() {
            @Override
            public void run() {
                left.retainAll(live);
                if (left.isEmpty()) {
                    waiting.remove(this);
                    result.complete(null);
                }
            }
        };
        waiting.add(look);
        look.run();
        return result;
    }

    @Override
    public Executor control() {
        return home;
    }

    @Override
    public EventLoop home() {
        return home;
    }

    @Override
    public List<EventLoop> loops() {
        return loops.engines();
    }

    @Override
    public Optional<Installed> language(String type) {
        return modules.language(type).map(module -> new Installed(module.service(), module.revision()));
    }

    @Override
    public Optional<InstalledWire> wire(String name) {
        return modules.wire(name).map(module -> new InstalledWire(module.service(), module.revision()));
    }

    @Override
    public long parkMillis() {
        return modules.parkMillis();
    }

    @Override
    public ProcessControl processes(int revision) {
        return processes.apply(revision);
    }

    @Override
    public void using(AppPool pool, Set<Integer> revisions) {
        live.add(pool);
        modules.use(pool, revisions);
    }

    @Override
    public void released(AppPool pool) {
        live.remove(pool);
        modules.release(pool);
        Set.copyOf(waiting).forEach(Runnable::run);
    }
}
