// SPDX-License-Identifier: Apache-2.0
package io.margay.port;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Payload of {@link MessageType#START_PROCESS} from the router to main: the name, NUL, the revision, the generation,
 * how many descriptors come along, their names with a NUL behind each, and the application as compact JSON
 * ({@code spec/processes.md §14}).
 *
 * @param name name of the application, without NUL
 * @param revision the installation of its language module that the sender uses, 0 for whichever is there
 * @param generation the sender's number of the processes that this one shares namespaces with, 0 for none
 * @param descriptors names of the descriptors that come with the message, in their order; all different
 * @param json the application's configuration; not copied
 */
public record StartProcess(String name, int revision, int generation, List<String> descriptors, byte[] json) {

    /** Descriptors that a process can be started with. */
    public static final int MAX_DESCRIPTORS = 16;

    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_-]{0,31}");

    /** Refuses a name that would end early, and descriptors that cannot be told apart. */
    public StartProcess {
        if (name.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("NUL in the application name");
        }
        descriptors = List.copyOf(descriptors);
        if (descriptors.size() > MAX_DESCRIPTORS) {
            throw new IllegalArgumentException(descriptors.size() + " descriptors, there may be " + MAX_DESCRIPTORS);
        }
        for (String descriptor : descriptors) {
            if (!NAME.matcher(descriptor).matches()) {
                throw new IllegalArgumentException("a descriptor has no proper name");
            }
        }
        if (new HashSet<>(descriptors).size() < descriptors.size()) {
            throw new IllegalArgumentException("two descriptors have one name");
        }
    }

    /** A start of a process that belongs to no others. */
    public StartProcess(String name, int revision, List<String> descriptors, byte[] json) {
        this(name, revision, 0, descriptors, json);
    }

    /** A start without descriptors. */
    public StartProcess(String name, int revision, byte[] json) {
        this(name, revision, List.of(), json);
    }

    /**
     * Reads the payload of a message.
     *
     * @throws PayloadException when it is not of this form
     */
    public static StartProcess decode(Message message) {
        // Applications may be long: one copy of each part.
        ByteBuffer payload = message.payload().slice().order(ByteOrder.nativeOrder());
        String name = text(payload, "no application name");
        if (payload.remaining() < 2 * Integer.BYTES + 1) {
            throw new PayloadException("start_process: no module revision and generation");
        }
        int revision = payload.getInt();
        int generation = payload.getInt();
        int count = payload.get() & 0xff;
        List<String> descriptors = new ArrayList<>();
        for (int i = 0; i < Math.min(count, MAX_DESCRIPTORS + 1); i++) {
            descriptors.add(text(payload, "descriptor " + i + " has no name"));
        }
        byte[] json = new byte[payload.remaining()];
        payload.get(json);
        try {
            return new StartProcess(name, revision, generation, descriptors, json);
        } catch (IllegalArgumentException e) {
            throw new PayloadException("start_process: " + e.getMessage());
        }
    }

    private static String text(ByteBuffer payload, String otherwise) {
        int start = payload.position();
        int end = start;
        while (end < payload.limit() && payload.get(end) != 0) {
            end++;
        }
        if (end == payload.limit()) {
            throw new PayloadException("start_process: " + otherwise);
        }
        byte[] bytes = new byte[end - start];
        payload.get(start, bytes).position(end + 1);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** The bytes on the wire. */
    public byte[] encode() {
        ByteArrayOutputStream names = new ByteArrayOutputStream();
        for (String descriptor : descriptors) {
            names.writeBytes(descriptor.getBytes(StandardCharsets.UTF_8));
            names.write(0);
        }
        byte[] text = name.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(text.length + 1 + 2 * Integer.BYTES + 1 + names.size() + json.length)
            .order(ByteOrder.nativeOrder()).put(text).put((byte) 0).putInt(revision).putInt(generation)
            .put((byte) descriptors.size()).put(names.toByteArray()).put(json).array();
    }
}
