// SPDX-License-Identifier: Apache-2.0
package io.margay.console.internal;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfObject;
import java.util.List;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The ends of the server's log, of what is in it about one application, and of the access log; and what comes. */
final class EventsPage implements Page {
    private static final Pattern QUESTION = Pattern.compile("(access)?/?(?:after/([0-9]{1,18}))?");

    private static final Pattern ABOUT = Pattern.compile("app/(?:after/([0-9]{1,18})/)?(.{1,1000})");

    private final LogTail log;
    private final AccessLogTail access;
    private final KernelProcesses processes;
    private final Supplier<Conf> applications;

    /** With what gives the value of {@code /config/applications}. */
    EventsPage(LogTail log, AccessLogTail access, KernelProcesses processes, Supplier<Conf> applications) {
        this.log = log;
        this.access = access;
        this.processes = processes;
        this.applications = applications;
    }

    @Override
    public String label() {
        return "events";
    }

    @Override
    public ConfObject data() {
        List<Conf> names = applications.get() instanceof ConfObject all && !all.has("error")
            ? all.members().keySet().stream().<Conf>map(Conf::of).toList() : List.of();
        return log.since(-1, line -> true).with("applications", new ConfArray(names));
    }

    /**
     * Lines after a place: {@code after/BYTES}; {@code access} and {@code access/after/BYTES} of the access log, {@code
     * app/NAME} and {@code app/after/BYTES/NAME} about an application.
     */
    @Override
    public Conf detail(String question) {
        Matcher about = ABOUT.matcher(question);
        if (about.matches()) {
            return log.about(about.group(2), processes, place(about.group(1)));
        }
        Matcher parts = QUESTION.matcher(question);
        if (!parts.matches()) {
            return Page.super.detail(question);
        }
        long place = place(parts.group(2));
        return parts.group(1) == null ? log.since(place, line -> true) : access.since(place);
    }

    private static long place(String bytes) {
        return bytes == null ? -1 : Long.parseLong(bytes);
    }
}
