// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.epoll.AbstractEpollStreamChannel;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.stream.ChunkedWriteHandler;
import java.net.SocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Makes one connection: looks a name up if there is one, then connects. On the loop of its caller. */
final class Dial {
    private static final long NANOS = 1_000_000;
    private static final long AGAIN_MILLIS = 10;
    private static final int LINE = 128;
    /** Sessions are kept by name and port; the context is of one server anyway. */
    private static final int PORT = 443;

    private final Caller caller;
    private final Forward forward;
    private final LinkPool pool;
    private final LoopSide side;
    private final long until;

    /** Who wants a connection, on the loop. */
    interface Caller {

        /** Whether it is wanted still. */
        boolean isWanted();

        /** There is one; {@code http2} when that is spoken there. */
        void connected(AbstractEpollStreamChannel made, boolean http2);

        /** There will be none. */
        void unreachable(boolean late, String why);
    }

    /** Prepares; after {@code until} the caller has given up by itself. */
    Dial(Caller caller, Forward forward, LinkPool pool, LoopSide side, long until) {
        this.caller = caller;
        this.forward = forward;
        this.pool = pool;
        this.side = side;
        this.until = until;
    }

    void begin() {
        CompletableFuture<List<SocketAddress>> addresses = pool.addresses(side.now(), side.netty());
        if (addresses.isDone() && !addresses.isCompletedExceptionally()) {
            connect(addresses.join());
            return;
        }
        addresses.whenComplete((found, failure) -> side.netty().execute(() -> {
            if (!caller.isWanted()) {
                return;
            }
            if (failure == null) {
                connect(found);
            } else {
                caller.unreachable(false, failure.getMessage());
            }
        }));
    }

    /** Tries the first of some addresses, and the others when that takes no connection within its part of the time. */
    @SuppressWarnings("deprecation") // The method without a promise exists for all event loops only in this form.
    private void connect(List<SocketAddress> all) {
        SocketAddress to = all.getFirst();
        AbstractEpollStreamChannel made = to instanceof DomainSocketAddress ? new EpollDomainSocketChannel()
            : new EpollSocketChannel();
        // Of a server that does not take the whole request there may be an answer to read nevertheless.
        made.config().setAutoClose(false);
        made.config().setConnectTimeoutMillis((int) Math.max(1, (until - side.now()) / NANOS / all.size()));
        side.netty().register(made);
        made.connect(to).addListener(future -> {
            if (!future.isSuccess()) {
                made.close();
                refused(all, future.cause());
            } else if (caller.isWanted()) {
                greet(made);
            } else {
                made.close();
            }
        });
    }

    /** What comes before requests: whose connection it is, and TLS. */
    private void greet(AbstractEpollStreamChannel made) {
        int version = forward.options().proxyProtocol();
        if (version > 0) {
            ByteBuf line = made.alloc().directBuffer(LINE);
            ClientLine.write(version, forward.request(), line);
            made.writeAndFlush(line);
        }
        Optional<SslContext> tls = pool.tls();
        if (tls.isEmpty()) {
            caller.connected(made, pool.endpoint().http2());
            return;
        }
        SslHandler handler = tls.get().newHandler(made.alloc(), pool.endpoint().peer(), PORT);
        // The caller knows how long it waits.
        handler.setHandshakeTimeoutMillis(0);
        made.pipeline().addLast(handler, new ChunkedWriteHandler());
        handler.handshakeFuture().addListener(future -> {
            if (!caller.isWanted()) {
                made.close();
            } else if (future.isSuccess()) {
                boolean http2 = ApplicationProtocolNames.HTTP_2.equals(handler.applicationProtocol());
                if (http2) {
                    made.pipeline().remove(ChunkedWriteHandler.class);
                }
                caller.connected(made, http2);
            } else {
                made.close();
                caller.unreachable(false, "TLS: " + reason(future.cause()));
            }
        });
    }

    private static String reason(Throwable why) {
        Throwable cause = why;
        // Why a certificate is not good stands below.
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause.getMessage() == null ? cause.toString() : cause.getMessage();
    }

    private void refused(List<SocketAddress> all, Throwable why) {
        if (!caller.isWanted()) {
            return;
        }
        SocketAddress to = all.getFirst();
        pool.avoid(to, side.now());
        if (to instanceof DomainSocketAddress && why.toString().contains("temporarily unavailable")) {
            // The queue of the listener is full: a Unix socket refuses then instead of waiting.
            side.netty().schedule(() -> {
                if (caller.isWanted()) {
                    connect(all);
                }
            }, AGAIN_MILLIS, TimeUnit.MILLISECONDS);
        } else if (all.size() > 1) {
            connect(all.subList(1, all.size()));
        } else {
            caller.unreachable(why instanceof ConnectTimeoutException,
                why.getMessage() == null ? why.toString() : why.getMessage());
        }
    }
}
