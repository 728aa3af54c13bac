// SPDX-License-Identifier: Apache-2.0
package io.margay.observer.telemetry;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Writes fields in the encoding of Protocol Buffers, as far as spans need it. */
final class Protobuf {
    private static final int LENGTH_DELIMITED = 2;
    private static final int FIXED64 = 1;
    private static final int TYPE_BITS = 3;
    private static final int MORE = 0x80;
    private static final int VARINT_BITS = 7;

    private byte[] bytes = new byte[256];
    private int size;

    private void put(int value) {
        if (size == bytes.length) {
            bytes = Arrays.copyOf(bytes, 2 * size);
        }
        bytes[size++] = (byte) value;
    }

    private Protobuf varint(long value) {
        long left = value;
        while ((left & -MORE) != 0) {
            put((int) left & MORE - 1 | MORE);
            left >>>= VARINT_BITS;
        }
        put((int) left);
        return this;
    }

    /** A field of the type uint32, int64, bool or an enumeration. */
    Protobuf number(int field, long value) {
        return varint((long) field << TYPE_BITS).varint(value);
    }

    /** A field of the type fixed64. */
    Protobuf fixed(int field, long value) {
        varint((long) field << TYPE_BITS | FIXED64);
        for (int i = 0; i < Long.BYTES; i++) {
            put((int) (value >>> i * Byte.SIZE));
        }
        return this;
    }

    /** A field of the type bytes. */
    Protobuf bytes(int field, byte[] value, int length) {
        varint((long) field << TYPE_BITS | LENGTH_DELIMITED).varint(length);
        if (bytes.length - size < length) {
            bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, size + length));
        }
        System.arraycopy(value, 0, bytes, size, length);
        size += length;
        return this;
    }

    /** A field of the type string; without one if it is empty. */
    Protobuf text(int field, String value) {
        byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
        return utf8.length == 0 ? this : bytes(field, utf8, utf8.length);
    }

    /** A field that is a message. */
    Protobuf message(int field, Protobuf value) {
        return bytes(field, value.bytes, value.size);
    }

    /** All of it. */
    byte[] toBytes() {
        return Arrays.copyOf(bytes, size);
    }
}
