// SPDX-License-Identifier: Apache-2.0
package io.margay.isolation;

import io.margay.conf.ConfText;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The memory behind the table: texts, structures and vectors of pointers, all relative until the end. */
final class Pool {

    private static final int ALIGNMENT = 8;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final Map<String, Entry> texts = new HashMap<>();
    private final List<Integer> pointers = new ArrayList<>();

    /** A place in the pool. */
    record Entry(int offset) {
    }

    /** A C string; equal ones are stored once. */
    Entry text(String value) {
        return texts.computeIfAbsent(value, text -> {
            byte[] encoded = ConfText.encode(text);
            Entry entry = new Entry(bytes.size());
            bytes.writeBytes(encoded);
            bytes.write(0);
            return entry;
        });
    }

    /** Aligned bytes. */
    Entry bytes(byte[] value) {
        align();
        Entry entry = new Entry(bytes.size());
        bytes.writeBytes(value);
        return entry;
    }

    /** A null-terminated vector of pointers to C strings. */
    Entry pointers(List<String> values) {
        ByteBuffer vector = buffer((values.size() + 1) * Long.BYTES);
        values.forEach(value -> vector.putLong(text(value).offset()));
        Entry entry = bytes(vector.array());
        for (int i = 0; i < values.size(); i++) {
            pointers.add(entry.offset() + i * Long.BYTES);
        }
        return entry;
    }

    /** A structure whose 64-bit word at that offset is a pointer to the other entry. */
    Entry pointingStructure(byte[] value, int at, Entry to) {
        ByteBuffer structure = buffer(value.length).put(value);
        structure.putLong(at, to.offset());
        Entry entry = bytes(structure.array());
        pointers.add(entry.offset() + at);
        return entry;
    }

    /** The content for a pool that lies at that address. */
    byte[] at(long address) {
        ByteBuffer content = ByteBuffer.wrap(bytes.toByteArray()).order(ByteOrder.LITTLE_ENDIAN);
        for (int offset : pointers) {
            content.putLong(offset, content.getLong(offset) + address);
        }
        return content.array();
    }

    static ByteBuffer buffer(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }

    private void align() {
        while (bytes.size() % ALIGNMENT != 0) {
            bytes.write(0);
        }
    }
}
