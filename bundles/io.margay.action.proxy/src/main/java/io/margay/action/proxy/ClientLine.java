// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import io.margay.http.PeerAddress;
import io.margay.http.Request;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/** What a connection begins with in the PROXY protocol: who the client is, and where it has connected to. */
final class ClientLine {
    private static final byte[] SIGNATURE = {'\r', '\n', '\r', '\n', 0, '\r', '\n', 'Q', 'U', 'I', 'T', '\n'};
    private static final int PROXY = 0x21;
    private static final int LOCAL = 0x20;
    private static final int TCP4 = 0x11;
    private static final int TCP6 = 0x21;
    private static final int IP4 = 4;
    private static final int IP6 = 16;

    private ClientLine() {
    }

    /** Writes it in version 1 or 2. */
    static void write(int version, Request request, ByteBuf out) {
        PeerAddress from = request.remote();
        PeerAddress to = request.local();
        // Both ends are of one family, or nothing can be said of them; a filter may have replaced the client.
        boolean known = !from.isUnix() && from.ip().length == to.ip().length;
        if (version == 1) {
            out.writeCharSequence(!known ? "PROXY UNKNOWN\r\n" : "PROXY TCP" + (from.ip().length == IP4 ? '4' : '6')
                + ' ' + from.text() + ' ' + to.text() + ' ' + from.port() + ' ' + to.port() + "\r\n",
                StandardCharsets.US_ASCII);
            return;
        }
        out.writeBytes(SIGNATURE).writeByte(known ? PROXY : LOCAL);
        if (!known) {
            out.writeByte(0).writeShort(0);
            return;
        }
        out.writeByte(from.ip().length == IP6 ? TCP6 : TCP4).writeShort(2 * from.ip().length + 4)
            .writeBytes(from.ip()).writeBytes(to.ip()).writeShort(from.port()).writeShort(to.port());
    }
}
