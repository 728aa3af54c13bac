// SPDX-License-Identifier: Apache-2.0
package io.margay.console.internal;

import io.margay.conf.Conf;
import io.margay.conf.ConfObject;

/** The end of the server's log, and what has come since. */
final class EventsPage implements Page {
    private final LogTail log;

    EventsPage(LogTail log) {
        this.log = log;
    }

    @Override
    public String label() {
        return "events";
    }

    @Override
    public ConfObject data() {
        return log.since(-1, line -> true);
    }

    /** Lines after a place: {@code after/BYTES}. */
    @Override
    public Conf detail(String question) {
        return question.matches("after/[0-9]{1,18}")
            ? log.since(Long.parseLong(question.substring("after/".length())), line -> true)
            : Page.super.detail(question);
    }
}
