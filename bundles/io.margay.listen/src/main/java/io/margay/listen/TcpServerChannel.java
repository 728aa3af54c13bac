// SPDX-License-Identifier: Apache-2.0
package io.margay.listen;

import io.margay.posix.Errno;
import io.netty.channel.AbstractServerChannel;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.EventLoop;
import io.netty.channel.IoEventLoop;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.unix.Errors;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Optional;

/**
 * A listening TCP socket. What it accepts gets one look at once, since the kernel hands connections over when their
 * first data has come: a short exchange is over before the loop's epoll would have been told of it.
 *
 * <p>A handler registers each {@link TcpChannel} that is read with the loop of this channel before it returns; one that
 * it does not register is closed.
 */
final class TcpServerChannel extends AbstractServerChannel implements EpollWatch.Owner {
    /** Connections accepted in one turn, at most; few where few come, which saves looks at an empty queue. */
    private static final int MOST = 16;
    /** What Netty's accept fills: a length, 16 bytes of address, a scope and a port. */
    private static final int PEER = 26;

    private final Socket socket;
    private final EpollWatch watch;
    private final ChannelConfig config = new DefaultChannelConfig(this) {
        @Override
        protected void autoReadCleared() {
            pause();
        }
    };
    /** What accepted channels begin with, until they have sizes of their own. */
    private final AdaptiveRecvByteBufAllocator sizes = new AdaptiveRecvByteBufAllocator();
    private final InetSocketAddress local;
    private int limit = 1;

    /** Takes over a listening, non-blocking socket. */
    TcpServerChannel(int fd) {
        socket = new Socket(fd);
        watch = new EpollWatch(socket, this);
        local = socket.localAddress();
    }

    /** The own address of all connections; empty when it differs among them. */
    Optional<SocketAddress> commonAddress() {
        return local == null || local.getAddress().isAnyLocalAddress() ? Optional.empty() : Optional.of(local);
    }

    /** What an accepted channel reads, unless it is told otherwise. */
    AdaptiveRecvByteBufAllocator sizes() {
        return sizes;
    }

    @Override
    public ChannelConfig config() {
        return config;
    }

    @Override
    public boolean isOpen() {
        return socket.isOpen();
    }

    @Override
    public boolean isActive() {
        return isOpen();
    }

    @Override
    protected boolean isCompatible(EventLoop loop) {
        return loop instanceof IoEventLoop io && io.isCompatible(EpollIoHandle.class);
    }

    @Override
    protected SocketAddress localAddress0() {
        return local;
    }

    @Override
    protected void doBind(SocketAddress address) {
        throw new UnsupportedOperationException("the socket is bound already");
    }

    @Override
    protected void doRegister(ChannelPromise promise) {
        watch.register((IoEventLoop) eventLoop(), promise);
    }

    @Override
    protected void doBeginRead() {
        watch.begin(EpollWatch.READABLE);
    }

    @Override
    protected void doDeregister() {
        watch.end();
    }

    @Override
    protected void doClose() throws IOException {
        // Before the descriptor is closed: others of the same socket stay open, and with them its place in the epoll.
        watch.end();
        socket.close();
    }

    /** A level-triggered watch would be told of waiting connections without end. */
    private void pause() {
        if (!isRegistered()) {
            return;
        }
        EventLoop loop = eventLoop();
        if (!loop.inEventLoop()) {
            loop.execute(this::pause);
        } else if (isOpen() && !config.isAutoRead()) {
            watch.end();
            doRegister(newPromise());
        }
    }

    @Override
    public void ready(int bits) {
        int count = 0;
        IOException failure = null;
        try {
            while (count < limit && isOpen() && config.isAutoRead() && accept()) {
                count++;
            }
        } catch (IOException e) {
            failure = e;
        }
        limit = count == limit ? Math.min(2 * limit, MOST) : Math.max(1, count);
        pipeline().fireChannelReadComplete();
        if (failure != null) {
            pipeline().fireExceptionCaught(failure);
        }
    }

    /** Takes one connection and lets it go as far as it comes; false when none waits. */
    private boolean accept() throws IOException {
        byte[] peer = new byte[PEER];
        int fd;
        try {
            fd = socket.accept(peer);
        } catch (Errors.NativeIoException e) {
            if (e.expectedErr() == -Errno.ECONNABORTED) {
                // The client has gone while it waited.
                return true;
            }
            throw e;
        }
        if (fd < 0) {
            return false;
        }
        TcpChannel child = new TcpChannel(this, fd, peer);
        pipeline().fireChannelRead(child);
        child.begin();
        return true;
    }

    @Override
    public void failed(Throwable failure) {
        pipeline().fireExceptionCaught(failure);
    }

    @Override
    public void lost() {
        unsafe().close(unsafe().voidPromise());
    }
}
