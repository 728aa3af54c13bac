// SPDX-License-Identifier: Apache-2.0
package io.margay.control;

import io.margay.engine.EventLoop;
import io.margay.posix.Fd;
import io.margay.posix.PosixException;
import io.margay.posix.Sockets;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/** HTTP in front of a {@link ControlApi}: one request a connection. Everything happens on one loop. */
public final class ControlServer {
    /** Each may have what the largest resource takes. */
    private static final int MOST_SPOOLED = 4;

    /** For a reply that is nearly there. */
    private static final long STREAM_MILLIS = 1_000;

    private final ControlApi api;
    private final ControlLimits limits;
    private final String version;
    private Channel listener;
    private int connections;
    private long bytes;
    private long replies;
    private int spools;
    private final Set<ReplyStream> streams = new HashSet<>();
    private Optional<CompletableFuture<Void>> drained = Optional.empty();
    private boolean finishing;

    private ControlServer(ControlApi api, ControlLimits limits, String version) {
        this.api = api;
        this.limits = limits;
        this.version = version;
    }

    /**
     * Begins to accept connections; call it when {@link ControlApi#start} has completed.
     *
     * @param loop the loop that the API works on
     * @param listening a socket that listens already; from now on owned by the server
     * @param unix true for a unix socket, false for TCP
     * @param version shown in the {@code Server} field
     * @return completes on the loop's thread
     */
    public static CompletionStage<ControlServer> open(EventLoop loop, Fd listening, boolean unix, ControlApi api,
            ControlLimits limits, String version) {
        ControlServer server = new ControlServer(api, limits, version);
        int fd = listening.release();
        ServerBootstrap bootstrap = new ServerBootstrap().group(loop.netty(), loop.netty())
            .channelFactory(() -> channel(fd, unix))
            .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true).childHandler(new ChannelInitializer<>() {
                @Override
                protected void initChannel(Channel channel) {
                    server.accept(channel);
                }
            });
        CompletableFuture<ControlServer> opened = new CompletableFuture<>();
        var registered = bootstrap.register();
        registered.addListener(done -> {
            if (done.isSuccess()) {
                server.listener = registered.channel();
                opened.complete(server);
            } else {
                opened.completeExceptionally(done.cause());
            }
        });
        return opened;
    }

    private static ServerChannel channel(int fd, boolean unix) {
        // Without "true" a domain socket is taken for one that is not bound yet, and never accepts.
        return unix ? new EpollServerDomainSocketChannel(fd, true) : new EpollServerSocketChannel(fd);
    }

    /** Stops accepting; connections at hand get their replies. From any thread. */
    public CompletionStage<Void> close() {
        CompletableFuture<Void> closed = new CompletableFuture<>();
        listener.close().addListener(done -> closed.complete(null));
        return closed;
    }

    /**
     * Stops accepting; what is asked already is answered, and streams without an end of their own are ended soon. From
     * any thread.
     *
     * @return completes on the loop when the last connection is closed
     */
    public CompletionStage<Void> drain() {
        CompletableFuture<Void> empty = new CompletableFuture<>();
        close().thenRun(() -> listener.eventLoop().execute(() -> {
            drained = Optional.of(empty);
            settle();
            listener.eventLoop().schedule(() -> {
                finishing = true;
                List.copyOf(streams).forEach(ReplyStream::finish);
            }, STREAM_MILLIS, TimeUnit.MILLISECONDS);
        }));
        return empty;
    }

    private void settle() {
        if (connections == 0) {
            drained.ifPresent(empty -> empty.complete(null));
        }
    }

    /** A reply that is made while it is sent begins. */
    void begun(ReplyStream stream) {
        streams.add(stream);
        if (finishing) {
            stream.finish();
        }
    }

    /** It is over. */
    void ended(ReplyStream stream) {
        streams.remove(stream);
    }

    private void accept(Channel channel) {
        ControlPeer peer = peer(channel);
        if (connections >= share(limits.connections(), peer)) {
            channel.close();
            return;
        }
        connections++;
        channel.closeFuture().addListener(closed -> {
            connections--;
            settle();
        });
        channel.pipeline().addLast(new ControlConnection(this, peer));
    }

    /** Whom the policy concerns cannot use up what its masters need. */
    private long share(long most, ControlPeer peer) {
        return api.exempts(peer) ? most : most / 2;
    }

    private static ControlPeer peer(Channel channel) {
        if (!(channel instanceof EpollDomainSocketChannel socket)) {
            return new ControlPeer.Remote(String.valueOf(channel.remoteAddress()));
        }
        int fd = socket.fd().intValue();
        try {
            Sockets.PeerCredential credential = Sockets.peerCredential(fd);
            return new ControlPeer.Local(credential.uid(), credential.gid(), credential.pid(),
                IntStream.of(Sockets.peerGroups(fd)).boxed().toList());
        } catch (PosixException e) {
            return new ControlPeer.Remote("unknown (" + e.getMessage() + ")");
        }
    }

    ControlApi api() {
        return api;
    }

    ControlLimits limits() {
        return limits;
    }

    String version() {
        return version;
    }

    /** Counts memory of a content being received; false when there is no more of it. */
    boolean hold(long more, ControlPeer peer) {
        if (bytes + more > share(limits.totalBytes(), peer)) {
            return false;
        }
        bytes += more;
        return true;
    }

    /** Counts memory of a reply being sent; false when too much waits for clients that do not read. */
    boolean holdReply(long size) {
        if (replies > 0 && replies + size > limits.totalBytes()) {
            return false;
        }
        replies += size;
        return true;
    }

    /** A reply has left, or its client has. */
    void releaseReply(long size) {
        replies -= size;
    }

    /** Counts contents that go into sealed memory; false when there are as many as there may be. */
    boolean spool(boolean more) {
        if (!more) {
            spools--;
            return false;
        }
        if (spools >= MOST_SPOOLED) {
            return false;
        }
        spools++;
        return true;
    }

    /** Memory is free again. */
    void release(long less) {
        bytes -= less;
    }
}
