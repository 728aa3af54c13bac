// SPDX-License-Identifier: Apache-2.0
package io.margay.protocol.http2;

import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;

/**
 * Decodes lists of fields into {@link StreamHead}, which {@link StreamRules} judges. What is a little too long is
 * decoded all the same, so that its sender can be told; nothing of what is much too long is kept.
 */
final class HeadDecoder extends DefaultHttp2HeadersDecoder {
    /** The overhead of 32 bytes for each field, by which RFC 9113 §6.5.2 counts, included. */
    private static final int DECODED = 2;
    /** As it comes; beyond it the connection ends, since decoding is then work without an end. */
    private static final int RECEIVED = 4;

    HeadDecoder(long most) throws Http2Exception {
        super(false, DECODED * most);
        maxHeaderListSize(most, most);
    }

    @Override
    public void maxHeaderListSize(long most, long received) throws Http2Exception {
        super.maxHeaderListSize(DECODED * most, RECEIVED * most);
    }

    @Override
    protected Http2Headers newHeaders() {
        return new StreamHead();
    }
}
