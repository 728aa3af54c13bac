// SPDX-License-Identifier: Apache-2.0
package io.margay.engine;

import io.margay.posix.Errno;
import io.margay.posix.PosixException;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.channel.unix.Errors;
import io.netty.util.concurrent.Future;
import java.io.UncheckedIOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** A Netty loop behind our interface. */
final class NettyLoop implements EventLoop {
    private static final long QUIET_MILLIS = 0;
    private static final long END_SECONDS = 5;
    private static final long CALL_SECONDS = 30;

    private final IoEventLoop loop;
    private final Consumer<Throwable> failures;

    NettyLoop(IoEventLoop loop, Consumer<Throwable> failures) {
        this.loop = loop;
        this.failures = failures;
    }

    @Override
    public void execute(Runnable task) {
        loop.execute(() -> run(task));
    }

    @Override
    public boolean inLoop() {
        return loop.inEventLoop();
    }

    @Override
    public Timer schedule(long millis, Runnable task) {
        Future<?> future = loop.schedule(() -> run(task), millis, TimeUnit.MILLISECONDS);
        return () -> future.cancel(false);
    }

    @Override
    public Watch watch(int fd, FdHandler handler, boolean read, boolean write) {
        return call(() -> {
            DescriptorHandle handle = new DescriptorHandle(fd, handler, this);
            handle.start(register(handle, fd), read, write);
            return handle;
        });
    }

    @Override
    public IoEventLoop netty() {
        return loop;
    }

    /** Runs on the loop and waits for the result; directly when already there. */
    <T> T call(Supplier<T> work) {
        if (inLoop()) {
            return work.get();
        }
        CompletableFuture<T> result = CompletableFuture.supplyAsync(work, loop);
        try {
            return result.orTimeout(CALL_SECONDS, TimeUnit.SECONDS).join();
        } catch (CompletionException failed) {
            if (failed.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw failed;
        }
    }

    /** Runs a callback; what it throws must not reach Netty, which would pause the whole loop for a second. */
    void run(Runnable task) {
        try {
            task.run();
        } catch (Throwable failure) {
            report(failure);
        }
    }

    void report(Throwable failure) {
        try {
            failures.accept(failure);
        } catch (Throwable broken) {
            broken.addSuppressed(failure);
            Thread thread = Thread.currentThread();
            thread.getThreadGroup().uncaughtException(thread, broken);
        }
    }

    /** Ends the thread; completes when it has ended. */
    CompletableFuture<Void> end() {
        CompletableFuture<Void> ended = new CompletableFuture<>();
        loop.terminationFuture().addListener(done -> ended.complete(null));
        loop.shutdownGracefully(QUIET_MILLIS, END_SECONDS, TimeUnit.SECONDS);
        return ended;
    }

    /** The errno is lost in Netty's exception except for its native subclass. */
    static PosixException refused(int fd, UncheckedIOException failure) {
        int errno = failure.getCause() instanceof Errors.NativeIoException nativeFailure
            ? Math.abs(nativeFailure.expectedErr()) : Errno.EINVAL;
        return new PosixException("epoll_ctl(" + fd + ")", errno);
    }

    private IoRegistration register(DescriptorHandle handle, int fd) {
        // In the loop the registration is done when register() returns.
        Future<IoRegistration> done = loop.register(handle);
        if (!done.isSuccess()) {
            throw new IllegalStateException("descriptor " + fd + " cannot be watched", done.cause());
        }
        return done.getNow();
    }
}
