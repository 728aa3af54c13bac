// SPDX-License-Identifier: Apache-2.0
package io.margay.filter.compression;

import io.netty.util.AsciiString;
import java.util.Optional;

/** The content codings, with the levels of spec/routing.md §8. */
enum Coding {
    /** RFC 1952. */
    GZIP("gzip", -1, 9, -1, 9),
    /** In the form of zlib, RFC 1950, as RFC 9110 §8.4.1.2 has it. */
    DEFLATE("deflate", -1, 9, -1, 9),
    /** Brotli, RFC 7932. */
    BR("br", 0, 11, 11, 6),
    /** Zstandard, RFC 8878. */
    ZSTD("zstd", -7, 22, 3, 9);

    private final AsciiString text;
    private final int lowest;
    private final int highest;
    private final int usual;
    private final int live;

    Coding(String text, int lowest, int highest, int usual, int live) {
        this.text = AsciiString.cached(text);
        this.lowest = lowest;
        this.highest = highest;
        this.usual = usual;
        this.live = live;
    }

    /** The coding of a name; empty if it is none of these. */
    static Optional<Coding> of(String name) {
        for (Coding coding : values()) {
            if (coding.text.contentEquals(name)) {
                return Optional.of(coding);
            }
        }
        return Optional.empty();
    }

    /** Its name in fields. */
    AsciiString text() {
        return text;
    }

    boolean hasLevel(long level) {
        return level >= lowest && level <= highest;
    }

    /** The level without one in the configuration. */
    int usual() {
        return usual;
    }

    /**
     * The highest level for what is coded while it is sent, on the loop: above, 64 KiB take more than five milliseconds
     * or tables of megabytes are to be cleared first.
     */
    int live() {
        return live;
    }

    /** Bytes that an encoder may take, roughly. */
    int memory(int level) {
        return switch (this) {
            case GZIP, DEFLATE -> 300 << 10;
            case BR -> 6 << 20;
            case ZSTD -> level <= 4 ? 3 << 20 : 14 << 20;
        };
    }

    /**
     * Begins a body.
     *
     * @param length of the body, -1 if it is not known
     * @param deflaters where those of zlib are taken from
     */
    Encoder open(int level, long length, Deflaters deflaters) {
        return switch (this) {
            case GZIP, DEFLATE -> new DeflateEncoder(this == GZIP, deflaters.take(this, level), d ->
                deflaters.give(this, level, d));
            case BR -> new BrotliEncoder(level, length);
            case ZSTD -> new ZstdEncoder(level, length);
        };
    }
}
