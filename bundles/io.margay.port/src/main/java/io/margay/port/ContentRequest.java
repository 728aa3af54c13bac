// SPDX-License-Identifier: Apache-2.0
package io.margay.port;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * The payload of the requests that name an uploaded content ({@code CERT_GET}, {@code CERT_STORE}, {@code CERT_DELETE}
 * and the same for scripts): an unsigned 64-bit size, then the name in UTF-8. A store has the content with it, sealed
 * memory of that size. Unit hands out a writable file instead ({@code spec/processes.md §14}): then main can neither
 * check nor replace at once.
 *
 * @param name of the content; whether it may be a file name is for the one who opens files to say
 * @param size of the content that comes along, bytes; else 0
 */
public record ContentRequest(String name, long size) {

    private static final int MAX_NAME = 1024;

    /** A request that brings no content. */
    public static ContentRequest of(String name) {
        return new ContentRequest(name, 0);
    }

    /** The payload. */
    public byte[] encode() {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(Long.BYTES + bytes.length).order(ByteOrder.nativeOrder()).putLong(size).put(bytes)
            .array();
    }

    /**
     * Reads a payload.
     *
     * @throws PayloadException when it is none
     */
    public static ContentRequest decode(Message message) {
        ByteBuffer in = message.payload();
        int length = in.remaining() - Long.BYTES;
        if (length < 1 || length > MAX_NAME) {
            throw new PayloadException("content request: unexpected buffer size (" + in.remaining() + ")");
        }
        long size = in.getLong();
        try {
            // Malformed bytes are refused, not replaced: the name becomes that of a file.
            return new ContentRequest(StandardCharsets.UTF_8.newDecoder().decode(in).toString(), size);
        } catch (CharacterCodingException e) {
            throw new PayloadException("content request: the name is not UTF-8");
        }
    }
}
