// SPDX-License-Identifier: Apache-2.0
package io.margay.port;

import java.util.function.Consumer;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Where ports write what they refuse; keeps this bundle free of a logger.
 */
@ConsumerType
public interface PortLog {

    /**
     * Something an administrator has to know.
     *
     * @param text one line
     */
    void alert(String text);

    /**
     * Something strange that the server has dealt with.
     *
     * @param text one line
     */
    void warn(String text);

    /** Joins two consumers, in practice two method references of a log. */
    static PortLog to(Consumer<String> alert, Consumer<String> warn) {
        return new PortLog() {
            @Override
            public void alert(String text) {
                alert.accept(text);
            }

            @Override
            public void warn(String text) {
                warn.accept(text);
            }
        };
    }
}
