// SPDX-License-Identifier: Apache-2.0
package io.margay.port;

import java.nio.ByteBuffer;

/** Messages as if they had been received. */
final class Messages {

    private Messages() {
    }

    static Message of(int type, int stream, int sender, byte... payload) {
        return of(Header.last(type, stream, sender), sender, payload);
    }

    static Message of(Header header, int sender, byte... payload) {
        return new Message(header, ByteBuffer.wrap(payload), sender, 0, 0);
    }
}
