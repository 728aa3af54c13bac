// SPDX-License-Identifier: Apache-2.0
package io.margay.launcher;

import java.io.Serial;

/** A configuration of the container cannot be used; the message is one line that names the property. */
final class ConfigurationException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    ConfigurationException(String text) {
        super(text);
    }
}
