// SPDX-License-Identifier: Apache-2.0
package io.margay.log;

import io.margay.log.internal.DescriptorLog;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * The error log of a process, a service of this bundle. Safe for all threads; a write to a slow disk may block.
 *
 * <p>Whoever writes takes it in the constructor. Tests give a lambda.
 */
@ConsumerType
@FunctionalInterface
public interface ErrorLog {

    /** The variable with the least important level that is written; {@code info} when there is none. */
    String LEVEL = "MARGAY_LOG_LEVEL";

    /** Writes a line, if lines of this level are written. Never throws. */
    void write(Level level, String text);

    /** Whether lines of a level are written; saves making one that is not. */
    default boolean writes(Level level) {
        return true;
    }

    /** {@link Level#ALERT}. */
    default void alert(String text) {
        write(Level.ALERT, text);
    }

    /** {@link Level#ERROR}. */
    default void error(String text) {
        write(Level.ERROR, text);
    }

    /** {@link Level#WARN}. */
    default void warn(String text) {
        write(Level.WARN, text);
    }

    /** {@link Level#NOTICE}. */
    default void notice(String text) {
        write(Level.NOTICE, text);
    }

    /** {@link Level#INFO}. */
    default void info(String text) {
        write(Level.INFO, text);
    }

    /** {@link Level#DEBUG}; a text of several lines becomes several lines. */
    default void debug(String text) {
        if (writes(Level.DEBUG)) {
            text.lines().forEach(line -> write(Level.DEBUG, line));
        }
    }

    /** Writes a fault of the server itself, with its stack. */
    default void failure(Throwable fault) {
        StringWriter stack = new StringWriter();
        fault.printStackTrace(new PrintWriter(stack));
        stack.toString().lines().forEach(this::alert);
    }

    /**
     * A log for what runs in no container. The service of this bundle writes to descriptor 2: whoever changes the file
     * puts another one there.
     *
     * @param descriptor of a file that is open for appending; it stays the caller's
     * @param threshold the least important level that is written
     */
    static ErrorLog on(int descriptor, Level threshold) {
        return new DescriptorLog(descriptor, threshold);
    }

    /** A log as the service is, for what runs in no container. */
    static ErrorLog standardError() {
        return new DescriptorLog();
    }
}
