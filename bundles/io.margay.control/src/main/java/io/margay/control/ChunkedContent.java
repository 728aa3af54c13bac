// SPDX-License-Identifier: Apache-2.0
package io.margay.control;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Decodes a content in chunks (RFC 9112 §7.1). Extensions and trailers are read and dropped. */
final class ChunkedContent {
    private static final int MAX_LINE = 1024;

    private enum Part { SIZE, DATA, DATA_END, TRAILER, DONE }

    private final int limit;
    private final int trailerLimit;
    private final int tooLargeStatus;
    private byte[] content = new byte[1024];
    private int length;
    private final byte[] line = new byte[MAX_LINE];
    private int lineLength;
    private int trailer;
    private long missing;
    private Part part = Part.SIZE;

    /**
     * Nothing is read yet.
     *
     * @param limit bytes of the decoded content
     * @param trailerLimit bytes of the fields behind it
     * @param tooLargeStatus of a content that exceeds the limit
     */
    ChunkedContent(int limit, int trailerLimit, int tooLargeStatus) {
        this.limit = limit;
        this.trailerLimit = trailerLimit;
        this.tooLargeStatus = tooLargeStatus;
    }

    /** Bytes held. */
    int size() {
        return content.length;
    }

    /** The content so far. */
    byte[] content() {
        return Arrays.copyOf(content, length);
    }

    /**
     * Takes bytes; what follows the last chunk is dropped.
     *
     * @return true when the content is complete
     */
    boolean take(byte[] bytes, int from, int to) throws ControlRequestReader.Refused {
        int at = from;
        while (at < to && part != Part.DONE) {
            if (part == Part.DATA) {
                int count = (int) Math.min(missing, to - at);
                append(bytes, at, count);
                at += count;
                missing -= count;
                part = missing == 0 ? Part.DATA_END : Part.DATA;
            } else if (bytes[at] == '\n') {
                at++;
                endOfLine();
            } else {
                if (lineLength == MAX_LINE) {
                    throw new ControlRequestReader.Refused("A line of the chunked content exceeds " + MAX_LINE
                        + " bytes.");
                }
                line[lineLength++] = bytes[at++];
            }
        }
        return part == Part.DONE;
    }

    private void append(byte[] bytes, int from, int count) {
        if (length + count > content.length) {
            content = Arrays.copyOf(content, (int) Math.min(limit, Math.max(length + (long) count,
                2L * content.length)));
        }
        System.arraycopy(bytes, from, content, length, count);
        length += count;
    }

    private void endOfLine() throws ControlRequestReader.Refused {
        int end = lineLength > 0 && line[lineLength - 1] == '\r' ? lineLength - 1 : lineLength;
        String text = new String(line, 0, end, StandardCharsets.ISO_8859_1);
        lineLength = 0;
        switch (part) {
            case SIZE -> size(text);
            case DATA_END -> {
                if (!text.isEmpty()) {
                    throw malformed();
                }
                part = Part.SIZE;
            }
            default -> {
                trailer += end + 2;
                if (trailer > trailerLimit) {
                    throw new ControlRequestReader.Refused("The trailer exceeds " + trailerLimit + " bytes.");
                }
                part = text.isEmpty() ? Part.DONE : Part.TRAILER;
            }
        }
    }

    private void size(String text) throws ControlRequestReader.Refused {
        int semicolon = text.indexOf(';') < 0 ? text.length() : text.indexOf(';');
        String number = text.substring(0, semicolon).stripTrailing();
        if (!number.matches("[0-9A-Fa-f]{1,15}")) {
            throw malformed();
        }
        missing = Long.parseLong(number, 16);
        if (missing > limit - length) {
            throw ControlRequestReader.tooLarge(tooLargeStatus, limit);
        }
        part = missing == 0 ? Part.TRAILER : Part.DATA;
    }

    private static ControlRequestReader.Refused malformed() {
        return new ControlRequestReader.Refused("The chunked content is malformed.");
    }
}
