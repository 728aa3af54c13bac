// SPDX-License-Identifier: Apache-2.0
package io.margay.log.internal;

import io.margay.log.ErrorLog;
import io.margay.log.Level;
import java.io.PrintWriter;
import java.io.StringWriter;

/**
 * Writes what other projects log: one line {@code logger: text: cause}, the stack of the cause only for those who look
 * for a fault.
 */
final class ForeignLines {

    private final ErrorLog log;
    private final Level most;

    ForeignLines(ErrorLog log) {
        this(log, Level.DEBUG);
    }

    private ForeignLines(ErrorLog log, Level most) {
        this.log = log;
        this.most = most;
    }

    /** The same without what is for those who look for a fault in the other project itself. */
    ForeignLines withoutDebug() {
        return new ForeignLines(log, Level.INFO);
    }

    boolean writes(Level level) {
        return level.compareTo(most) <= 0 && log.writes(level);
    }

    /**
     * Writes an event.
     *
     * @param source name of the logger, perhaps empty
     * @param cause what was thrown, or null
     */
    void write(Level level, String source, String text, Throwable cause) {
        if (!writes(level)) {
            return;
        }
        StringBuilder line = new StringBuilder();
        if (!source.isEmpty()) {
            line.append(source).append(": ");
        }
        line.append(text == null ? "" : text.strip().replace("\r\n", "; ").replace('\n', ';'));
        if (cause != null) {
            line.append(": ").append(cause);
            // Eight links tell enough, and end where causes form a ring.
            Throwable next = cause.getCause();
            for (int i = 0; i < 8 && next != null; i++) {
                line.append(": ").append(next);
                next = next.getCause();
            }
        }
        log.write(level, line.toString());
        if (cause != null && log.writes(Level.DEBUG)) {
            StringWriter stack = new StringWriter();
            cause.printStackTrace(new PrintWriter(stack));
            log.debug(stack.toString());
        }
    }
}
