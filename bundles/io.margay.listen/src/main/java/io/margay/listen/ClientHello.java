// SPDX-License-Identifier: Apache-2.0
package io.margay.listen;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Reads what a client offers in its first message (RFC 8446 §4.1.2), of which any byte may be a lie. */
final class ClientHello {
    private static final int VERSION_AND_RANDOM = 34;
    private static final int ALPN = 16;

    private ClientHello() {
    }

    /**
     * The protocol that a client wants to speak (RFC 7301), if it offers one and no other.
     *
     * @param hello the message without the head of the handshake; nothing of it is taken
     */
    static Optional<String> onlyProtocol(ByteBuf hello) {
        try {
            ByteBuf rest = hello.slice();
            rest.skipBytes(VERSION_AND_RANDOM);
            rest.skipBytes(rest.readUnsignedByte());
            rest.skipBytes(rest.readUnsignedShort());
            rest.skipBytes(rest.readUnsignedByte());
            ByteBuf extensions = rest.readSlice(rest.readUnsignedShort());
            while (extensions.isReadable()) {
                int type = extensions.readUnsignedShort();
                ByteBuf content = extensions.readSlice(extensions.readUnsignedShort());
                if (type == ALPN) {
                    return only(content.readSlice(content.readUnsignedShort()));
                }
            }
        } catch (IndexOutOfBoundsException e) {
            // TLS itself will say what is wrong with it.
            return Optional.empty();
        }
        return Optional.empty();
    }

    private static Optional<String> only(ByteBuf names) {
        String name = names.readCharSequence(names.readUnsignedByte(), StandardCharsets.ISO_8859_1).toString();
        return names.isReadable() ? Optional.empty() : Optional.of(name);
    }
}
