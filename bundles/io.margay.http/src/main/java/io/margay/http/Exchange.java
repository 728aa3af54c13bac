// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import io.margay.posix.Fd;
import io.netty.buffer.ByteBuf;
import io.netty.channel.FileRegion;
import io.netty.util.AsciiString;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/**
 * One request and its response.
 *
 * <p>Everything is called on the loop of the connection. An exchange completes exactly once: when the last part of
 * the response was handed over, when it was aborted, or when the client was lost. Calls after that have no effect,
 * other than releasing what they were given; views of the request are not valid any more.
 */
@ProviderType
public interface Exchange {

    /** Hears of the end of an exchange. */
    @FunctionalInterface
    interface DoneListener {
        /**
         * Called once, while the request can still be read.
         *
         * @param exchange the exchange
         * @param complete whether the whole response was handed over; false if it was cut or the client was lost
         */
        void done(Exchange exchange, boolean complete);
    }

    /** The head of the request. */
    RequestHead head();

    /** The decoded path, as the last rewrite left it. */
    AsciiString path();

    /** Replaces the path; the raw target and the query stay. */
    void path(AsciiString path);

    /** The raw query without the question mark; empty if there is none. */
    AsciiString query();

    /** The normalised host of the request, or {@code localhost} if it names none. */
    AsciiString serverName();

    /** The client. */
    PeerAddress remote();

    /** Replaces the client address. */
    void remote(PeerAddress address);

    /** The local end of the connection. */
    PeerAddress local();

    /** Whether the connection is encrypted. */
    boolean isTls();

    /** Whether this is a valid WebSocket request. */
    boolean isWebSocket();

    /** Size of the body, bytes; 0 if there is none. */
    long contentLength();

    /** The body if it is in memory, otherwise empty. Owned by the exchange. */
    ByteBuf body();

    /** The body if it is in a file: offset 0, nameless, owned by the exchange (duplicate it to keep it). */
    Optional<Fd> bodyFile();

    /** {@link System#nanoTime()} of the first byte of the request. */
    long startNanos();

    /** 32 lower-case hexadecimal digits, random, the same for the whole request. */
    AsciiString requestId();

    /** The loop that owns this exchange. */
    HttpLoop loop();

    /** Counts one more action of this request, and gives their number. */
    int hop();

    /** Sets the filter for the response fields; it replaces the one set before. */
    void responseFilter(Optional<ResponseFilter> filter);

    /** The settings that this request began with. */
    HttpSettings settings();

    /** The status of the response; 0 before there is one. */
    int status();

    /** Bytes after the response head so far, chunk framing included. */
    long bodyBytesSent();

    /** Whether the response head was made. */
    boolean isStarted();

    /** Whether the exchange is complete. */
    boolean isDone();

    /** Responds with a body whose length becomes {@code Content-Length}. {@code fields} are complete lines. */
    void respond(int status, byte[] fields, byte[] body);

    /** Like {@link #respond(int, byte[], byte[])}; takes over {@code body} and releases it. */
    void respond(int status, byte[] fields, ByteBuf body);

    /** Like {@link #respond(int, byte[], byte[])}; takes over {@code body} and releases it. */
    void respond(int status, byte[] fields, FileRegion body);

    /**
     * Responds with the error page of the status (spec/http.md §11). After the head was sent, and while another error
     * page is made, it aborts.
     */
    void fail(int status);

    /**
     * Begins a response from the field lines of an application, which are checked and filtered (spec/http.md §12).
     * Nothing is sent before {@link #write} or {@link #flush}.
     *
     * @param fields lines {@code Name: value CRLF}, an empty line at the end is optional; not taken over
     * @return false if they were malformed: the exchange has then been answered with 503
     */
    boolean start(int status, ByteBuf fields);

    /** Sends a part of the body after {@link #start}; takes over {@code data}. The last one completes the exchange. */
    void write(ByteBuf data, boolean last);

    /** Sends what was written so far. */
    void flush();

    /** Cuts the connection: the client cannot mistake the response for a complete one. */
    void abort();

    /** Whether the client takes more data now. A producer that goes on regardless fills memory. */
    boolean isWritable();

    /** Runs {@code action} once as soon as the client takes data again. Replaces an action set before. */
    void onWritable(Runnable action);

    /** Adds a listener for the end of the exchange. */
    void onDone(DoneListener listener);
}
