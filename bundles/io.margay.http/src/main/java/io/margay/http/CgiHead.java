// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/**
 * The head of a CGI response as it comes in pieces: lines up to an empty one, whose ends may lack the CR. Only what CGI
 * adds to HTTP is understood here, {@code Status} and {@code Location}; whether names and values are sound is checked
 * where the response begins.
 */
public final class CgiHead {

    /** What became of a piece. */
    public enum Result {
        /** The end of the head has not come yet. */
        MORE,
        /** The head is complete. */
        DONE,
        /** It has more bytes than it may have. */
        TOO_LARGE,
        /** Its status is none. */
        NO_STATUS
    }

    private static final int OK = 200;
    private static final int FOUND = 302;
    private static final int STATUS_DIGITS = 3;
    private static final int LEAST_STATUS = 100;
    private static final int SHOWN = 80;

    private final int limit;
    private final Consumer<String> warnings;
    private ByteBuf before = Unpooled.EMPTY_BUFFER;
    private int status;
    private ByteBuf fields = Unpooled.EMPTY_BUFFER;
    private boolean location;

    /**
     * An empty one.
     *
     * @param limit most bytes of a head
     * @param warnings takes what is wrong with a line that is left out
     */
    public CgiHead(int limit, Consumer<String> warnings) {
        this.limit = limit;
        this.warnings = warnings;
    }

    /** The status, once it is complete. */
    public int status() {
        return status;
    }

    /** The field lines, each with its CR LF; valid until {@link #release}. */
    public ByteBuf fields() {
        return fields;
    }

    /** Takes a piece; when the head is complete with it, what is left of the piece belongs to the body. */
    public Result take(ByteBuf piece) {
        int from = before.readableBytes();
        if (from == 0) {
            int end = end(piece, piece.readerIndex());
            if (end >= 0) {
                return end - piece.readerIndex() > limit ? Result.TOO_LARGE : lines(piece, end);
            }
            before = Unpooled.buffer(Math.max(512, 2 * piece.readableBytes()));
        }
        int given = piece.readableBytes();
        before.writeBytes(piece, piece.readerIndex(), given);
        int end = end(before, before.readerIndex() + Math.max(0, from - 2));
        if ((end < 0 ? before.readableBytes() : end) > limit) {
            return Result.TOO_LARGE;
        }
        if (end < 0) {
            piece.skipBytes(given);
            return Result.MORE;
        }
        piece.skipBytes(end - from);
        return lines(before, end);
    }

    /** Index behind the first empty line, or -1. */
    private static int end(ByteBuf bytes, int from) {
        int stop = bytes.writerIndex();
        int first = bytes.readerIndex();
        for (int i = bytes.indexOf(from, stop, (byte) '\n'); i >= 0; i = bytes.indexOf(i + 1, stop, (byte) '\n')) {
            int last = i > first && bytes.getByte(i - 1) == '\r' ? i - 1 : i;
            if (last == first || bytes.getByte(last - 1) == '\n') {
                return i + 1;
            }
        }
        return -1;
    }

    private Result lines(ByteBuf bytes, int end) {
        fields = Unpooled.buffer(end - bytes.readerIndex() + SHOWN);
        while (bytes.readerIndex() < end) {
            int stop = bytes.indexOf(bytes.readerIndex(), end, (byte) '\n');
            int last = stop > bytes.readerIndex() && bytes.getByte(stop - 1) == '\r' ? stop - 1 : stop;
            ByteBuf line = bytes.slice(bytes.readerIndex(), last - bytes.readerIndex());
            bytes.readerIndex(stop + 1);
            if (line.isReadable() && !line(line)) {
                return Result.NO_STATUS;
            }
        }
        if (status == 0) {
            status = location ? FOUND : OK;
        }
        return Result.DONE;
    }

    private boolean line(ByteBuf line) {
        int colon = line.indexOf(0, line.readableBytes(), (byte) ':');
        if (colon < 0) {
            warnings.accept("colon not found in header '" + PlainLine.of(line, SHOWN) + "'");
            return true;
        }
        if (is(line, colon, "status")) {
            status = status(line, colon + 1);
            return status > 0;
        }
        location |= is(line, colon, "location");
        fields.writeBytes(line, 0, line.readableBytes()).writeByte('\r').writeByte('\n');
        return true;
    }

    private static boolean is(ByteBuf line, int length, String name) {
        return length == name.length()
            && line.toString(0, length, StandardCharsets.ISO_8859_1).equalsIgnoreCase(name);
    }

    /** The number, or 0 for what is none. */
    private static int status(ByteBuf line, int from) {
        int at = from;
        while (at < line.writerIndex() && line.getByte(at) == ' ') {
            at++;
        }
        int number = 0;
        int digits = 0;
        while (at < line.writerIndex() && isDigit(line.getByte(at)) && digits <= STATUS_DIGITS) {
            number = 10 * number + line.getByte(at) - '0';
            digits++;
            at++;
        }
        boolean ends = at == line.writerIndex() || line.getByte(at) == ' ';
        return digits == STATUS_DIGITS && number >= LEAST_STATUS && ends ? number : 0;
    }

    private static boolean isDigit(byte c) {
        return c >= '0' && c <= '9';
    }

    /** Whether anything of it has come. */
    public boolean isBegun() {
        return before.isReadable();
    }

    /** Gives its memory back. */
    public void release() {
        before.release();
        before = Unpooled.EMPTY_BUFFER;
        fields.release();
        fields = Unpooled.EMPTY_BUFFER;
    }
}
