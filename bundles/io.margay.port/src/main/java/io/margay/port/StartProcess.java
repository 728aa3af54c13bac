// SPDX-License-Identifier: Apache-2.0
package io.margay.port;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Payload of {@link MessageType#START_PROCESS} from the router to main: the name, NUL, and the application as compact
 * JSON ({@code spec/processes.md §14}).
 *
 * @param name name of the application, without NUL
 * @param revision the installation of its language module that the sender uses, 0 for whichever is there
 * @param json the application's configuration; not copied
 */
public record StartProcess(String name, int revision, byte[] json) {

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
        int begin = end + 1 + Integer.BYTES;
        if (begin > bytes.length) {
            throw new PayloadException("start_process: no module revision");
        }
        return new StartProcess(new String(bytes, 0, end, StandardCharsets.UTF_8),
            ByteBuffer.wrap(bytes, end + 1, Integer.BYTES).order(ByteOrder.nativeOrder()).getInt(),
            Arrays.copyOfRange(bytes, begin, bytes.length));
    }

    /** The bytes on the wire. */
    public byte[] encode() {
        byte[] text = name.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(text.length + 1 + Integer.BYTES + json.length).order(ByteOrder.nativeOrder())
            .put(text).put((byte) 0).putInt(revision).put(json).array();
    }
}
