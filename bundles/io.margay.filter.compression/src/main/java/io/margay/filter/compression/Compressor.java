// SPDX-License-Identifier: Apache-2.0
package io.margay.filter.compression;

/**
 * One element of {@code compressors}.
 *
 * @param level within what the coding has
 * @param minLength bodies that are known to be shorter are left alone
 * @param name of what is kept of it
 */
record Compressor(Coding coding, int level, long minLength, String name) {

    Compressor(Coding coding, int level, long minLength) {
        this(coding, level, minLength, coding.text() + "/" + level);
    }

    /** The level for what is coded while it is sent. */
    int liveLevel() {
        return Math.min(level, coding.live());
    }

    /** Whether what is coded while it is sent is not as small as configured. */
    boolean isSlow() {
        return level > coding.live();
    }
}
