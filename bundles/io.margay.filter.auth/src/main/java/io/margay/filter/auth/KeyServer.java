// SPDX-License-Identifier: Apache-2.0
package io.margay.filter.auth;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;
import java.util.Arrays;
import java.util.Optional;
import javax.net.ssl.HttpsURLConnection;

/**
 * A server that publishes keys (RFC 7517) by HTTP or HTTPS; asked without credentials, redirects are not followed.
 *
 * @param address where it is
 * @param authorities who is trusted to say that it is the right one; empty for whom the Java runtime trusts
 */
record KeyServer(URI address, Optional<Authorities> authorities) implements Source.Loader<TokenKeys> {
    private static final int MILLIS = 5_000;
    private static final int MOST = 1 << 20;
    private static final int GOOD = 200;

    @Override
    public Optional<TokenKeys> load() throws IOException {
        HttpURLConnection connection = (HttpURLConnection) address.toURL().openConnection(Proxy.NO_PROXY);
        if (authorities.isPresent() && connection instanceof HttpsURLConnection secured) {
            secured.setSSLSocketFactory(authorities.get().sockets());
        }
        connection.setConnectTimeout(MILLIS);
        connection.setReadTimeout(MILLIS);
        connection.setInstanceFollowRedirects(false);
        connection.setUseCaches(false);
        connection.setRequestProperty("Accept", "application/jwk-set+json, application/json");
        try {
            int status = connection.getResponseCode();
            if (status != GOOD) {
                throw new IOException("the answer of \"" + address + "\" was " + status);
            }
            byte[] content;
            try (InputStream in = connection.getInputStream()) {
                content = read(in);
            }
            return Optional.of(TokenKeys.parse(content));
        } catch (IllegalArgumentException e) {
            throw new IOException("\"" + address + "\": " + e.getMessage(), e);
        } finally {
            connection.disconnect();
        }
    }

    /** A server that sends little by little is not waited for longer than for one that sends nothing. */
    private static byte[] read(InputStream in) throws IOException {
        long end = System.nanoTime() + MILLIS * 1_000_000L;
        byte[] all = new byte[MOST + 1];
        int size = 0;
        for (int count = 0; count >= 0 && size < all.length; count = in.read(all, size, all.length - size)) {
            size += count;
            if (System.nanoTime() - end > 0) {
                throw new IOException("the answer takes too long");
            }
        }
        if (size > MOST) {
            throw new IOException("the answer is larger than " + MOST + " bytes");
        }
        return Arrays.copyOf(all, size);
    }
}
