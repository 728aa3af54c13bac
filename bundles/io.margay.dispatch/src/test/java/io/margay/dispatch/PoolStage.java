// SPDX-License-Identifier: Apache-2.0
package io.margay.dispatch;

import io.margay.conf.ConfObject;
import io.margay.conf.ConfParser;
import io.margay.conf.ConfSyntaxException;
import io.margay.engine.EventLoops;
import io.margay.lang.AppSpec;
import io.margay.log.ErrorLog;
import io.margay.log.Level;
import io.margay.testing.Await;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;

/** Pools over a wire without processes, on two real loops. */
abstract class PoolStage implements ErrorLog {

    private static final int SECONDS = 20;

    final EventLoops loops = EventLoops.create("test", 2);
    final List<String> log = new CopyOnWriteArrayList<>();
    final List<AppPool> pools = new ArrayList<>();
    FakeWire wire = new FakeWire(1);
    AppPool pool;

    @AfterEach
    void close() {
        wire.workers.forEach(worker -> worker.hangs = false);
        pools.forEach(each -> loops.loop(0).execute(() -> wire.alive().forEach(FakeWire.FakeWorker::end)));
        pools.forEach(AppPool::retire);
        loops.close();
    }

    static AppSpec spec(String options) {
        String json = "{\"type\":\"test\"" + (options.isEmpty() ? "" : "," + options.replace('\'', '"')) + "}";
        try {
            return new AppSpec("blog", (ConfObject) ConfParser.parse(json.getBytes(StandardCharsets.UTF_8)));
        } catch (ConfSyntaxException e) {
            throw new IllegalArgumentException(json, e);
        }
    }

    static ProcessControl noProcesses() {
        return (ProcessControl) Proxy.newProxyInstance(PoolStage.class.getClassLoader(),
            new Class<?>[] {ProcessControl.class}, (proxy, method, arguments) -> {
                throw new UnsupportedOperationException(method.getName());
            });
    }

    AppPool make(String options) {
        pool = new AppPool(spec(options), FakeWire.language(), wire, loops.loop(0), loops.all(), noProcesses(),
            this);
        pools.add(pool);
        return pool;
    }

    AppPool started(String options) {
        make(options).start().toCompletableFuture().orTimeout(SECONDS, TimeUnit.SECONDS).join();
        return pool;
    }

    FakeRequest send(int loop) {
        return send(loop, new FakeRequest());
    }

    FakeRequest send(int loop, FakeRequest request) {
        loops.loop(loop).execute(() -> pool.submit(loop, request.request));
        return request;
    }

    <T> T at(int loop, Supplier<T> action) {
        return CompletableFuture.supplyAsync(action, loops.loop(loop)).orTimeout(SECONDS, TimeUnit.SECONDS).join();
    }

    void run(int loop, Runnable action) {
        at(loop, () -> {
            action.run();
            return 0;
        });
    }

    /** Running, starting, active. */
    String status() {
        PoolStatus status = pool.status();
        return status.running() + " " + status.starting() + " " + status.active();
    }

    void await(String what, BooleanSupplier condition) {
        Await.until(() -> what + ": " + status() + " " + log, condition);
    }

    @Override
    public void write(Level level, String text) {
        log.add(text);
    }
}
