// SPDX-License-Identifier: Apache-2.0
package io.margay.listen;

import io.margay.conf.ConfPointer;
import java.util.Optional;

/** Options or certificates that cannot serve; the message names the one at fault. */
public final class TlsException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final transient Optional<ConfPointer> place;

    TlsException(String message) {
        super(message);
        place = Optional.empty();
    }

    /** An option has a value that cannot be obeyed; its place is told from the object {@code tls}. */
    TlsException(ConfPointer place, String message) {
        super(message);
        this.place = Optional.of(place);
    }

    TlsException(String message, Throwable cause) {
        super(message, cause);
        place = Optional.empty();
    }

    /** Where the value stands that cannot be obeyed, seen from the object {@code tls}; empty when none is to blame. */
    public Optional<ConfPointer> place() {
        return place;
    }
}
