// SPDX-License-Identifier: Apache-2.0
package io.margay.engine;

import io.netty.channel.IoEvent;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoEvent;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.unix.FileDescriptor;
import java.io.UncheckedIOException;

/** A descriptor that Netty's epoll handler serves next to its channels. */
final class DescriptorHandle implements EpollIoHandle, Watch {
    private static final int READ = EpollIoOps.EPOLLIN.value();
    private static final int WRITE = EpollIoOps.EPOLLOUT.value();
    private static final int EPOLLHUP = 0x10;
    private static final int HANGUP = EpollIoOps.EPOLLERR.value() | EpollIoOps.EPOLLRDHUP.value() | EPOLLHUP;

    // Nobody waits for anything: the kernel reports a hang-up all the same, and level triggered it would spin. Not
    // EpollIoOps.NONE, after which Netty would modify a descriptor that it has removed from epoll.
    private static final EpollIoOps PAUSED = EpollIoOps.EPOLLERR.with(EpollIoOps.EPOLLET);
    private static final EpollIoOps READING = EpollIoOps.EPOLLIN.with(EpollIoOps.EPOLLRDHUP);
    private static final EpollIoOps WRITING = EpollIoOps.EPOLLOUT;
    private static final EpollIoOps BOTH = READING.with(WRITING);

    private final FileDescriptor fd;
    private final FdHandler handler;
    private final NettyLoop loop;
    private IoRegistration registration;
    private EpollIoOps current;
    private boolean cancelled;

    DescriptorHandle(int fd, FdHandler handler, NettyLoop loop) {
        this.fd = new FileDescriptor(fd);
        this.handler = handler;
        this.loop = loop;
    }

    void start(IoRegistration made, boolean read, boolean write) {
        registration = made;
        try {
            submit(ops(read, write));
        } catch (UncheckedIOException failure) {
            end();
            throw NettyLoop.refused(fd.intValue(), failure);
        }
    }

    @Override
    public FileDescriptor fd() {
        return fd;
    }

    @Override
    public void handle(IoRegistration ignored, IoEvent event) {
        if (cancelled) {
            return;
        }
        int bits = ((EpollIoEvent) event).ops().value();
        try {
            handler.ready((bits & READ) != 0, (bits & WRITE) != 0, (bits & HANGUP) != 0);
        } catch (Throwable failure) {
            loop.report(failure);
        }
    }

    @Override
    public void interest(boolean read, boolean write) {
        if (!loop.inLoop()) {
            throw new IllegalStateException("interest in descriptor " + fd.intValue() + " changed off its loop");
        }
        if (cancelled) {
            return;
        }
        EpollIoOps wanted = ops(read, write);
        if (wanted != current) {
            try {
                submit(wanted);
            } catch (UncheckedIOException failure) {
                throw NettyLoop.refused(fd.intValue(), failure);
            }
        }
    }

    @Override
    public void cancel() {
        loop.call(() -> {
            end();
            return Boolean.TRUE;
        });
    }

    /** Netty calls it when the loop ends; the descriptor belongs to the watcher. */
    @Override
    public void close() {
        cancelled = true;
    }

    private void end() {
        if (!cancelled) {
            cancelled = true;
            registration.cancel();
        }
    }

    private void submit(EpollIoOps ops) {
        registration.submit(ops);
        current = ops;
    }

    private static EpollIoOps ops(boolean read, boolean write) {
        if (read) {
            return write ? BOTH : READING;
        }
        return write ? WRITING : PAUSED;
    }
}
