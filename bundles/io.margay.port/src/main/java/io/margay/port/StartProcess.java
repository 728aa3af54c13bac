// SPDX-License-Identifier: Apache-2.0
package io.margay.port;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

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
        // Applications may be long: one copy of each part.
        ByteBuffer payload = message.payload().slice().order(ByteOrder.nativeOrder());
        int end = 0;
        while (end < payload.limit() && payload.get(end) != 0) {
            end++;
        }
        if (end == payload.limit()) {
            throw new PayloadException("start_process: no application name");
        }
        byte[] name = new byte[end];
        payload.get(0, name).position(end + 1);
        if (payload.remaining() < Integer.BYTES) {
            throw new PayloadException("start_process: no module revision");
        }
        int revision = payload.getInt();
        byte[] json = new byte[payload.remaining()];
        payload.get(json);
        return new StartProcess(new String(name, StandardCharsets.UTF_8), revision, json);
    }

    /** The bytes on the wire. */
    public byte[] encode() {
        byte[] text = name.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(text.length + 1 + Integer.BYTES + json.length).order(ByteOrder.nativeOrder())
            .put(text).put((byte) 0).putInt(revision).put(json).array();
    }
}
