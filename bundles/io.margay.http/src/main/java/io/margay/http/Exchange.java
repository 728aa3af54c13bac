// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.FileRegion;
import io.netty.util.AsciiString;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/**
 * One request and its response, whatever protocol they travel by.
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

    /**
     * The request. Its head throws {@link IllegalStateException} after the end. To be asked for anew by whoever may
     * have met with a {@linkplain #requestField change} of it.
     */
    Request request();

    /** Replaces the path of the request; target and query stay. */
    void path(AsciiString path);

    /**
     * Gives the request a field for those who handle it from now on, in place of all that it has of this name.
     *
     * @param name letter case is ignored
     * @param value empty: the request has no such field any more
     * @throws IllegalArgumentException when the name is no token or the value has control characters
     */
    default void requestField(AsciiString name, Optional<AsciiString> value) {
        throw new UnsupportedOperationException("this protocol has requests that cannot be changed");
    }

    /**
     * Replaces the {@linkplain Request#requestId() id} of the request.
     *
     * @param id a copy, not empty, without control characters
     */
    default void requestId(AsciiString id) {
        throw new UnsupportedOperationException("this protocol has requests that cannot be changed");
    }

    /** Replaces the client address of the request. */
    void remote(PeerAddress address);

    /** Replaces whether the client's connection counts as encrypted: a trusted proxy has told so. */
    default void tls(boolean encrypted) {
    }

    /** When what happened. */
    Timings timings();

    /** Notes a stage in the timings, at the loop's time. */
    void mark(Timings.Stage stage);

    /** The loop that owns this exchange. */
    HttpLoop loop();

    /** Counts one more action of this request, and gives their number. */
    int hop();

    /** Adds a filter of the response; those added later see it first. Without effect after the head was made. */
    void filter(ResponseFilter filter);

    /** Removes the filters that do not {@linkplain ResponseFilter#lasts last}: another action takes over. */
    void dropFilters();

    /** The settings that this request began with. */
    HttpSettings settings();

    /** The status of the response; 0 before there is one. */
    int status();

    /** Bytes after the response head so far, framing included. */
    long bodyBytesSent();

    /** Whether the response head was made. */
    boolean isStarted();

    /** Whether the exchange is complete. */
    boolean isDone();

    /** Responds with what was prepared; the cheapest way. */
    void respond(Answer answer);

    /** Responds with a body whose length the client is told. */
    void respond(int status, Fields fields, byte[] body);

    /** Like {@link #respond(int, Fields, byte[])}; takes over {@code body} and releases it. */
    void respond(int status, Fields fields, ByteBuf body);

    /**
     * Like {@link #respond(int, Fields, ByteBuf)} with a body that is the same each time.
     *
     * @param variants what filters keep of their work on this body
     */
    default void respond(int status, Fields fields, ByteBuf body, Variants variants) {
        respond(status, fields, body);
    }

    /** Like {@link #respond(int, Fields, byte[])}; takes over {@code body} and releases it. */
    void respond(int status, Fields fields, FileRegion body);

    /** Like {@link #respond(int, Fields, ByteBuf, Variants)} with a file. */
    default void respond(int status, Fields fields, FileRegion body, Variants variants) {
        respond(status, fields, body);
    }

    /**
     * Responds with the error page of the status (spec/http.md §11). After the head was sent, and while another error
     * page is made, it aborts.
     */
    void fail(int status);

    /** Sends the client an interim response, 102 to 199, if its protocol knows them and there is no response yet. */
    void interim(int status, Fields fields);

    /**
     * Begins a response whose body comes by {@link #write}. Nothing is sent before that or {@link #flush}.
     *
     * @param length of the body, or -1 if it is not known
     * @return false if a filter has refused it: the exchange has then been answered
     */
    boolean start(int status, Fields fields, long length);

    /**
     * Begins a response from the field lines of an application, in the form of CGI (RFC 3875), which are checked and
     * filtered (spec/http.md §12). Nothing is sent before {@link #write} or {@link #flush}.
     *
     * @param status 200 to 999; any other is answered with 503
     * @param fields lines {@code Name: value CRLF}, an empty line at the end is optional; not taken over
     * @return false if they were malformed: the exchange has then been answered with 503, or 502 if they were too long
     */
    boolean start(int status, ByteBuf fields);

    /**
     * Makes the connection of a WebSocket request a WebSocket (spec/routing.md §12): the answer is 101 with these
     * fields, {@link #write} sends frames as they are from now on, and the last one closes the connection. When the
     * client leaves or breaks a rule the exchange ends incomplete.
     *
     * @param fields as those of {@link #start(int, ByteBuf)}
     * @param listener takes the frames of the client
     * @return false if the fields were malformed: the exchange has then been answered
     * @throws IllegalStateException if it is no WebSocket request
     */
    boolean upgrade(ByteBuf fields, FrameListener listener);

    /** Lets frames come again after a listener wanted no more. */
    void resume();

    /**
     * Ends a WebSocket from the side of the server: by a close frame, with which the exchange is complete. It is cut
     * instead when a frame of the application is not complete. No effect before {@link #upgrade}.
     *
     * @param fault what the close frame says
     */
    default void close(WebSocketFault fault) {
    }

    /**
     * Whether the body of the request has arrived. Only a handler that {@linkplain ExchangeHandler#takesEarly() takes
     * requests early} sees one that has not; its {@link Request#body()} and {@link Request#bodyFile()} are empty.
     */
    default boolean isBodyComplete() {
        return true;
    }

    /**
     * Collects the body of the request, then runs an action; at once if it is complete. Called once and not together
     * with {@link #streamBody}. When the client does not send a good body in time the exchange is ended instead.
     */
    default void awaitBody(Runnable action) {
        action.run();
    }

    /**
     * Lets the body of the request be no larger than this while it {@linkplain #isBodyComplete() arrives}: the request
     * gets 413 when it is. What has been announced is not looked at, and the limit of the settings stays. Before the
     * body is collected or passed on; without effect where it is complete.
     *
     * @param most bytes
     */
    default void limitBody(long most) {
    }

    /**
     * Passes the body of the request on as it arrives, from after this call on. Called once and only while the body is
     * not complete. When the client does not send a good body in time the exchange is ended.
     *
     * @throws IllegalStateException if the body is complete
     */
    default void streamBody(BodyListener listener) {
        throw new IllegalStateException("the body of the request is complete");
    }

    /** Lets the body come again after a listener wanted no more. */
    default void resumeBody() {
    }

    /** Sends a part of the body after {@code start}; takes over {@code data}. The last one completes the exchange. */
    void write(ByteBuf data, boolean last);

    /** Adds a field to be sent after the body, if the protocol can; before the last part is written. */
    void trailer(AsciiString name, AsciiString value);

    /** Sends what was written so far. */
    void flush();

    /** Ends the response so that the client cannot mistake it for a complete one. */
    void abort();

    /** Whether the client takes more data now. A producer that goes on regardless fills memory. */
    boolean isWritable();

    /** Runs {@code action} once as soon as the client takes data again. Replaces an action set before. */
    void onWritable(Runnable action);

    /** Adds a listener for the end of the exchange. */
    void onDone(DoneListener listener);

    /** Wants to ask for {@linkplain #responseField fields of the response} also when its head has been sent. */
    default void keepResponse() {
    }

    /**
     * A field of the response, as filters have left it so far; what the protocol adds itself, as {@code Connection}, is
     * known when the head has been sent.
     *
     * @param name letter case is ignored, {@code -} also stands for {@code _} (spec/routing.md §6.3)
     * @return a copy; empty if the response has no such field, there is none yet, or nobody wanted it to be kept
     */
    default Optional<AsciiString> responseField(AsciiString name) {
        return Optional.empty();
    }
}
