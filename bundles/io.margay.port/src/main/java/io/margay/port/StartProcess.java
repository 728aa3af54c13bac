// SPDX-License-Identifier: Apache-2.0
package io.margay.port;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Payload of {@link MessageType#START_PROCESS} from the router to main: the name, NUL, and the application as compact
 * JSON ({@code spec/processes.md §14}).
 *
 * @param name name of the application, without NUL
 * @param json the application's configuration; not copied
 */
public record StartProcess(String name, byte[] json) {

    /** Refuses a name that would end early. */
    public StartProcess {
        if (name.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("NUL in the application name");
        }
    }

    /**
     * Reads the payload of a message.
     *
     * @throws PayloadException without a NUL
     */
    public static StartProcess decode(Message message) {
        byte[] bytes = message.bytes();
        int end = 0;
        while (end < bytes.length && bytes[end] != 0) {
            end++;
        }
        if (end == bytes.length) {
            throw new PayloadException("start_process: no application name");
        }
        byte[] json = new byte[bytes.length - end - 1];
        System.arraycopy(bytes, end + 1, json, 0, json.length);
        return new StartProcess(new String(bytes, 0, end, StandardCharsets.UTF_8), json);
    }

    /** The bytes on the wire. */
    public byte[] encode() {
        byte[] text = name.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(text.length + 1 + json.length).put(text).put((byte) 0).put(json).array();
    }
}
