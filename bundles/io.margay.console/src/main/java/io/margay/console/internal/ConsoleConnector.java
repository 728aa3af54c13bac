// SPDX-License-Identifier: Apache-2.0
package io.margay.console.internal;

import io.margay.log.ErrorLog;
import io.margay.posix.Address;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import org.apache.felix.http.jetty.ConnectorFactory;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.ConnectionMetaData;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.unixdomain.server.UnixDomainServerConnector;
import org.eclipse.jetty.util.component.LifeCycle;

/**
 * Has the web server listen at the address of the console, a unix socket or a TCP port, and marks the requests that
 * come in there with their peer.
 *
 * <p>The web server starts with some address only, and knows none but TCP ports when it starts; what comes later may be
 * anything. {@link #nowhere} lets it start.
 */
final class ConsoleConnector implements ConnectorFactory {
    private static final int HEAD = 16 * 1024;
    private static final long IDLE_MILLIS = 60_000;
    private static final int BACKLOG = 64;

    private final Address address;
    private final ErrorLog log;

    ConsoleConnector(Address address, ErrorLog log) {
        this.address = address;
        this.log = log;
    }

    @Override
    public Connector createConnector(Server server) {
        Connector connector = connector(server);
        connector.addEventListener(new LifeCycle.Listener() {
            @Override
            public void lifeCycleStarted(LifeCycle started) {
                log.notice("console: at " + address.text());
            }

            @Override
            public void lifeCycleFailure(LifeCycle failed, Throwable cause) {
                log.alert("console: it does not listen at " + address.text() + ": " + cause.getMessage());
            }
        });
        return connector;
    }

    /** {@return what counts as an address and is none} */
    static ConnectorFactory nowhere() {
        return server -> {
            ServerConnector none = new Nowhere(server);
            none.setHost("127.0.0.1");
            return none;
        };
    }

    private Connector connector(Server server) {
        HttpConfiguration http = new HttpConfiguration();
        http.setSendServerVersion(false);
        http.setSendDateHeader(true);
        http.setRequestHeaderSize(HEAD);
        http.setResponseHeaderSize(HEAD);
        http.addCustomizer(ConsoleConnector::mark);
        HttpConnectionFactory connections = new HttpConnectionFactory(http);
        if (address instanceof Address.Unix unix) {
            UnixDomainServerConnector connector = new FileConnector(server, Path.of(unix.path()), connections);
            connector.setIdleTimeout(IDLE_MILLIS);
            connector.setAcceptQueueSize(BACKLOG);
            return connector;
        }
        ServerConnector connector = new ServerConnector(server, 1, 1, connections);
        connector.setHost(address.host());
        connector.setPort(address.port());
        connector.setIdleTimeout(IDLE_MILLIS);
        connector.setAcceptQueueSize(BACKLOG);
        return connector;
    }

    private static Request mark(Request request, HttpFields.Mutable headers) {
        request.setAttribute(ConsolePeer.ATTRIBUTE, peer(request.getConnectionMetaData()));
        return request;
    }

    /** Looked up once for each connection: the kernel's table of them may be long. */
    private static ConsolePeer peer(ConnectionMetaData connection) {
        if (connection.getAttribute(ConsolePeer.ATTRIBUTE) instanceof ConsolePeer known) {
            return known;
        }
        EndPoint end = connection.getConnection().getEndPoint();
        ConsolePeer peer = end.getTransport() instanceof SocketChannel channel
            && end.getLocalSocketAddress() instanceof UnixDomainSocketAddress ? ConsolePeer.unix(channel)
            : ConsolePeer.tcp(end.getRemoteSocketAddress(), end.getLocalSocketAddress());
        connection.setAttribute(ConsolePeer.ATTRIBUTE, peer);
        return peer;
    }

    private static final class Nowhere extends ServerConnector {
        Nowhere(Server server) {
            super(server, 1, 1);
        }

        @Override
        protected void doStart() {
            // It opens nothing.
        }

        @Override
        protected void doStop() {
            // There is nothing to close.
        }
    }

    /** Listens on a file that the owner alone may use, and that is there only while somebody answers. */
    private static final class FileConnector extends UnixDomainServerConnector {
        private final Path file;
        private final Path early;

        FileConnector(Server server, Path file, HttpConnectionFactory connections) {
            super(server, 1, 1, connections);
            this.file = file.toAbsolutePath();
            this.early = Path.of(this.file + ".tmp");
            setUnixDomainPath(early);
        }

        @Override
        protected void doStart() throws Exception {
            if (answers(file)) {
                throw new IOException("\"" + file + "\" is in use by another server");
            }
            Files.deleteIfExists(early);
            super.doStart();
            Files.setPosixFilePermissions(early, PosixFilePermissions.fromString("rw-------"));
            Files.move(early, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        }

        @Override
        protected void doStop() throws Exception {
            Files.deleteIfExists(file);
            super.doStop();
        }

        private static boolean answers(Path socket) {
            if (!Files.exists(socket)) {
                return false;
            }
            try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
                return probe.connect(UnixDomainSocketAddress.of(socket));
            } catch (IOException e) {
                // A file that a server left which was killed.
                return false;
            }
        }
    }
}
