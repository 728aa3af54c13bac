// SPDX-License-Identifier: Apache-2.0
package io.margay.log.internal;

import io.margay.log.Level;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;

/** Takes the events of {@code java.util.logging} and of {@link System.Logger}, which ends there. */
final class JdkHandler extends Handler {

    private final ForeignLines lines;
    private final SimpleFormatter texts = new SimpleFormatter();

    JdkHandler(ForeignLines lines) {
        this.lines = lines;
    }

    /** Puts a handler in the place of all those of the root logger. */
    static void install(ForeignLines lines) {
        Logger root = Logger.getLogger("");
        for (Handler handler : root.getHandlers()) {
            root.removeHandler(handler);
        }
        root.addHandler(new JdkHandler(lines));
        root.setLevel(lines.writes(Level.DEBUG) ? java.util.logging.Level.FINE : java.util.logging.Level.INFO);
    }

    @Override
    public void publish(LogRecord event) {
        String source = event.getLoggerName();
        lines.write(level(event.getLevel().intValue()), source == null ? "" : source, texts.formatMessage(event),
            event.getThrown());
    }

    private static Level level(int value) {
        if (value >= java.util.logging.Level.SEVERE.intValue()) {
            return Level.ERROR;
        }
        if (value >= java.util.logging.Level.WARNING.intValue()) {
            return Level.WARN;
        }
        return value >= java.util.logging.Level.INFO.intValue() ? Level.INFO : Level.DEBUG;
    }

    @Override
    public void flush() {
        // Nothing is kept back.
    }

    @Override
    public void close() {
        // The descriptor is not ours.
    }
}
