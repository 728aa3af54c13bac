// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

/** How much of what is not quite a response is understood. What can be read in two ways never is. */
enum ReplyRules {

    /** For programs that this server runs: RFC 9112 to the letter. */
    STRICT(64 << 10),

    /**
     * For servers of others ({@code spec/routing.md §9.3}): lines of a head may end with LF alone; a length that is
     * invalid or told twice is dropped, the end of the connection ends the body then; {@code Status} is an ordinary
     * field.
     */
    LENIENT(4096);

    private final int longestTrailer;

    ReplyRules(int longestTrailer) {
        this.longestTrailer = longestTrailer;
    }

    boolean isLenient() {
        return this == LENIENT;
    }

    /** The most bytes of all trailers of a response. */
    int longestTrailer() {
        return longestTrailer;
    }
}
