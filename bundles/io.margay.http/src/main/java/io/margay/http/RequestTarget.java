// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import io.netty.buffer.ByteBuf;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;

/**
 * Writes the targets of requests, so that a server reads what routes have matched: no space, no control character and
 * no fragment. Belongs to one loop.
 */
public final class RequestTarget {

    private static final byte[] HEX = "0123456789ABCDEF".getBytes(StandardCharsets.US_ASCII);
    private static final AsciiString WHOLE_SERVER = AsciiString.cached("*");
    private static final String UNQUOTED = "-._~!$&'()*+,;=:@/";

    private final TargetPath parsed = new TargetPath();

    /**
     * Appends the target, as the client wrote it unless a rewrite changed the path, or the host stands in it.
     *
     * @param target as it came
     * @param path decoded, as the last rewrite left it
     * @param query raw
     */
    public void write(ByteBuf out, AsciiString target, AsciiString path, AsciiString query) {
        byte[] raw = target.array();
        int start = target.arrayOffset();
        int end = start + target.length();
        if (target.length() > 0 && raw[start] == '/' && parsed.parse(raw, start, end) && isSame(path)) {
            for (int i = start; i < end && raw[i] != '#'; i++) {
                // The request line is split at spaces.
                if (raw[i] > ' ' && raw[i] != 0x7f || raw[i] < 0) {
                    out.writeByte(raw[i]);
                } else {
                    quoted(out, raw[i]);
                }
            }
            return;
        }
        if (path.isEmpty() || path.byteAt(0) != '/' && !WHOLE_SERVER.contentEquals(path)) {
            // A rewrite can take even that.
            out.writeByte('/');
        }
        for (int i = 0; i < path.length(); i++) {
            byte letter = path.byteAt(i);
            if (Ascii.hex(letter) >= 0 || letter >= 'a' && letter <= 'z' || letter >= 'A' && letter <= 'Z'
                || UNQUOTED.indexOf((char) (letter & 0xff)) >= 0) {
                out.writeByte(letter);
            } else {
                quoted(out, letter);
            }
        }
        if (!query.isEmpty()) {
            out.writeByte('?');
            for (int i = 0; i < query.length(); i++) {
                byte letter = query.byteAt(i);
                if (letter > ' ' && letter != 0x7f || letter < 0) {
                    out.writeByte(letter);
                } else {
                    quoted(out, letter);
                }
            }
        }
    }

    private boolean isSame(AsciiString path) {
        int length = parsed.pathEnd() - parsed.pathStart();
        if (length != path.length()) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (parsed.path()[parsed.pathStart() + i] != path.byteAt(i)) {
                return false;
            }
        }
        return true;
    }

    private static void quoted(ByteBuf out, byte letter) {
        out.writeByte('%').writeByte(HEX[letter >> 4 & 15]).writeByte(HEX[letter & 15]);
    }
}
