// SPDX-License-Identifier: Apache-2.0
package io.margay.dispatch;

import io.margay.engine.EventLoop;
import io.margay.lang.AppSpec;
import io.margay.lang.Language;
import io.margay.log.ErrorLog;
import java.util.List;
import java.util.function.IntConsumer;

/**
 * What a pool gives its wire.
 *
 * @param pool the pool
 * @param language its language
 * @param processes orders processes
 */
record PoolContext(AppPool pool, Language language, ProcessControl processes) implements WireContext {

    @Override
    public AppSpec app() {
        return pool.spec();
    }

    @Override
    public List<EventLoop> loops() {
        return pool.engines();
    }

    @Override
    public EventLoop home() {
        return pool.home();
    }

    @Override
    public ErrorLog log() {
        return pool.log();
    }

    @Override
    public Jobs jobs(int loop) {
        return pool.loops().get(loop);
    }

    @Override
    public void onAllLoops(IntConsumer each, Runnable then) {
        pool.onAllLoops(loop -> each.accept(loop.index()), then);
    }

    @Override
    public void changed(WireGeneration generation) {
        pool.changed(generation);
    }

    @Override
    public void replace(WireGeneration generation) {
        pool.home().execute(() -> {
            if (generation == pool.current()) {
                pool.renew();
            }
        });
    }
}
