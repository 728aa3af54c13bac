// SPDX-License-Identifier: Apache-2.0
package io.margay.console.internal;

import io.margay.conf.Conf;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfString;
import io.margay.control.ServerControl;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;

/** The end of the access log that the configuration names. For any thread. */
final class AccessLogTail {

    private final Supplier<Conf> configured;

    /**
     * Reads nothing yet.
     *
     * @param configured gives the value of {@code /config/access_log}, or an object with a member {@code error}
     */
    AccessLogTail(Supplier<Conf> configured) {
        this.configured = configured;
    }

    /**
     * {@return as {@link LogTail#since}; an object with a member {@code error} when there is no access log, or it is no
     * file that can be read twice}
     */
    ConfObject since(long place) {
        Conf value = configured.get();
        Optional<String> path = value instanceof ConfString text ? Optional.of(text.value())
            : value instanceof ConfObject object ? object.string("path") : Optional.empty();
        if (path.isEmpty()) {
            return value instanceof ConfObject object && object.has("error") ? object
                : ServerControl.problem("The configuration names no access log.");
        }
        // What is read from a pipe would be missing for whom it is meant.
        Path file = Path.of(path.get());
        return Files.isRegularFile(file) ? new LogTail(file).since(place, line -> true)
            : ServerControl.problem("The access log \"" + file + "\" is no file.");
    }
}
