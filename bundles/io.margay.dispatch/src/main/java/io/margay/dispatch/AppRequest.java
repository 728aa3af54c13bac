// SPDX-License-Identifier: Apache-2.0
package io.margay.dispatch;

import io.margay.http.Fields;
import io.margay.http.FrameListener;
import io.margay.http.Timings;
import io.margay.http.WebSocketFault;
import io.margay.lang.RequestView;
import io.margay.posix.Fd;
import io.netty.buffer.ByteBuf;
import io.netty.util.AsciiString;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/**
 * A request on its way through a pool: what the application reads, and where its response goes. Used on its loop only.
 * After {@link #isDone} calls have no effect other than releasing what they were given.
 */
@ProviderType
public interface AppRequest extends RequestView {

    /** The body if it is in memory, else empty; owned by the request. */
    ByteBuf body();

    /** The body if it is in a file; owned by the request. */
    Optional<Fd> bodyFile();

    /** Whether the response is complete or the client has gone. */
    boolean isDone();

    /** Whether somebody looks at what becomes of it, see {@link io.margay.http.HttpLoop#probe}. */
    default boolean isWatched() {
        return false;
    }

    /** Notes that it has come to a stage: the queue, or a worker. */
    default void mark(Timings.Stage stage) {
    }

    /** Answers with an error page. */
    void fail(int status);

    /** Cuts the connection, since the response cannot be completed. */
    void abort();

    /** Sends the client an interim response, 102 to 199, if its protocol knows them and there is no response yet. */
    default void interim(int status, Fields fields) {
    }

    /** Adds a field to be sent behind the body, if the client wants such and the field may stand there. */
    default void trailer(AsciiString name, AsciiString value) {
    }

    /** Begins the response; false when the field lines are malformed, which has been answered then. */
    boolean start(int status, ByteBuf fields);

    /** Makes the connection a WebSocket; false when the field lines are malformed, which has been answered then. */
    boolean upgrade(ByteBuf fields, FrameListener listener);

    /** Lets frames come again after the listener wanted no more. */
    void resume();

    /** Ends a WebSocket by a close frame, or cuts it in the middle of another frame. */
    void close(WebSocketFault fault);

    /** Sends a part of the body and flushes; takes over {@code data}. */
    void write(ByteBuf data, boolean last);

    /** Sends a head without a part of the body. */
    void flush();

    /** Whether the client takes more. */
    boolean isWritable();

    /** Runs the action once when the client takes more or the request is done. */
    void onWritable(Runnable action);

    /** Runs the action if the response is cut or the client leaves before it is complete. */
    void onLost(Runnable action);
}
