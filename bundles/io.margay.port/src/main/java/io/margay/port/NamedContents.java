// SPDX-License-Identifier: Apache-2.0
package io.margay.port;

import java.io.ByteArrayOutputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** Many named contents as one array of bytes: for each the length of name and content, 32 bits each, then both. */
public final class NamedContents {

    private NamedContents() {
    }

    /** Joins contents in the order of the map. */
    public static byte[] encode(Map<String, byte[]> contents) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        contents.forEach((name, content) -> {
            out.writeBytes(head(name, content.length));
            out.writeBytes(content);
        });
        return out.toByteArray();
    }

    /** What stands in front of a content; for those who write one after the other. */
    public static byte[] head(String name, int length) {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(2 * Integer.BYTES + bytes.length).order(ByteOrder.nativeOrder())
            .putInt(bytes.length).putInt(length).put(bytes).array();
    }

    /**
     * Takes contents apart.
     *
     * @throws PayloadException when the bytes are not of this form
     */
    public static Map<String, byte[]> decode(byte[] joined) {
        Map<String, byte[]> contents = new LinkedHashMap<>();
        ByteBuffer in = ByteBuffer.wrap(joined).order(ByteOrder.nativeOrder());
        try {
            while (in.hasRemaining()) {
                int name = in.getInt();
                int content = in.getInt();
                contents.put(new String(take(in, name), StandardCharsets.UTF_8), take(in, content));
            }
            return contents;
        } catch (BufferUnderflowException e) {
            throw new PayloadException("named contents: cut short");
        }
    }

    private static byte[] take(ByteBuffer in, int length) {
        if (length < 0 || length > in.remaining()) {
            throw new BufferUnderflowException();
        }
        byte[] bytes = new byte[length];
        in.get(bytes);
        return bytes;
    }
}
