// SPDX-License-Identifier: Apache-2.0
package io.margay.engine;

import io.netty.channel.IoHandlerFactory;
import io.netty.channel.SingleThreadIoEventLoop;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.FastThreadLocalThread;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** A fixed number of loops with named threads ({@code router-0}, {@code router-1}, ...). */
public final class EventLoops implements AutoCloseable {
    private static final long CLOSE_SECONDS = 10;
    private static final String MACHINE = "io.netty.machineId";

    private final List<NettyLoop> loops;
    private final AtomicInteger next = new AtomicInteger();

    private EventLoops(List<NettyLoop> loops) {
        this.loops = List.copyOf(loops);
    }

    /** Loops for what runs in no container; their failures are printed with their stack to standard error. */
    public static EventLoops create(String name, int count) {
        return create(name, count, EventLoops::print);
    }

    /**
     * Makes loops for what runs in no container, others ask the {@link EventEngine}; a thread starts with the first
     * task of its loop.
     *
     * @param failures gets what callbacks and tasks throw, on the loop's thread
     */
    public static EventLoops create(String name, int count, Consumer<Throwable> failures) {
        if (count < 1) {
            throw new IllegalArgumentException("number of event loops: " + count);
        }
        name();
        IoHandlerFactory epoll = EpollIoHandler.newFactory();
        List<NettyLoop> loops = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            String thread = name + "-" + i;
            DefaultThreadFactory factory = new NamedThreads(thread);
            loops.add(new NettyLoop(new SingleThreadIoEventLoop(null, factory, epoll), failures));
        }
        return new EventLoops(loops);
    }

    /**
     * Tells Netty a machine and a process for the ids of its channels, which nobody here reads. It would look for a
     * hardware address, and warn where there is none.
     */
    private static void name() {
        if (System.getProperty(MACHINE) == null) {
            System.setProperty(MACHINE, "00:00:00:00:00:00:00:01");
            System.setProperty("io.netty.processId", "1");
        }
    }

    /** How many there are. */
    public int size() {
        return loops.size();
    }

    /** One of them, 0 to {@code size() - 1}. */
    public EventLoop loop(int index) {
        return loops.get(index);
    }

    /** All of them. */
    public List<EventLoop> all() {
        return List.copyOf(loops);
    }

    /** One after the other, for spreading work; from any thread. */
    public EventLoop next() {
        return loops.get(Math.floorMod(next.getAndIncrement(), loops.size()));
    }

    /** Ends the threads: tasks queued so far still run, later ones are rejected. Completes when all have ended. */
    public CompletionStage<Void> shutdown() {
        return CompletableFuture.allOf(loops.stream().map(NettyLoop::end).toArray(CompletableFuture<?>[]::new));
    }

    /** Whether they have been told to end. */
    public boolean isShutdown() {
        return loops.stream().allMatch(loop -> loop.netty().isShuttingDown());
    }

    /** {@link #shutdown()} and a bounded wait for it; not from a loop's thread. */
    @Override
    public void close() {
        if (loops.stream().anyMatch(EventLoop::inLoop)) {
            throw new IllegalStateException("a loop cannot wait for its own end");
        }
        shutdown().toCompletableFuture().orTimeout(CLOSE_SECONDS, TimeUnit.SECONDS).join();
    }

    private static void print(Throwable failure) {
        Thread thread = Thread.currentThread();
        thread.getThreadGroup().uncaughtException(thread, failure);
    }

    /** Names threads exactly: one loop has one thread. */
    private static final class NamedThreads extends DefaultThreadFactory {
        /**
         * Address space for the stack, bytes; memory is what was used of it. The regular expressions of the JDK descend
         * some hundred bytes for each repetition of a group, and a value may have as many as a head.
         */
        private static final long STACK = 8 << 20;

        private final String name;

        NamedThreads(String name) {
            super(name, true);
            this.name = name;
        }

        @Override
        protected Thread newThread(Runnable task, String ignored) {
            return new FastThreadLocalThread(threadGroup, task, name, STACK);
        }
    }
}
