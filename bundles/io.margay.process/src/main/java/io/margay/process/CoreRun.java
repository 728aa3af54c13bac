// SPDX-License-Identifier: Apache-2.0
package io.margay.process;

import io.margay.engine.EventEngine;
import io.margay.engine.EventLoop;
import io.margay.engine.EventLoops;
import io.margay.log.ErrorLog;
import io.margay.port.Ports;
import io.margay.posix.Signals;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * The life of a process that main has started as a JVM of ours, from its start data to its end: one loop, the ways to
 * and from main, the signals, and the part that makes its kind. Used by the {@link ProcessKind} of such a process; its
 * methods block, so they are not for the loop's thread.
 */
public final class CoreRun {

    /** What a kind does. Everything happens on the loop. */
    @ConsumerType
    public interface Part {

        /**
         * Opens the child, when it has added its rows to the dispatcher.
         *
         * @throws RuntimeException when it cannot work: the process ends with the message
         */
        void begin();

        /** Gives back what it has taken, but not the child; completes, on any thread, when that is done. */
        CompletionStage<?> end();
    }

    /** Makes a part on the loop; nothing is received yet. */
    @ConsumerType
    @FunctionalInterface
    public interface Maker {

        /**
         * Makes it.
         *
         * @param child the ways to and from main
         * @param journal takes what an administrator has to know
         */
        Part make(CoreChild child, ErrorLog journal);
    }

    private static final long STOP_SECONDS = 3;
    private static final int[] SIGNALS = {Signals.SIGTERM, Signals.SIGINT, Signals.SIGQUIT, Signals.SIGHUP,
        Signals.SIGUSR1, Signals.SIGUSR2};

    private final ProcessContext context;
    private final ProcessType type;
    private final ErrorLog journal;
    private final EventLoops loops;
    private final EventLoop loop;
    private Optional<CoreChild> child = Optional.empty();
    private Optional<Part> part = Optional.empty();
    private Optional<AutoCloseable> signals = Optional.empty();

    private CoreRun(ProcessContext context, ProcessType type, EventEngine engine, ErrorLog log) {
        this.context = context;
        this.type = type;
        this.journal = log;
        this.loops = engine.loops(type.word(), 1, log::failure);
        this.loop = loops.loop(0);
    }

    /**
     * Starts a process.
     *
     * @param context how this JVM was started
     * @param type its kind
     * @param owner number for its streams, see {@link io.margay.port.Rpc}
     * @param engine gives its loop
     * @param ports makes its ways to and from main
     * @return the process, which has told main that it is ready
     * @throws StartException when it cannot start; nothing is left then
     */
    public static CoreRun start(ProcessContext context, ProcessType type, int owner, EventEngine engine, Ports ports,
            ErrorLog log, Maker maker) {
        CoreRun run = new CoreRun(context, type, engine, log);
        CompletableFuture<Void> begun = CompletableFuture.runAsync(() -> run.begin(owner, ports, maker),
            run.loop::execute);
        try {
            begun.join();
            return run;
        } catch (CompletionException e) {
            run.stop();
            throw new StartException(type + " failed to start: " + e.getCause().getMessage(), e.getCause());
        }
    }

    private void begin(int owner, Ports ports, Maker maker) {
        CoreChild made = new CoreChild(context.init().orElseThrow(() -> new StartException("there is no start data")),
            type.word(), ports, loop, owner, journal);
        child = Optional.of(made);
        context.host().title(made.title());
        part = Optional.of(maker.make(made, journal));
        part.get().begin();
        if (context.host().ours()) {
            HeapKeeper.keep(loop);
        }
        signals = Optional.of(context.host().signals(loop, number -> made.signal(number, context::exit), SIGNALS));
    }

    /** Gives everything back, within a deadline: what takes longer ends with the JVM. */
    public void stop() {
        CompletableFuture<Void> ended = new CompletableFuture<>();
        loop.execute(() -> {
            CompletionStage<?> end = CompletableFuture.completedFuture(null);
            try {
                end = part.<CompletionStage<?>>map(Part::end).orElse(end);
            } catch (RuntimeException e) {
                journal.alert("the " + type + " cannot be ended in order: " + e);
            }
            end.whenCompleteAsync((done, failure) -> {
                close();
                ended.complete(null);
            }, loop::execute);
        });
        try {
            ended.get(STOP_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            journal.warn("the " + type + " did not end in " + STOP_SECONDS + " seconds");
        }
        loops.close();
    }

    private void close() {
        signals.ifPresent(watch -> {
            try {
                watch.close();
            } catch (Exception e) {
                journal.alert("signals are watched still: " + e);
            }
        });
        child.ifPresent(CoreChild::close);
    }
}
