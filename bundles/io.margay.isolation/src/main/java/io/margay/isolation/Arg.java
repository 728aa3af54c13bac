// SPDX-License-Identifier: Apache-2.0
package io.margay.isolation;

import java.util.List;

/** An argument of a step. Its value is known when the length of the table is. */
sealed interface Arg {

    /** As the step is printed. */
    String text();

    /** A plain number. */
    record Num(long value, String text) implements Arg {
    }

    /** The address of bytes in the pool. */
    record Data(Pool.Entry entry, String text) implements Arg {
    }

    /** Filled at run time with the result of an earlier step; used as an argument once. */
    final class Slot implements Arg {
        private final String name;

        Slot(String name) {
            this.name = name;
        }

        @Override
        public String text() {
            return name;
        }
    }

    /** The address of a slot. */
    record AddressOf(Slot slot) implements Arg {
        @Override
        public String text() {
            return "&" + slot.text();
        }
    }

    static Arg num(long value) {
        return new Num(value, Long.toString(value));
    }

    static Arg id(int value) {
        long unsigned = Integer.toUnsignedLong(value);
        return new Num(unsigned, Long.toString(unsigned));
    }

    static Arg flags(long value, String text) {
        return new Num(value, text);
    }

    static Arg none() {
        return new Num(0, "NULL");
    }

    static Arg text(Pool pool, String value) {
        return new Data(pool.text(value), '"' + printable(value) + '"');
    }

    static Arg bytes(Pool pool, byte[] value, String shown) {
        return new Data(pool.bytes(value), shown);
    }

    static Arg strings(Pool pool, List<String> values, String shown) {
        return new Data(pool.pointers(values), shown);
    }

    private static String printable(String value) {
        StringBuilder text = new StringBuilder();
        value.codePoints().forEach(c -> {
            if (Character.isISOControl(c) || c == '"' || c == '\\') {
                text.append(String.format("\\x%02x", c));
            } else {
                text.appendCodePoint(c);
            }
        });
        return text.toString();
    }
}
