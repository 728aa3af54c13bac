// SPDX-License-Identifier: Apache-2.0
package io.margay.listen;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/** Gets OCSP answers, in bounded time and memory. Blocks. */
final class OcspSource {
    private static final int MOST_BYTES = 64 * 1024;
    private static final int MILLIS = 10_000;
    private static final long WHOLE_NANOS = TimeUnit.SECONDS.toNanos(30);
    private static final int OK = 200;

    private OcspSource() {
    }

    /** Reads what somebody else keeps up to date. */
    static byte[] file(String path) throws IOException {
        try (InputStream in = Files.newInputStream(Path.of(path))) {
            return read(in, System.nanoTime() + WHOLE_NANOS);
        } catch (FileSystemException e) {
            // Its message is the path alone.
            throw new IOException(e instanceof NoSuchFileException ? "there is no such file"
                : e instanceof AccessDeniedException ? "the router may not read it" : "it cannot be read", e);
        }
    }

    /** Asks a responder (RFC 6960 appendix A). */
    static byte[] post(String url, byte[] request) throws IOException {
        long deadline = System.nanoTime() + WHOLE_NANOS;
        HttpURLConnection connection;
        try {
            connection = (HttpURLConnection) URI.create(url).toURL().openConnection(Proxy.NO_PROXY);
        } catch (IllegalArgumentException e) {
            throw new IOException("malformed URL", e);
        }
        try {
            connection.setRequestMethod("POST");
            connection.setConnectTimeout(MILLIS);
            connection.setReadTimeout(MILLIS);
            connection.setInstanceFollowRedirects(false);
            connection.setUseCaches(false);
            connection.setDoOutput(true);
            connection.setFixedLengthStreamingMode(request.length);
            connection.setRequestProperty("Content-Type", "application/ocsp-request");
            connection.setRequestProperty("Connection", "close");
            try (OutputStream out = connection.getOutputStream()) {
                out.write(request);
            }
            int status = connection.getResponseCode();
            if (status != OK) {
                throw new IOException("the responder answers with status " + status);
            }
            try (InputStream in = connection.getInputStream()) {
                return read(in, deadline);
            }
        } finally {
            connection.disconnect();
        }
    }

    private static byte[] read(InputStream in, long deadline) throws IOException {
        byte[] bytes = new byte[MOST_BYTES];
        int length = 0;
        int count;
        while ((count = in.read(bytes, length, MOST_BYTES - length)) > 0) {
            length += count;
            if (System.nanoTime() - deadline > 0) {
                throw new IOException("the answer takes too long");
            }
        }
        if (length == MOST_BYTES) {
            throw new IOException("the answer has more than " + MOST_BYTES + " bytes");
        }
        return Arrays.copyOf(bytes, length);
    }
}
