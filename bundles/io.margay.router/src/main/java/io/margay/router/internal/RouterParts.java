// SPDX-License-Identifier: Apache-2.0
package io.margay.router.internal;

import io.margay.conf.ConfObject;
import io.margay.dispatch.AppPool;
import io.margay.dispatch.PoolLog;
import io.margay.dispatch.ProcessControl;
import io.margay.dispatch.WireFactory;
import io.margay.engine.EventLoop;
import io.margay.lang.AppSpec;
import io.margay.lang.Language;
import io.margay.route.RoutePlan;
import java.util.Map;
import java.util.Set;
import java.util.function.IntFunction;

/**
 * What a configuration is made of and with.
 *
 * @param control the control loop
 * @param loops the loops that serve clients
 * @param sockets opens listeners
 * @param certificates makes the TLS of listeners
 * @param modules the languages
 * @param processes orders processes for pools that use one installation of a language module
 * @param routes compiles routes
 * @param log takes what pools report
 * @param temporaryDirectory for request bodies
 * @param processors CPUs that this process may use
 * @param pools all pools that live: those of old configurations until their last request, since they need the news of
 * their     processes too
 */
record RouterParts(EventLoop control, Loops loops, ListenerSockets sockets, Certificates certificates,
                   ModuleInstaller modules, IntFunction<ProcessControl> processes,
                   RouteMaker routes, PoolLog log, String temporaryDirectory, int processors,
                   Set<AppPool> pools) {

    /** Threads that accept connections by a configuration. */
    int threads(ConfObject conf) {
        return (int) conf.object("settings").orElse(ConfObject.EMPTY).integer("listen_threads", processors);
    }

    AppSpec spec(String name, ConfObject application) {
        return new AppSpec(name, application);
    }

    /**
     * Makes the pool of an application; nothing is started yet. It serves all loops: also those that have stopped
     * accepting may still have connections.
     *
     * @throws ApplyException when its language is not here, or is of a kind that this router cannot talk to
     */
    AppPool pool(String name, ConfObject application) {
        AppSpec spec = spec(name, application);
        ModuleInstaller.Module module = modules.module(spec.type()).orElseThrow(() -> new ApplyException(
            "The module to run \"" + spec.type() + "\" is not found among the available application modules."));
        Language language = module.language();
        WireFactory wire = modules.wire(language.wire()).orElseThrow(() -> new ApplyException(
            "applications of type \"" + spec.type() + "\" are not served: there is no wire \"" + language.wire()
                + "\""));
        AppPool pool = new AppPool(spec, language, wire, loops.engines(), processes.apply(module.revision()), log);
        modules.use(pool, module.revision());
        pools.add(pool);
        return pool;
    }

    /** Ends a pool after its last request. */
    void retire(AppPool pool) {
        pool.retire().thenRun(() -> control.execute(() -> {
            pools.remove(pool);
            modules.release(pool);
        }));
    }

    RoutePlan plan(ConfObject conf, Map<String, AppPool> pools, Set<String> leftOut) {
        return routes.compile(conf, pools, leftOut);
    }
}
