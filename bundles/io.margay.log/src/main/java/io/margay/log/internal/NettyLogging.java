// SPDX-License-Identifier: Apache-2.0
package io.margay.log.internal;

import io.margay.log.Level;
import io.netty.util.internal.logging.AbstractInternalLogger;
import io.netty.util.internal.logging.FormattingTuple;
import io.netty.util.internal.logging.InternalLogger;
import io.netty.util.internal.logging.InternalLoggerFactory;
import io.netty.util.internal.logging.MessageFormatter;
import java.io.Serial;

/** Takes the events of Netty. Used only where Netty is. */
final class NettyLogging extends InternalLoggerFactory {

    private final ForeignLines lines;

    NettyLogging(ForeignLines lines) {
        this.lines = lines;
    }

    @Override
    protected InternalLogger newInstance(String name) {
        return new NettyLogger(name, lines);
    }

    /** One logger of Netty. */
    private static final class NettyLogger extends AbstractInternalLogger {

        @Serial
        private static final long serialVersionUID = 1L;

        private final transient ForeignLines lines;

        NettyLogger(String name, ForeignLines lines) {
            super(name);
            this.lines = lines;
        }

        private void write(Level level, FormattingTuple event) {
            lines.write(level, name(), event.getMessage(), event.getThrowable());
        }

        private void write(Level level, String format, Object... arguments) {
            if (lines.writes(level)) {
                write(level, MessageFormatter.arrayFormat(format, arguments));
            }
        }

        @Override
        public boolean isTraceEnabled() {
            // Netty's traces are a line for each byte: for its own developers.
            return false;
        }

        @Override
        public void trace(String message) {
            // See isTraceEnabled; so for the others of this level.
        }

        @Override
        public void trace(String format, Object argument) {
            // Not written.
        }

        @Override
        public void trace(String format, Object first, Object second) {
            // Not written.
        }

        @Override
        public void trace(String format, Object... arguments) {
            // Not written.
        }

        @Override
        public void trace(String message, Throwable cause) {
            // Not written.
        }

        @Override
        public boolean isDebugEnabled() {
            return lines.writes(Level.DEBUG);
        }

        @Override
        public void debug(String message) {
            lines.write(Level.DEBUG, name(), message, null);
        }

        @Override
        public void debug(String format, Object argument) {
            write(Level.DEBUG, format, argument);
        }

        @Override
        public void debug(String format, Object first, Object second) {
            write(Level.DEBUG, format, first, second);
        }

        @Override
        public void debug(String format, Object... arguments) {
            write(Level.DEBUG, format, arguments);
        }

        @Override
        public void debug(String message, Throwable cause) {
            lines.write(Level.DEBUG, name(), message, cause);
        }

        @Override
        public boolean isInfoEnabled() {
            return lines.writes(Level.INFO);
        }

        @Override
        public void info(String message) {
            lines.write(Level.INFO, name(), message, null);
        }

        @Override
        public void info(String format, Object argument) {
            write(Level.INFO, format, argument);
        }

        @Override
        public void info(String format, Object first, Object second) {
            write(Level.INFO, format, first, second);
        }

        @Override
        public void info(String format, Object... arguments) {
            write(Level.INFO, format, arguments);
        }

        @Override
        public void info(String message, Throwable cause) {
            lines.write(Level.INFO, name(), message, cause);
        }

        @Override
        public boolean isWarnEnabled() {
            return lines.writes(Level.WARN);
        }

        @Override
        public void warn(String message) {
            lines.write(Level.WARN, name(), message, null);
        }

        @Override
        public void warn(String format, Object argument) {
            write(Level.WARN, format, argument);
        }

        @Override
        public void warn(String format, Object first, Object second) {
            write(Level.WARN, format, first, second);
        }

        @Override
        public void warn(String format, Object... arguments) {
            write(Level.WARN, format, arguments);
        }

        @Override
        public void warn(String message, Throwable cause) {
            lines.write(Level.WARN, name(), message, cause);
        }

        @Override
        public boolean isErrorEnabled() {
            return lines.writes(Level.ERROR);
        }

        @Override
        public void error(String message) {
            lines.write(Level.ERROR, name(), message, null);
        }

        @Override
        public void error(String format, Object argument) {
            write(Level.ERROR, format, argument);
        }

        @Override
        public void error(String format, Object first, Object second) {
            write(Level.ERROR, format, first, second);
        }

        @Override
        public void error(String format, Object... arguments) {
            write(Level.ERROR, format, arguments);
        }

        @Override
        public void error(String message, Throwable cause) {
            lines.write(Level.ERROR, name(), message, cause);
        }
    }
}
