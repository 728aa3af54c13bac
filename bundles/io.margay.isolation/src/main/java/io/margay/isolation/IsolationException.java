// SPDX-License-Identifier: Apache-2.0
package io.margay.isolation;

import java.util.List;

/** A start is refused or cannot be prepared. The caller logs the notices and answers with an error. */
public final class IsolationException extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final transient List<Notice> notices;

    /** With one line for the log. */
    public IsolationException(Severity severity, String text) {
        this(List.of(new Notice(severity, text)));
    }

    /** With several lines for the log, the cause first. */
    public IsolationException(List<Notice> notices) {
        super(notices.getFirst().text());
        this.notices = List.copyOf(notices);
    }

    /** The lines, in order. */
    public List<Notice> notices() {
        return notices;
    }
}
