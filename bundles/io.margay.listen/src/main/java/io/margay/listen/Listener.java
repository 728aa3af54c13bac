// SPDX-License-Identifier: Apache-2.0
package io.margay.listen;

import io.margay.http.HttpBinding;
import io.margay.http.HttpLoop;
import io.margay.http.HttpServer;
import io.margay.http.PeerAddress;
import io.margay.http.Protocols;
import io.margay.posix.Fd;
import io.margay.posix.Sockets;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;

/**
 * One listening address (spec/routing.md §1): every loop accepts on it by a descriptor of its own and keeps what it
 * accepts. What requests get can be replaced at any time without touching the socket.
 *
 * <p>Netty offers no EPOLLEXCLUSIVE: all loops wake for a connection and one gets it.
 *
 * <p>Thread: one at a time calls these methods, any thread.
 */
public final class Listener {
    private static final int DEFER_SECONDS = 1;
    /**
     * TCP_KEEPIDLE and TCP_KEEPINTVL in seconds, TCP_KEEPCNT: how a client is asked whether it is still there, by those
     * connections that set SO_KEEPALIVE. A system forgets a connection 60 s after its program's end.
     */
    private static final Map<Integer, Integer> KEEP_ALIVE = Map.of(4, 15, 5, 15, 6, 4);

    private final Fd socket;
    private final boolean unix;
    private final HttpServer server;
    private final TlsSlot tls = new TlsSlot();
    private volatile Optional<Predicate<PeerAddress>> proxies = Optional.empty();
    private final Map<HttpLoop, ServerChannel> accepting = new HashMap<>();

    private Listener(Fd socket, boolean unix, HttpServer server) {
        this.socket = socket;
        this.unix = unix;
        this.server = server;
    }

    /**
     * Begins to listen; connections wait until {@link #serve} is called.
     *
     * @param socket a bound stream socket; taken over
     * @param backlog argument of listen(2); -1 is the most that the system allows
     * @param binding what requests get
     * @param protocols what clients may speak
     * @throws io.margay.posix.PosixException if the socket cannot listen; it has been closed then
     */
    public static Listener open(Fd socket, int backlog, HttpBinding binding, Protocols protocols) {
        try {
            boolean unix = Sockets.getOption(socket, Sockets.SOL_SOCKET, Sockets.SO_DOMAIN) == Sockets.AF_UNIX;
            if (!unix) {
                Sockets.setOption(socket, Sockets.IPPROTO_TCP, Sockets.TCP_DEFER_ACCEPT, DEFER_SECONDS);
                // Accepted sockets inherit it.
                Sockets.setOption(socket, Sockets.IPPROTO_TCP, Sockets.TCP_NODELAY, 1);
                KEEP_ALIVE.forEach((name, value) -> Sockets.setOption(socket, Sockets.IPPROTO_TCP, name, value));
            }
            Sockets.nonBlocking(socket, true);
            Sockets.listen(socket, backlog);
            return new Listener(socket, unix, new HttpServer(binding, protocols));
        } catch (RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    /** Whether another listener of this server may take the same port meanwhile; nothing for unix sockets. */
    public void sharePort(boolean shared) {
        if (!unix) {
            Sockets.setOption(socket, Sockets.SOL_SOCKET, Sockets.SO_REUSEPORT, shared ? 1 : 0);
        }
    }

    /** Lets every request that begins from now on get {@code binding}, on connections that exist too. */
    public void rebind(HttpBinding binding) {
        server.rebind(binding);
    }

    /** Lets every connection that is accepted, or changes its protocol, from now on speak these. */
    public void speak(Protocols next) {
        server.speak(next);
    }

    /** Whose connections, of those accepted from now on, begin with a PROXY header; empty for nobody's. */
    public void behind(Optional<Predicate<PeerAddress>> trusted) {
        proxies = trusted;
    }

    /** Who begins with a PROXY header now. */
    Optional<Predicate<PeerAddress>> proxies() {
        return proxies;
    }

    /** What new connections may choose to speak in a handshake, the best first. */
    public List<String> alpn() {
        return server.protocols().alpn();
    }

    /** What new connections may speak now. */
    Protocols protocols() {
        return server.protocols();
    }

    /** What requests get. */
    HttpServer server() {
        return server;
    }

    /** What handshakes use. */
    TlsSlot slot() {
        return tls;
    }

    /**
     * Lets every handshake that begins from now on use {@code service}; connections that exist go on with what they
     * have. The service belongs to the listener now.
     *
     * @param service empty for a listener without TLS
     */
    public void secure(Optional<TlsService> service) {
        tls.replace(service);
    }

    /** What handshakes use now. */
    public Optional<TlsService> tls() {
        return tls.current();
    }

    /** A copy of the socket, on which another process may accept as well. */
    public Fd share() {
        return socket.duplicate();
    }

    /** Accepts on exactly these loops from now on; connections of other loops go on. */
    public void serve(Collection<HttpLoop> loops) {
        for (HttpLoop loop : List.copyOf(accepting.keySet())) {
            if (!loops.contains(loop)) {
                accepting.remove(loop).close();
            }
        }
        for (HttpLoop loop : loops) {
            accepting.computeIfAbsent(loop, this::accept);
        }
    }

    private ServerChannel accept(HttpLoop loop) {
        // The channel owns the number from here on and closes it.
        int own = socket.duplicate().release();
        ServerChannel channel = unix
            ? new EpollServerDomainSocketChannel(own, true) : new TcpServerChannel(own);
        channel.pipeline().addLast(new Acceptor(this, loop));
        ChannelFuture registered = loop.netty().register(channel);
        registered.addListener(done -> {
            if (!done.isSuccess()) {
                loop.log().alert("a listener cannot be watched: " + done.cause().getMessage());
                channel.unsafe().closeForcibly();
            }
        });
        return channel;
    }

    /**
     * Ends accepting and lets go of the socket, on which another process accepts. Connections are served on, each until
     * its next response.
     *
     * @return completes when the last connection that was accepted is known to its loop
     */
    public CompletionStage<Void> retire() {
        server.leave();
        return release();
    }

    /**
     * Ends accepting and closes the socket. Requests in progress finish; connections that wait for a request get the
     * idle response at their next byte or timeout.
     *
     * @return completes when the address is free
     */
    public CompletionStage<Void> close() {
        server.remove();
        tls.replace(Optional.empty());
        return release();
    }

    private CompletionStage<Void> release() {
        socket.close();
        List<CompletableFuture<Void>> closed = new ArrayList<>();
        for (ServerChannel channel : accepting.values()) {
            CompletableFuture<Void> done = new CompletableFuture<>();
            ChannelFuture closing = channel.close();
            closing.addListener(future -> done.complete(null));
            closed.add(done);
        }
        accepting.clear();
        return CompletableFuture.allOf(closed.toArray(CompletableFuture<?>[]::new));
    }
}
