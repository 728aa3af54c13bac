// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/**
 * Why a WebSocket is closed by the server ({@code spec/routing.md §12}).
 *
 * @param code what the close frame says
 * @param text the reason in it, ASCII, at most 123 bytes
 */
public record WebSocketFault(int code, String text) {

    /** The client was silent too long. */
    public static final WebSocketFault SILENT = new WebSocketFault(1001, "Remote peer is going away");

    /** The server, or the worker that answers, is to leave. */
    public static final WebSocketFault LEAVING = new WebSocketFault(1001, "Server is going away");

    /** What the client calls text is none. */
    static final WebSocketFault NO_TEXT = new WebSocketFault(1007, "Invalid UTF-8");

    private static final int PROTOCOL = 1002;
    private static final int TOO_BIG = 1009;
    private static final int FINAL_CLOSE = 0x88;
    private static final int MASKED = 0x80;

    /** The client breaks a rule of the protocol. */
    static WebSocketFault protocol(String text) {
        return new WebSocketFault(PROTOCOL, text);
    }

    /** A frame is longer than the settings allow. */
    static WebSocketFault tooBig(long payload) {
        return new WebSocketFault(TOO_BIG, "Message too big: " + payload + " bytes");
    }

    /** Writes the close frame. */
    public void write(ByteBuf out) {
        out.writeByte(FINAL_CLOSE).writeByte(2 + text.length()).writeShort(code);
        out.writeCharSequence(text, StandardCharsets.US_ASCII);
    }

    /** Writes the close frame as a client would send it, by a mask that changes nothing. */
    void writeMasked(ByteBuf out) {
        out.writeByte(FINAL_CLOSE).writeByte(MASKED | 2 + text.length()).writeInt(0).writeShort(code);
        out.writeCharSequence(text, StandardCharsets.US_ASCII);
    }

    /** Bytes that {@link #write} needs. */
    public int size() {
        return 4 + text.length();
    }
}
