// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import io.netty.buffer.ByteBuf;

/** What a protocol adds to an exchange: how a response is put on its wire. */
abstract class ProtocolSide extends ExchangeState {

    ProtocolSide(HttpLoop loop, HttpSettings settings, Timings timings) {
        super(loop, settings, timings);
    }

    /** Puts a whole response on the wire, without its body if the request or the status forbids one. */
    protected abstract void send(Answer answer, boolean withBody);

    /**
     * Puts the head of a response on the wire; {@link ResponseHead#contentLength()} is its length, -1 if it is not
     * known, which ends with {@link #sendEnd}.
     *
     * @param withBody false if the request or the status forbids one: no data will come
     */
    protected abstract void send(ResponseHead head, boolean withBody);

    /** Puts a part of the body, never an empty one, on the wire; takes it over. */
    protected abstract void sendData(ByteBuf data);

    /** Puts the end of the body on the wire; tells whether as much was sent as was declared. */
    protected abstract void sendEnd(Fields trailers, boolean whole);

    /** Puts an interim response on the wire. */
    protected abstract void sendInterim(int code, Fields fields);

    /** The head with the status 101 is on the wire: what comes is frames, what goes is sent as it is. */
    protected abstract void switchProtocol(FrameListener listener);

    /** Sends what was put on the wire. */
    protected abstract void sendNow();

    /** The response was longer than declared, or its length was not clear: nothing may follow it. */
    protected abstract void lastOfConnection();

    /** Ends the use of the connection by this exchange; called once, at the end. */
    protected abstract void release(boolean complete);

    @Override
    public final void interim(int code, Fields fields) {
        if (!isDone() && !isStarted() && code > 101 && code < 200) {
            sendInterim(code, fields);
        }
    }
}
