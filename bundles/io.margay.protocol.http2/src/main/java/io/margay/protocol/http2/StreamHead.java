// SPDX-License-Identifier: Apache-2.0
package io.margay.protocol.http2;

import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import java.util.Arrays;

/**
 * The fields of one request in the order of their arrival, pseudo-header fields among them, as the decoder adds them;
 * nothing of it is checked. What Netty keeps of such a list has lost the order.
 */
final class StreamHead extends DefaultHttp2Headers {
    private AsciiString[] texts = new AsciiString[32];
    private int count;

    /** No fields. */
    StreamHead() {
        super(false, 2);
    }

    @Override
    public Http2Headers add(CharSequence name, CharSequence value) {
        if (2 * count == texts.length) {
            texts = Arrays.copyOf(texts, 4 * count);
        }
        texts[2 * count] = AsciiString.of(name);
        texts[2 * count + 1] = AsciiString.of(value);
        count++;
        return this;
    }

    @Override
    public int size() {
        return count;
    }

    AsciiString fieldName(int field) {
        return texts[2 * field];
    }

    AsciiString fieldValue(int field) {
        return texts[2 * field + 1];
    }

    /** Changes a field. */
    void set(int field, AsciiString name, AsciiString value) {
        texts[2 * field] = name;
        texts[2 * field + 1] = value;
    }

    /** Keeps the first fields only. */
    void truncate(int size) {
        count = size;
    }
}
