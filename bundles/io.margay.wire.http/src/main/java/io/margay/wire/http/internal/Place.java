// SPDX-License-Identifier: Apache-2.0
package io.margay.wire.http.internal;

import io.margay.conf.Conf;
import io.margay.dispatch.ProcessControl.Descriptor;
import io.margay.engine.EventLoop;
import io.margay.lang.AppSpec;
import io.margay.posix.Address;
import io.margay.posix.Descriptors;
import io.margay.posix.Errno;
import io.margay.posix.Fd;
import io.margay.posix.Files;
import io.margay.posix.PosixException;
import io.margay.posix.Sockets;
import io.netty.channel.ChannelHandler;
import io.netty.channel.epoll.AbstractEpollStreamChannel;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Where a worker listens. Either on a Unix socket that it inherits: its name is taken away before the worker exists,
 * and this process connects by the descriptor of the node, so nobody else can. Or on a port of 127.0.0.1 that it is
 * told. Or on a Unix socket that it makes where it is told: in a directory that only the user of this process gets
 * into, who has to be its own as well, since the socket takes connections from that user alone.
 */
final class Place implements AutoCloseable {

    private static final String NAME = "listen";
    private static final int BACKLOG = 1024;
    private static final int OWNER_ONLY = 0700;
    private static final int ATTEMPTS = 1000;
    private static final int LOOPBACK = 0x7f000001;
    /** Below those that the kernel gives to outgoing connections, so that none takes it before the worker does. */
    private static final int FIRST_PORT = 20_000;
    private static final int PORTS = 12_000;
    /** Of a socket address, without the zero behind it. */
    private static final int LONGEST_PATH = 107;

    private final Optional<Fd> listener;
    private final Optional<Fd> node;
    private final OptionalInt port;
    private final Optional<Path> socket;

    private Place(Optional<Fd> listener, Optional<Fd> node, OptionalInt port, Optional<Path> socket) {
        this.listener = listener;
        this.node = node;
        this.port = port;
        this.socket = socket;
    }

    /**
     * A socket to be inherited.
     *
     * @param directory where it has a name for a moment
     * @throws PosixException when it cannot be had
     */
    static Place inherited(Path directory) {
        Path own = makeDirectory(directory);
        Path path = own.resolve("s");
        Fd socket = Sockets.socket(Sockets.AF_UNIX, Sockets.SOCK_STREAM, 0);
        try {
            Sockets.bind(socket, new Address.Unix(path.toString()));
            try {
                Sockets.listen(socket, BACKLOG);
                Fd node = Files.open(path.toString(), Files.O_PATH | Files.O_NOFOLLOW, 0);
                return new Place(Optional.of(socket), Optional.of(node), OptionalInt.empty(), Optional.empty());
            } finally {
                Files.unlink(path.toString());
            }
        } catch (RuntimeException e) {
            socket.close();
            throw e;
        } finally {
            Files.rmdir(own.toString());
        }
    }

    private static Path makeDirectory(Path parent) {
        PosixException last = null;
        for (int i = 0; i < ATTEMPTS; i++) {
            Path own = parent.resolve("http-" + Integer.toHexString(ThreadLocalRandom.current().nextInt()));
            try {
                Files.mkdir(own.toString(), OWNER_ONLY);
                return own;
            } catch (PosixException e) {
                last = e;
            }
        }
        throw last;
    }

    /**
     * A free port.
     *
     * @throws PosixException when there is none
     */
    static Place port() {
        PosixException last = null;
        for (int i = 0; i < ATTEMPTS; i++) {
            int number = FIRST_PORT + ThreadLocalRandom.current().nextInt(PORTS);
            try (Fd socket = Sockets.socket(Sockets.AF_INET, Sockets.SOCK_STREAM, 0)) {
                Sockets.bind(socket, new Address.Ip4(LOOPBACK, number));
                return new Place(Optional.empty(), Optional.empty(), OptionalInt.of(number), Optional.empty());
            } catch (PosixException e) {
                last = e;
            }
        }
        throw last;
    }

