// SPDX-License-Identifier: Apache-2.0
package io.margay.wire.fastcgi.internal;

import io.margay.dispatch.WireContext;
import io.margay.http.PlainLine;
import io.netty.buffer.ByteBuf;

/**
 * What an application sends for the log beside its responses: whole lines under its name, not more a second than an
 * administrator can use. Any thread.
 */
final class ErrorLines {

    private static final int LONGEST = 4096;
    private static final int LINES_A_SECOND = 200;
    private static final long SECOND = 1_000_000_000L;

    private final WireContext context;
    private long second;
    private int lines;
    private long dropped;

    ErrorLines(WireContext context) {
        this.context = context;
    }

    /** Takes a part of the stream; parts mostly are whole lines. */
    void take(ByteBuf bytes) {
        while (bytes.isReadable()) {
            int end = bytes.indexOf(bytes.readerIndex(), bytes.writerIndex(), (byte) '\n');
            ByteBuf line = bytes.readSlice(end < 0 ? bytes.readableBytes() : end - bytes.readerIndex());
            if (end >= 0) {
                bytes.skipBytes(1);
            }
            if (line.isReadable()) {
                line(PlainLine.of(line, LONGEST));
            }
        }
    }

    private synchronized void line(String text) {
        long now = System.nanoTime();
        if (second == 0 || now - second >= SECOND) {
            if (dropped > 0) {
                context.log().warn("application \"" + context.app().title() + "\": " + dropped
                    + " lines of its error stream were dropped, there may be " + LINES_A_SECOND + " a second");
            }
            second = now;
            lines = 0;
            dropped = 0;
        }
        if (++lines <= LINES_A_SECOND) {
            context.log().notice("application \"" + context.app().title() + "\": " + text);
        } else {
            dropped++;
        }
    }
}
