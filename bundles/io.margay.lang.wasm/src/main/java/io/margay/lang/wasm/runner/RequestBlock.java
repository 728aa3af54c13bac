// SPDX-License-Identifier: Apache-2.0
package io.margay.lang.wasm.runner;

import com.dylibso.chicory.runtime.Memory;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * A request as the module reads it.
 *
 * @param texts method, version, path, query, remote and local address, local port and server name, as bytes
 * @param fields names and values
 * @param length of the body
 * @param tls whether the client's connection is encrypted
 */
record RequestBlock(List<byte[]> texts, List<Map.Entry<String, String>> fields, long length, boolean tls) {

    /** Where the fields are. */
    static final int FIELDS = 104;
    /** The field that tells of the client's connection. */
    static final String CLIENT_FIELD = "Margay-Client";

    private static final int CONTENT_LENGTH = 64;
    private static final int TOTAL_SENT = 72;
    private static final int SENT = 80;
    private static final int CONTENT = 84;
    private static final int REQUEST_SIZE = 88;
    private static final int COUNT = 92;
    private static final int TLS = 96;
    private static final int PADDING = 100;
    private static final int PAIR = 8;

    /** Writes all but the body; returns the offset of what is free then. */
    int write(Memory memory, int address) {
        long offset = FIELDS + 2L * PAIR * fields.size();
        check(offset);
        int slot = address;
        for (byte[] text : texts) {
            offset = text(memory, address, slot, offset, text);
            slot += PAIR;
        }
        memory.writeLong(address + CONTENT_LENGTH, length);
        memory.writeI32(address + COUNT, fields.size());
        memory.writeI32(address + TLS, tls ? 1 : 0);
        memory.writeI32(address + PADDING, 0);
        slot = address + FIELDS;
        for (Map.Entry<String, String> field : fields) {
            offset = text(memory, address, slot, offset, field.getKey().getBytes(StandardCharsets.ISO_8859_1));
            offset = text(memory, address, slot + PAIR, offset, field.getValue().getBytes(
                StandardCharsets.ISO_8859_1));
            slot += 2 * PAIR;
        }
        return (int) offset;
    }

    private static void check(long end) {
        if (end > Abi.BLOCK) {
            throw new AbiException("WASM request buffer overflow at offset " + end);
        }
    }

    private static long text(Memory memory, int address, int slot, long offset, byte[] text) {
        check(offset + text.length + 1);
        memory.writeI32(slot, (int) offset);
        memory.writeI32(slot + Integer.BYTES, text.length);
        memory.write(address + (int) offset, text);
        memory.writeByte(address + (int) offset + text.length, (byte) 0);
        return offset + text.length + 1;
    }

    /** Tells of a piece of the body; later ones come alone. */
    static void piece(Memory memory, int address, int offset, int size, long total, boolean first) {
        memory.writeLong(address + TOTAL_SENT, total);
        memory.writeI32(address + SENT, size);
        memory.writeI32(address + CONTENT, offset);
        memory.writeI32(address + REQUEST_SIZE, first ? offset + size : size);
        if (!first) {
            memory.writeI32(address + COUNT, 0);
        }
    }
}
