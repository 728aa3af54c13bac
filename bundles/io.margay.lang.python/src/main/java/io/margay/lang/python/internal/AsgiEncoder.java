// SPDX-License-Identifier: Apache-2.0
package io.margay.lang.python.internal;

import io.margay.lang.RequestEncoder;
import io.margay.lang.RequestView;
import io.netty.buffer.ByteBuf;
import io.netty.util.AsciiString;

/**
 * Heads for ASGI: a NUL, so that the runtime knows the form, then method, target, path, query, version, client address,
 * local address, local port, and for each field its name in lower case and its value, all separated by NUL. The runtime
 * splits that and pairs the fields by two calls.
 */
final class AsgiEncoder implements RequestEncoder {

    private byte[] name = new byte[256];

    @Override
    public boolean encode(RequestView request, ByteBuf out) {
        return put(request.method(), out) && put(request.target(), out) && put(request.path(), out)
            && put(request.query(), out) && put(request.version(), out) && put(request.remoteAddress(), out)
            && put(request.localAddress(), out) && put(request.localPort(), out) && fields(request, 0, 0, out);
    }

    /** Writes names and values, each behind its separator; false when there is no room. */
    boolean fields(RequestView request, int beforeName, int beforeValue, ByteBuf out) {
        int count = request.fieldCount();
        for (int i = 0; i < count; i++) {
            AsciiString value = request.fieldValue(i);
            if (!name(request.fieldName(i), beforeName, out) || out.writableBytes() <= value.length()) {
                return false;
            }
            out.writeByte(beforeValue).writeBytes(value.array(), value.arrayOffset(), value.length());
        }
        return true;
    }

    private boolean name(AsciiString field, int before, ByteBuf out) {
        int length = field.length();
        if (out.writableBytes() <= length) {
            return false;
        }
        if (name.length < length) {
            name = new byte[2 * length];
        }
        byte[] from = field.array();
        int at = field.arrayOffset();
        for (int i = 0; i < length; i++) {
            byte letter = from[at + i];
            name[i] = letter >= 'A' && letter <= 'Z' ? (byte) (letter + 'a' - 'A') : letter;
        }
        out.writeByte(before).writeBytes(name, 0, length);
        return true;
    }

    private static boolean put(AsciiString value, ByteBuf out) {
        // Parsing refuses a NUL, but one that came another way would shift all that follows.
        if (out.writableBytes() <= value.length() || value.indexOf('\0', 0) >= 0) {
            return false;
        }
        out.writeByte(0).writeBytes(value.array(), value.arrayOffset(), value.length());
        return true;
    }
}
