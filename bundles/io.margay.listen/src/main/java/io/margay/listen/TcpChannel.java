// SPDX-License-Identifier: Apache-2.0
package io.margay.listen;

import io.margay.posix.Sockets;
import io.netty.buffer.ByteBuf;
import io.netty.channel.AbstractChannel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.channel.IoEventLoop;
import io.netty.channel.RecvByteBufAllocator.ExtendedHandle;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.NativeInetAddress;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.net.SocketAddress;

/**
 * An accepted TCP connection that needs no more system calls than its work: one whose request is answered and whose
 * connection is closed at the first look is accepted, read, written and closed, with nothing between. Otherwise it
 * behaves as Netty's own: half closure, back-pressure, file regions, reading on demand.
 */
final class TcpChannel extends AbstractChannel implements DuplexChannel, EpollWatch.Owner {
    private static final int READS_PER_MESSAGE = 16;
    private static final int READS_AT_END = 4;
    private static final ChannelMetadata METADATA = new ChannelMetadata(false, READS_PER_MESSAGE);

    private final FileDescriptor fd;
    private final byte[] peer;
    private final TcpServerChannel server;
    private final EpollWatch watch;
    private final TcpConfig config;
    private final TcpOutput out;
    private final Runnable readOn = this::readOn;
    private final Runnable flushOn = ((TcpUnsafe) unsafe())::flush0;
    /** Until the first look, which needs no watching. */
    private boolean fresh = true;
    private boolean wanted;
    /** The socket may hold input of which no event will tell again. */
    private boolean more;
    private boolean readingOn;
    /** The client has ended its side or is gone: what it sent before is read, whether it is wanted or not. */
    private boolean peerEnded;
    private boolean inputEnded;
    private boolean outputEnded;
    /** Output waits until the socket takes it. */
    private boolean full;

    TcpChannel(TcpServerChannel server, int number, byte[] peer) {
        super(server);
        this.server = server;
        this.peer = peer;
        fd = new FileDescriptor(number);
        watch = new EpollWatch(fd, this);
        config = new TcpConfig(this, number, server.sizes());
        out = new TcpOutput(fd);
    }

    /** The first look: reads what has come along; only a connection that stays open afterwards is watched. */
    void begin() {
        if (!isRegistered()) {
            unsafe().closeForcibly();
            return;
        }
        fresh = false;
        try {
            if (isOpen() && isReadWanted()) {
                read0();
            }
            if (isOpen()) {
                watch.begin(EpollWatch.CHANGES);
            }
        } catch (RuntimeException e) {
            failed(e);
        }
    }

    private boolean isReadWanted() {
        return wanted || config.isAutoRead();
    }

    @Override
    public void ready(int bits) {
        if ((bits & (EpollWatch.WRITE | EpollWatch.ERROR)) != 0 && full) {
            full = false;
            flushOn.run();
        }
        if (!isOpen()) {
            return;
        }
        if (inputEnded) {
            if ((bits & EpollWatch.ERROR) != 0) {
                unsafe().close(voidPromise());
            }
            return;
        }
        peerEnded |= (bits & (EpollWatch.PEER_ENDED | EpollWatch.HANGUP | EpollWatch.ERROR)) != 0;
        if (peerEnded || (bits & EpollWatch.READ) != 0) {
            more = true;
            readOn();
        }
    }

    /** Reads what may be there, if it is wanted. */
    private void readOn() {
        readingOn = false;
        if (more && isOpen() && !inputEnded && (peerEnded || isReadWanted())) {
            read0();
        }
    }

    private void readLater() {
        if (!readingOn) {
            readingOn = true;
            eventLoop().execute(readOn);
        }
    }

    @Override
    protected void doBeginRead() {
        wanted = true;
        if (!fresh) {
            watch.begin(EpollWatch.CHANGES);
            if (more) {
                readLater();
            }
        }
    }

    /** Reads as much as the sizes of the channel allow in one turn. */
    private void read0() {
        ExtendedHandle sizes = (ExtendedHandle) unsafe().recvBufAllocHandle();
        sizes.reset(config);
        more = false;
        IOException failure = null;
        boolean ended = false;
        try {
            int rounds = 0;
            int count;
            do {
                count = read(sizes);
                ended = count < 0;
                // An empty socket tells by an event when there is more.
                more = count > 0 && (peerEnded || sizes.lastBytesRead() == sizes.attemptedBytesRead());
                rounds++;
            } while (more && isOpen() && (peerEnded ? rounds < READS_AT_END : sizes.continueReading()));
            if (count == 0) {
                peerEnded = false;
            }
        } catch (IOException e) {
            failure = e;
        }
        sizes.readComplete();
        pipeline().fireChannelReadComplete();
        if (failure != null) {
            pipeline().fireExceptionCaught(failure);
            unsafe().close(voidPromise());
        } else if (ended) {
            endInput();
        } else if (more && isOpen() && (peerEnded || isReadWanted())) {
            readLater();
        }
    }

