// SPDX-License-Identifier: Apache-2.0
package io.margay.listen;

import io.netty.channel.ChannelPromise;
import io.netty.channel.IoEvent;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoEvent;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.unix.FileDescriptor;
import io.netty.util.concurrent.Future;
import java.io.UncheckedIOException;

/**
 * What the epoll of a loop tells about one descriptor. Netty's own channels are entered into it, changed and taken out
 * by a system call each; this one is entered once, with all that it will ever be asked, or never. On the loop only.
 */
final class EpollWatch implements EpollIoHandle {
    /** Bits of events. */
    static final int READ = 0x1;
    static final int WRITE = 0x4;
    static final int ERROR = 0x8;
    static final int HANGUP = 0x10;
    static final int PEER_ENDED = 0x2000;
    /** Level-triggered: said again as long as there is something to read. */
    static final EpollIoOps READABLE = EpollIoOps.EPOLLIN;
    /** Edge-triggered: every change is said once. */
    static final EpollIoOps CHANGES = EpollIoOps.EPOLLIN.with(EpollIoOps.EPOLLOUT).with(EpollIoOps.EPOLLRDHUP)
        .with(EpollIoOps.EPOLLET);

    /** Whose descriptor it is. */
    interface Owner {
        /** Something has happened; what this throws ends up in {@link #failed}. */
        void ready(int bits);

        /** A fault of our own: the owner closes itself. */
        void failed(Throwable failure);

        /** The loop ends. */
        void lost();
    }

    private final FileDescriptor fd;
    private final Owner owner;
    private IoRegistration registration;
    private boolean watching;

    EpollWatch(FileDescriptor fd, Owner owner) {
        this.fd = fd;
        this.owner = owner;
    }

    @Override
    public FileDescriptor fd() {
        return fd;
    }

    /** Makes the descriptor known to the loop; no system call yet. */
    void register(IoEventLoop loop, ChannelPromise promise) {
        // In the loop it is done when register() returns.
        Future<IoRegistration> done = loop.register(this);
        if (done.isSuccess()) {
            registration = done.getNow();
            promise.setSuccess();
        } else {
            promise.setFailure(new IllegalStateException("descriptor " + fd.intValue() + " cannot be watched",
                done.cause()));
        }
    }

    /**
     * Begins to watch, unless it does already.
     *
     * @throws UncheckedIOException when the kernel refuses
     */
    void begin(EpollIoOps what) {
        if (!watching && registration != null && registration.isValid()) {
            registration.submit(what);
            watching = true;
        }
    }

    /** Forgets the descriptor: by a system call while it is open, by itself once it was closed. */
    void end() {
        watching = false;
        if (registration != null) {
            registration.cancel();
            registration = null;
        }
    }

    @Override
    public void handle(IoRegistration ignored, IoEvent event) {
        if (!watching) {
            return;
        }
        try {
            owner.ready(((EpollIoEvent) event).ops().value());
        } catch (Throwable failure) {
            // It must not reach the loop, which would rest for a second.
            owner.failed(failure);
        }
    }

    @Override
    public void close() {
        owner.lost();
    }
}
