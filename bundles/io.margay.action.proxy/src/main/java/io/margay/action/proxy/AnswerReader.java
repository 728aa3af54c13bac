// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import io.margay.http.BadResponseException;
import io.margay.http.RecordException;
import io.margay.http.ReplyParser;
import io.netty.buffer.ByteBuf;

/** Takes the bytes of one connection apart, answer by answer. On the loop of the connection. */
interface AnswerReader {

    /** Takes what was found. */
    interface Sink extends ReplyParser.Sink {

        /** What the server has to say to the log beside its answer, without control characters. */
        void says(String line);
    }

    /** The next answer is awaited; that to a HEAD request has no body, one may change the protocol. */
    void begin(boolean toHead, boolean toUpgrade);

    /** Whether nothing of the answer has come, so that the request may be sent again. */
    boolean isUntouched();

    /** Whether the server will take another request on this connection. */
    boolean keepsAlive();

    /**
     * Takes bytes until the answer is complete; what is left then belongs to nothing.
     *
     * @throws BadResponseException if they are no answer
     * @throws RecordException if they are none in FastCGI
     */
    void read(ByteBuf in) throws BadResponseException, RecordException;

    /** The server has closed the connection: whether the answer is complete with that. */
    boolean eof();

    /** The connection is gone: gives back what it has. */
    void close();
}
