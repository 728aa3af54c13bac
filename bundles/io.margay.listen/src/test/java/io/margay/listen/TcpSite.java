// SPDX-License-Identifier: Apache-2.0
package io.margay.listen;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.margay.engine.EventLoops;
import io.margay.posix.Address;
import io.margay.posix.Fd;
import io.margay.posix.Processes;
import io.margay.posix.Sockets;
import io.margay.testing.Await;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** A listening {@link TcpServerChannel} on one loop; what happens to the connections is noted. */
final class TcpSite implements AutoCloseable {
    private static final long SECONDS = 20;

    final EventLoops loops = EventLoops.create("tcp-test", 1);
    final EventLoop loop = loops.loop(0).netty();
    /** Connections in the order of their acceptance. */
    final BlockingQueue<Connection> connections = new LinkedBlockingQueue<>();
    /** What went wrong with accepting. */
    final BlockingQueue<Throwable> failures = new LinkedBlockingQueue<>();
    /** What is done to a connection before it is registered. */
    volatile Consumer<Channel> prepare = channel -> { };
    /** What is done with what a connection reads. */
    volatile Consumer<Connection> onRead = connection -> { };
    volatile boolean register = true;
    private final ChannelGroup accepted = new DefaultChannelGroup(loop);
    final TcpServerChannel server;
    final int port;

    TcpSite(Address address) throws IOException {
        Fd socket = Sockets.socket(address.family(), Sockets.SOCK_STREAM | Sockets.SOCK_NONBLOCK, 0);
        Sockets.bind(socket, address);
        Sockets.listen(socket, -1);
        port = Sockets.localAddress(socket).port();
        server = new TcpServerChannel(socket.release());
        server.pipeline().addLast(new Acceptances());
        loop.register(server).syncUninterruptibly();
    }

    static TcpSite open() throws IOException {
        return new TcpSite(new Address.Ip4(0x7F000001, 0));
    }

    Socket connect() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout((int) TimeUnit.SECONDS.toMillis(SECONDS));
        return socket;
    }

    Connection next() throws InterruptedException {
        Connection connection = connections.poll(SECONDS, TimeUnit.SECONDS);
        assertNotNull(connection, "no connection was accepted");
        return connection;
    }

    /** How many descriptors of this process are of a kind, such as {@code socket:}, or name a file. */
    static long open(Predicate<String> kind) {
        long count = 0;
        for (int fd : Processes.openDescriptors()) {
            try {
                count += kind.test(Files.readSymbolicLink(Path.of("/proc/self/fd/" + fd)).toString()) ? 1 : 0;
            } catch (IOException e) {
                // Closed since.
                continue;
            }
        }
        return count;
    }

    static long sockets() {
        return open(target -> target.startsWith("socket:"));
    }

    @Override
    public void close() {
        // By themselves: a loop that ends in the turn of a registration forgets to close what was registered.
        server.close().awaitUninterruptibly(SECONDS, TimeUnit.SECONDS);
        accepted.close().awaitUninterruptibly(SECONDS, TimeUnit.SECONDS);
        loops.close();
    }

    /** The end of the server of one connection. */
    static final class Connection extends ChannelInboundHandlerAdapter {
        final Channel channel;
        /** User events and exceptions. */
        final BlockingQueue<Object> events = new LinkedBlockingQueue<>();
        private final TcpSite site;
        private final StringBuffer text = new StringBuffer();

        Connection(TcpSite site, Channel channel) {
            this.site = site;
            this.channel = channel;
        }

        String text() {
            return text.toString();
        }

        /** Waits until the client's bytes are these. */
        void awaitText(String expected) {
            Await.until(() -> "got " + text.length() + " bytes", () -> text.length() >= expected.length());
            assertEquals(expected, text());
        }

        <T> T await(Class<T> event) throws InterruptedException {
            Object next = events.poll(SECONDS, TimeUnit.SECONDS);
            return assertInstanceOf(event, next);
        }

        void awaitEnd() {
            channel.closeFuture().awaitUninterruptibly(SECONDS, TimeUnit.SECONDS);
            assertFalse(channel.isOpen(), "the connection is closed");
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ByteBuf in = (ByteBuf) message;
            text.append(in.toString(StandardCharsets.ISO_8859_1));
            in.release();
            site.onRead.accept(this);
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            events.add(event);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            events.add(cause);
        }
    }

    private final class Acceptances extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            Channel child = (Channel) message;
            Connection connection = new Connection(TcpSite.this, child);
            child.pipeline().addLast(connection);
            prepare.accept(child);
            if (register) {
                accepted.add(child);
                loop.register(child);
            }
            connections.add(connection);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.channel().config().setAutoRead(false);
            failures.add(cause);
        }
    }
}
