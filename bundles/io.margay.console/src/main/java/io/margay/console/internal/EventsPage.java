// SPDX-License-Identifier: Apache-2.0
package io.margay.console.internal;

import io.margay.conf.Conf;
import io.margay.conf.ConfObject;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The ends of the server's log and of the access log, and what has come since. */
final class EventsPage implements Page {
    private static final Pattern QUESTION = Pattern.compile("(access)?/?(?:after/([0-9]{1,18}))?");

    private final LogTail log;
    private final AccessLogTail access;

    EventsPage(LogTail log, AccessLogTail access) {
        this.log = log;
        this.access = access;
    }

    @Override
    public String label() {
        return "events";
    }

    @Override
    public ConfObject data() {
        return log.since(-1, line -> true);
    }

    /** Lines after a place: {@code after/BYTES}; {@code access} and {@code access/after/BYTES} of the access log. */
    @Override
    public Conf detail(String question) {
        Matcher parts = QUESTION.matcher(question);
        if (!parts.matches()) {
            return Page.super.detail(question);
        }
        long place = parts.group(2) == null ? -1 : Long.parseLong(parts.group(2));
        return parts.group(1) == null ? log.since(place, line -> true) : access.since(place);
    }
}
