// SPDX-License-Identifier: Apache-2.0
package io.margay.lang.java.runner;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpURI;
import org.eclipse.jetty.server.ConnectionMetaData;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.Request;

/**
 * Gives requests the addresses and the scheme of the client's connection, which the server in front tells in a field:
 * scheme, remote address, local address and local port, each without blanks or "-". No client can send that field.
 */
final class ClientFacts implements HttpConfiguration.Customizer {

    /** The field's name; the language tells it the server in front. */
    static final String FIELD = "Margay-Client";

    private static final int WORDS = 4;

    @Override
    public Request customize(Request request, HttpFields.Mutable responseHeaders) {
        String value = request.getHeaders().get(FIELD);
        String[] words = value == null ? new String[0] : value.split(" ", -1);
        return words.length == WORDS ? new Told(request, words) : request;
    }

    private static SocketAddress address(String text, String port) {
        try {
            if (text.startsWith("unix:")) {
                return new Named(text);
            }
            // A literal, so no name server is asked.
            byte[] raw = InetAddress.getByName(text).getAddress();
            return new InetSocketAddress(InetAddress.getByAddress(text, raw), port.equals("-") ? 0
                : Integer.parseInt(port));
        } catch (UnknownHostException | IllegalArgumentException e) {
            return new Named(text);
        }
    }

    /** That of a Unix socket, which applications see as it is written. */
    private static final class Named extends SocketAddress {

        private static final long serialVersionUID = 1;

        private final String name;

        Named(String name) {
            this.name = name;
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private static final class Told extends Request.Wrapper {

        private final HttpURI uri;
        private final HttpFields fields;
        private final ConnectionMetaData connection;
        private final boolean secure;

        Told(Request request, String[] words) {
            super(request);
            secure = words[0].equals("https");
            uri = HttpURI.build(request.getHttpURI()).scheme(words[0]).asImmutable();
            fields = HttpFields.build(request.getHeaders()).remove(FIELD).asImmutable();
            SocketAddress remote = address(words[1], "-");
            SocketAddress local = address(words[2], words[3]);
            connection = new ConnectionMetaData.Wrapper(request.getConnectionMetaData()) {
                @Override
                public boolean isSecure() {
                    return secure;
                }

                @Override
                public SocketAddress getRemoteSocketAddress() {
                    return remote;
                }

                @Override
                public SocketAddress getLocalSocketAddress() {
                    return local;
                }
            };
        }

        @Override
        public HttpURI getHttpURI() {
            return uri;
        }

        @Override
        public HttpFields getHeaders() {
            return fields;
        }

        @Override
        public ConnectionMetaData getConnectionMetaData() {
            return connection;
        }

        @Override
        public boolean isSecure() {
            return secure;
        }
    }
}
