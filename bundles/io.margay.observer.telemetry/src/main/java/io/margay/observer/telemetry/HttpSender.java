// SPDX-License-Identifier: Apache-2.0
package io.margay.observer.telemetry;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;
import java.util.Map;

/** OTLP over HTTP: one POST, on a connection that the JDK keeps. */
final class HttpSender implements Sender {
    private static final int GOOD = 300;
    /** An answer is of no interest, but read so that the connection can be used again. */
    private static final int MOST = 64 << 10;

    private final URI endpoint;
    private final String agent;
    private final Map<String, String> headers;

    HttpSender(URI endpoint, String agent, Map<String, String> headers) {
        this.endpoint = endpoint;
        this.agent = agent;
        this.headers = headers;
    }

    @Override
    public void send(byte[] request, int millis) throws IOException {
        HttpURLConnection connection = (HttpURLConnection) endpoint.toURL().openConnection(Proxy.NO_PROXY);
        connection.setConnectTimeout(millis);
        connection.setReadTimeout(millis);
        connection.setInstanceFollowRedirects(false);
        connection.setUseCaches(false);
        connection.setRequestMethod("POST");
        connection.setRequestProperty("Content-Type", "application/x-protobuf");
        connection.setRequestProperty("User-Agent", agent);
        headers.forEach(connection::setRequestProperty);
        connection.setDoOutput(true);
        connection.setFixedLengthStreamingMode(request.length);
        boolean good = false;
        try {
            try (OutputStream out = connection.getOutputStream()) {
                out.write(request);
            }
            int status = connection.getResponseCode();
            if (status < 200 || status >= GOOD) {
                throw new IOException("the answer was " + status);
            }
            try (InputStream in = connection.getInputStream()) {
                good = in.readNBytes(MOST).length < MOST;
            }
        } finally {
            if (!good) {
                connection.disconnect();
            }
        }
    }
}
