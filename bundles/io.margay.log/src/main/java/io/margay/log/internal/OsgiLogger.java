// SPDX-License-Identifier: Apache-2.0
package io.margay.log.internal;

import io.margay.log.Level;
import org.osgi.framework.ServiceReference;
import org.osgi.service.log.FormatterLogger;
import org.osgi.service.log.LoggerConsumer;

/** A logger of OSGi's log service; texts are formatted by braces or, as a formatter logger, by {@code %s}. */
final class OsgiLogger implements FormatterLogger {

    private final String name;
    private final boolean printf;
    private final ForeignLines lines;

    OsgiLogger(String name, boolean printf, ForeignLines lines) {
        this.name = name;
        this.printf = printf;
        this.lines = lines;
    }

    private void write(Level level, String format, Object... arguments) {
        if (!lines.writes(level)) {
            return;
        }
        Throwable cause = null;
        int count = arguments.length;
        // The log service takes a cause and a service out of the last two arguments, in any order.
        for (int i = 0; i < 2 && count > 0; i++) {
            Object last = arguments[count - 1];
            if (last instanceof Throwable thrown && cause == null) {
                cause = thrown;
                count--;
            } else if (last instanceof ServiceReference<?>) {
                count--;
            }
        }
        lines.write(level, name, text(format, arguments, count), cause);
    }

    private String text(String format, Object[] arguments, int count) {
        if (format == null || count == 0) {
            return format;
        }
        return printf ? String.format(format, arguments) : braces(format, arguments, count);
    }

    private static String braces(String format, Object[] arguments, int count) {
        StringBuilder text = new StringBuilder();
        int from = 0;
        for (int i = 0; i < count; i++) {
            int at = format.indexOf("{}", from);
            if (at < 0) {
                break;
            }
            text.append(format, from, at).append(arguments[i]);
            from = at + 2;
        }
        return text.append(format.substring(from)).toString();
    }

    @Override
    public String getName() {
        return name;
    }

    @Override
    public boolean isTraceEnabled() {
        return lines.writes(Level.DEBUG);
    }

    @Override
    public void trace(String message) {
        write(Level.DEBUG, message);
    }

    @Override
    public void trace(String format, Object argument) {
        write(Level.DEBUG, format, argument);
    }

    @Override
    public void trace(String format, Object first, Object second) {
        write(Level.DEBUG, format, first, second);
    }

    @Override
    public void trace(String format, Object... arguments) {
        write(Level.DEBUG, format, arguments);
    }

    @Override
    public <E extends Exception> void trace(LoggerConsumer<E> consumer) throws E {
        if (isTraceEnabled()) {
            consumer.accept(this);
        }
    }

    @Override
    public boolean isDebugEnabled() {
        return lines.writes(Level.DEBUG);
    }

    @Override
    public void debug(String message) {
        write(Level.DEBUG, message);
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
    public <E extends Exception> void debug(LoggerConsumer<E> consumer) throws E {
        if (isDebugEnabled()) {
            consumer.accept(this);
        }
    }

    @Override
    public boolean isInfoEnabled() {
        return lines.writes(Level.INFO);
    }

    @Override
    public void info(String message) {
        write(Level.INFO, message);
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
    public <E extends Exception> void info(LoggerConsumer<E> consumer) throws E {
        if (isInfoEnabled()) {
            consumer.accept(this);
        }
    }

    @Override
    public boolean isWarnEnabled() {
        return lines.writes(Level.WARN);
    }

    @Override
    public void warn(String message) {
        write(Level.WARN, message);
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
    public <E extends Exception> void warn(LoggerConsumer<E> consumer) throws E {
        if (isWarnEnabled()) {
            consumer.accept(this);
        }
    }

    @Override
    public boolean isErrorEnabled() {
        return lines.writes(Level.ERROR);
    }

    @Override
    public void error(String message) {
        write(Level.ERROR, message);
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
    public <E extends Exception> void error(LoggerConsumer<E> consumer) throws E {
        if (isErrorEnabled()) {
            consumer.accept(this);
        }
    }

    @Override
    public void audit(String message) {
        write(Level.NOTICE, message);
    }

    @Override
    public void audit(String format, Object argument) {
        write(Level.NOTICE, format, argument);
    }

    @Override
    public void audit(String format, Object first, Object second) {
        write(Level.NOTICE, format, first, second);
    }

    @Override
    public void audit(String format, Object... arguments) {
        write(Level.NOTICE, format, arguments);
    }
}
