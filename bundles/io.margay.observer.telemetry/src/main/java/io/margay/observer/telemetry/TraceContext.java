// SPDX-License-Identifier: Apache-2.0
package io.margay.observer.telemetry;

import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Which trace a request belongs to (W3C Trace Context, level 1; spec/routing.md §15): what {@code traceparent} says.
 *
 * @param high upper half of the trace id
 * @param low lower half; not both are zero
 * @param span the id of the span, not zero
 * @param sampled whether the trace is recorded
 */
record TraceContext(long high, long low, long span, boolean sampled) {
    private static final int LENGTH = 55;
    private static final int VERSION_END = 2;
    private static final int TRACE = 3;
    private static final int SPAN = 36;
    private static final int FLAGS = 53;
    private static final int DIGITS = 16;
    private static final int BITS = 4;
    private static final int INVALID_VERSION = 0xFF;
    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

    /**
     * Reads a {@code traceparent}.
     *
     * @return empty if it is malformed: not in lower-case digits, a version that cannot be, ids of nothing but zeros
     */
    static Optional<TraceContext> parse(AsciiString text) {
        if (text.length() < LENGTH || text.byteAt(VERSION_END) != '-' || text.byteAt(SPAN - 1) != '-'
            || text.byteAt(FLAGS - 1) != '-') {
            return Optional.empty();
        }
        for (int i = 0; i < LENGTH; i++) {
            byte c = text.byteAt(i);
            boolean dash = i == VERSION_END || i == SPAN - 1 || i == FLAGS - 1;
            if (!dash && !(c >= '0' && c <= '9' || c >= 'a' && c <= 'f')) {
                return Optional.empty();
            }
        }
        long version = hex(text, 0, VERSION_END);
        // Later versions may say more behind the flags; this one may not.
        if (version == INVALID_VERSION || version == 0 && text.length() != LENGTH
            || text.length() > LENGTH && text.byteAt(LENGTH) != '-') {
            return Optional.empty();
        }
        TraceContext context = new TraceContext(hex(text, TRACE, DIGITS), hex(text, TRACE + DIGITS, DIGITS),
            hex(text, SPAN, DIGITS), (hex(text, FLAGS, 2) & 1) != 0);
        return context.span == 0 || context.high == 0 && context.low == 0 ? Optional.empty() : Optional.of(context);
    }

    /** A trace of its own. */
    static TraceContext root() {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        return new TraceContext(random.nextLong(), nonZero(random), nonZero(random), false);
    }

    /** Another span of the same trace. */
    TraceContext child() {
        return new TraceContext(high, low, nonZero(ThreadLocalRandom.current()), sampled);
    }

    TraceContext sampled(boolean now) {
        return new TraceContext(high, low, span, now);
    }

    private static long nonZero(ThreadLocalRandom random) {
        long value = random.nextLong();
        while (value == 0) {
            value = random.nextLong();
        }
        return value;
    }

    private static long hex(AsciiString text, int from, int count) {
        long value = 0;
        for (int i = from; i < from + count; i++) {
            value = value << BITS | Character.digit(text.byteAt(i), 1 << BITS);
        }
        return value;
    }

    /** As {@code traceparent} has it. */
    AsciiString text() {
        byte[] text = new byte[LENGTH];
        text[0] = '0';
        text[1] = '0';
        text[VERSION_END] = '-';
        put(text, TRACE, high);
        put(text, TRACE + DIGITS, low);
        text[SPAN - 1] = '-';
        put(text, SPAN, span);
        text[FLAGS - 1] = '-';
        text[FLAGS] = '0';
        text[FLAGS + 1] = (byte) (sampled ? '1' : '0');
        return new AsciiString(text, false);
    }

    private static void put(byte[] text, int at, long value) {
        for (int i = 0; i < DIGITS; i++) {
            text[at + i] = HEX[(int) (value >>> (DIGITS - 1 - i) * BITS) & DIGITS - 1];
        }
    }
}