    /** One read and what the pipeline makes of it; 0 when there is nothing, -1 at the end. */
    private int read(ExtendedHandle sizes) throws IOException {
        ByteBuf buffer = sizes.allocate(config.getAllocator());
        sizes.attemptedBytesRead(buffer.writableBytes());
        int count;
        try {
            count = TcpOutput.read(fd, buffer);
        } catch (IOException e) {
            buffer.release();
            throw e;
        }
        sizes.lastBytesRead(count);
        if (count <= 0) {
            buffer.release();
            return count;
        }
        wanted = false;
        sizes.incMessagesRead(1);
        pipeline().fireChannelRead(buffer);
        return count;
    }

    private void endInput() {
        more = false;
        if (!isOpen() || inputEnded) {
            return;
        }
        inputEnded = true;
        if (config.isHalfClosureAllowed()) {
            pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
        } else {
            unsafe().close(voidPromise());
        }
    }

    @Override
    protected Object filterOutboundMessage(Object message) {
        return TcpOutput.accepted(message, alloc());
    }

    @Override
    protected void doWrite(ChannelOutboundBuffer buffers) throws Exception {
        TcpOutput.Progress progress = out.write(buffers, config.getWriteSpinCount());
        if (progress == TcpOutput.Progress.FULL) {
            full = true;
            watch.begin(EpollWatch.CHANGES);
        } else if (progress == TcpOutput.Progress.MORE) {
            eventLoop().execute(flushOn);
        }
    }

    @Override
    public void failed(Throwable failure) {
        pipeline().fireExceptionCaught(failure);
        unsafe().close(voidPromise());
    }

    @Override
    public void lost() {
        unsafe().close(voidPromise());
    }

    @Override
    public ChannelConfig config() {
        return config;
    }

    @Override
    public ChannelMetadata metadata() {
        return METADATA;
    }

    @Override
    public boolean isOpen() {
        return fd.isOpen();
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
    protected SocketAddress remoteAddress0() {
        return NativeInetAddress.address(peer, 1, peer[0]);
    }

    @Override
    protected SocketAddress localAddress0() {
        return server.commonAddress().orElseGet(() -> isOpen() ? new Socket(fd.intValue()).localAddress() : null);
    }

    @Override
    protected void doRegister(ChannelPromise promise) {
        watch.register((IoEventLoop) eventLoop(), promise);
    }

    @Override
    protected void doDeregister() {
        watch.end();
    }

    @Override
    protected void doClose() throws IOException {
        try {
            // Nobody else holds the socket, so the kernel takes it out of the epoll with this.
            fd.close();
        } finally {
            watch.end();
        }
    }

    @Override
    protected void doBind(SocketAddress address) {
        throw new UnsupportedOperationException("the socket is connected");
    }

    @Override
    protected void doDisconnect() throws Exception {
        doClose();
    }

    @Override
    protected void doShutdownOutput() {
        outputEnded = true;
        Sockets.shutdown(fd.intValue(), Sockets.SHUT_WR);
    }

    @Override
    public boolean isInputShutdown() {
        return inputEnded;
    }

    @Override
    public boolean isOutputShutdown() {
        return outputEnded;
    }

    @Override
    public boolean isShutdown() {
        return inputEnded && outputEnded;
    }

    @Override
    public ChannelFuture shutdownInput() {
        return shutdownInput(newPromise());
    }

    @Override
    public ChannelFuture shutdownInput(ChannelPromise promise) {
        return onLoop(promise, () -> {
            Sockets.shutdown(fd.intValue(), Sockets.SHUT_RD);
            endInput();
            promise.setSuccess();
        });
    }

    @Override
    public ChannelFuture shutdownOutput() {
        return shutdownOutput(newPromise());
    }

    @Override
    public ChannelFuture shutdownOutput(ChannelPromise promise) {
        return onLoop(promise, () -> ((AbstractUnsafe) unsafe()).shutdownOutput(promise));
    }

    @Override
    public ChannelFuture shutdown() {
        return shutdown(newPromise());
    }

    @Override
    public ChannelFuture shutdown(ChannelPromise promise) {
        return onLoop(promise, () -> shutdownOutput().addListener(done -> shutdownInput(promise)));
    }

    private ChannelFuture onLoop(ChannelPromise promise, Runnable deed) {
        if (eventLoop().inEventLoop()) {
            try {
                deed.run();
            } catch (RuntimeException e) {
                promise.tryFailure(e);
            }
        } else {
            eventLoop().execute(() -> onLoop(promise, deed));
        }
        return promise;
    }

    @Override
    protected AbstractUnsafe newUnsafe() {
        return new TcpUnsafe();
    }

    /** Flushes only what the socket may take, and connects nowhere. */
    private final class TcpUnsafe extends AbstractUnsafe {
        @Override
        protected void flush0() {
            if (!full) {
                super.flush0();
            }
        }

        @Override
        public void connect(SocketAddress remote, SocketAddress local, ChannelPromise promise) {
            promise.setFailure(new UnsupportedOperationException("the socket is connected"));
        }
    }
}