    /**
     * A socket that the worker makes.
     *
     * @param directory where its own directory is made
     * @throws PosixException when there can be none
     * @throws IllegalStateException when the application has another user or root, or the path is too long
     */
    static Place named(Path directory, AppSpec app) {
        if (app.conf().object("isolation").flatMap(isolation -> isolation.string("rootfs")).isPresent()) {
            throw new IllegalStateException("\"listen\": \"unix\" does not work with \"isolation/rootfs\"");
        }
        Path own = makeDirectory(directory);
        Place place = new Place(Optional.empty(), Optional.empty(), OptionalInt.empty(),
            Optional.of(own.toAbsolutePath().resolve("http.sock")));
        try {
            place.check(app, own);
            return place;
        } catch (IllegalStateException e) {
            place.close();
            throw e;
        }
    }

    private void check(AppSpec app, Path own) {
        String mine = owner(own);
        String user = app.conf().string("user").orElse(mine);
        if (!user.equals(mine)) {
            throw new IllegalStateException("\"listen\": \"unix\" needs the \"user\" " + mine
                + ", which the server's own processes have, not " + user);
        }
        int length = socket.orElseThrow().toString().getBytes(StandardCharsets.UTF_8).length;
        if (length > LONGEST_PATH) {
            throw new IllegalStateException("\"listen\": \"unix\" needs a shorter directory for temporary files: a path"
                + " of " + length + " bytes is too long for a socket");
        }
    }

    private static String owner(Path own) {
        try {
            return java.nio.file.Files.getOwner(own).getName();
        } catch (IOException e) {
            throw new IllegalStateException(e.getMessage(), e);
        }
    }

    /** What the worker inherits. */
    List<Descriptor> descriptors() {
        return listener.map(fd -> List.of(new Descriptor(NAME, fd.number()))).orElse(List.of());
    }

    /** The application as the language's launch sees it: with the port or socket where it has to listen. */
    AppSpec told(AppSpec app) {
        if (socket.isPresent()) {
            return new AppSpec(app.name(), app.conf().with("socket", Conf.of(socket.get().toString())));
        }
        return port.isEmpty() ? app : new AppSpec(app.name(), app.conf().with("port", Conf.of(port.getAsInt())));
    }

    /** Where to connect. */
    SocketAddress address() {
        return node.map(fd -> "/proc/self/fd/" + fd.number()).or(() -> socket.map(Path::toString))
            .<SocketAddress>map(DomainSocketAddress::new)
            .orElseGet(() -> new InetSocketAddress(InetAddress.getLoopbackAddress(), port.getAsInt()));
    }

    /**
     * A channel that can connect there, on a loop; called on it.
     *
     * @param handler hears of it
     */
    @SuppressWarnings("deprecation") // The method without a promise exists for all event loops only in this form.
    static AbstractEpollStreamChannel channel(SocketAddress address, EventLoop loop, ChannelHandler handler) {
        AbstractEpollStreamChannel channel = address instanceof DomainSocketAddress ? new EpollDomainSocketChannel()
            : new EpollSocketChannel();
        channel.pipeline().addLast(handler);
        loop.netty().register(channel);
        return channel;
    }

    /** Whether nobody listens there any more, when a connection failed; the queue of a listener may just be full. */
    static boolean isRefused(SocketAddress address, Throwable why) {
        if (!(address instanceof DomainSocketAddress unix)) {
            return why instanceof ConnectException;
        }
        try (Fd socket = Sockets.socket(Sockets.AF_UNIX, Sockets.SOCK_STREAM | Sockets.SOCK_NONBLOCK, 0)) {
            Sockets.connect(socket, new Address.Unix(unix.path()));
            return false;
        } catch (PosixException e) {
            return e.errno() != Errno.EAGAIN;
        }
    }

    /** Whether the worker takes connections; asked when one was made. */
    boolean takes() {
        return listener.isEmpty()
            || Descriptors.poll(listener.get().number(), Descriptors.POLLIN, 0) == 0;
    }

    /** The worker serves: only its own copy of the socket is to keep it alive from now on. */
    void served() {
        listener.ifPresent(Fd::close);
    }

    @Override
    public void close() {
        listener.ifPresent(Fd::close);
        node.ifPresent(Fd::close);
        socket.ifPresent(Place::remove);
    }

    /** The worker may have removed it, or left more than that: then the directory stays. */
    private static void remove(Path socket) {
        try {
            java.nio.file.Files.deleteIfExists(socket);
            java.nio.file.Files.deleteIfExists(socket.getParent());
        } catch (IOException e) {
            return;
        }
    }
}
