// SPDX-License-Identifier: Apache-2.0
package io.margay.engine;

import io.netty.channel.IoEventLoop;
import java.util.concurrent.Executor;
import org.osgi.annotation.versioning.ProviderType;

/**
 * One thread that waits for descriptors, timers and tasks, by epoll.
 *
 * <p>{@link #execute} may be called from any thread. The queue of tasks is not bounded: a loop's own work must never
 * be refused. Who accepts work from outside bounds it there, by connections, requests and queues.
 */
@ProviderType
public interface EventLoop extends Executor {

    /** Whether the calling thread is the loop's. */
    boolean inLoop();

    /**
     * Runs a task once, later; from any thread.
     *
     * @param millis the delay; 0 means the next turn of the loop
     */
    Timer schedule(long millis, Runnable task);

    /**
     * Watches a descriptor, level triggered: the handler is called again while the condition holds.
     *
     * <p>From another thread than the loop's the call waits until the loop has done it. The descriptor stays the
     * caller's, who MUST cancel the watch before closing it; a loop takes one watch for a descriptor.
     *
     * @throws io.margay.posix.PosixException when the kernel refuses, such as EPERM for a regular file
     */
    Watch watch(int fd, FdHandler handler, boolean read, boolean write);

    /** The loop as Netty knows it, for channels that live on it. */
    IoEventLoop netty();
}
