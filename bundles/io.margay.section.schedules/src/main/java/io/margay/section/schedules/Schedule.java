// SPDX-License-Identifier: Apache-2.0
package io.margay.section.schedules;

import io.margay.conf.Conf;
import io.margay.conf.ConfNumber;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfString;
import io.margay.http.ExchangeHandler;
import io.margay.http.OwnRequest;
import io.margay.route.PlanContext;
import io.margay.route.SectionContext;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Optional;
import java.util.Set;

/**
 * One schedule as configured; immutable.
 *
 * @param cron the times; empty when an interval says them
 * @param interval milliseconds
 * @param jitter most milliseconds by which a request is later
 * @param timeout milliseconds
 */
record Schedule(String name, Optional<Cron> cron, ZoneId zone, long interval, long jitter, long timeout,
                Overlap overlap, OwnRequest request, ExchangeHandler way) {
    private static final long SECOND = 1000;
    private static final long MOST_SECONDS = 2_000_000;
    private static final Set<String> OPTIONS = Set.of("pass", "cron", "timezone", "interval", "jitter", "timeout",
        "overlap", "method", "uri", "host", "headers", "body", "enabled");

    /** What happens when the time has come and the request before has no answer yet. */
    enum Overlap {
        /** Nothing: the time passes. */
        SKIP,
        /** One more follows when that has its answer, however many times have passed. */
        QUEUE,
        /** One more begins. */
        ALLOW
    }

    /**
     * Reads one schedule.
     *
     * @param context that of the whole section
     */
    static Schedule read(String name, ConfObject object, SectionContext context) {
        PlanContext place = context.child(name);
        object.members().keySet().stream().filter(option -> !OPTIONS.contains(option)).findFirst()
            .ifPresent(option -> {
                throw place.error(option, "No installed bundle supports \"" + option + "\".");
            });
        Optional<Cron> cron = text(object, "cron", place).map(text -> cron(text, place));
        if (cron.isPresent() == object.has("interval")) {
            throw place.error("", "A schedule must have either the \"cron\" or the \"interval\" option.");
        }
        ZoneId zone = text(object, "timezone", place).map(text -> zone(text, place)).orElse(ZoneId.of("UTC"));
        Overlap overlap = switch (text(object, "overlap", place).orElse("skip")) {
            case "skip" -> Overlap.SKIP;
            case "queue" -> Overlap.QUEUE;
            case "allow" -> Overlap.ALLOW;
            default -> throw place.error("overlap",
                "The \"overlap\" value must be \"skip\", \"queue\" or \"allow\".");
        };
        String pass = text(object, "pass", place).orElseThrow(() ->
            place.error("", "The \"" + name + "\" schedule must contain the \"pass\" option."));
        return new Schedule(name, cron, zone, seconds(object, "interval", 1, 0, place),
            seconds(object, "jitter", 0, 0, place), seconds(object, "timeout", 1, 60, place), overlap,
            ScheduleRequest.read(object, place), place.entrance("pass", "schedule " + name, pass));
    }

    private static Optional<String> text(ConfObject object, String option, PlanContext place) {
        Optional<Conf> value = object.get(option);
        if (value.isPresent() && !(value.get() instanceof ConfString)) {
            throw place.error(option, "The \"" + option + "\" value must be a string.");
        }
        return value.map(text -> ((ConfString) text).value());
    }

    private static Cron cron(String text, PlanContext place) {
        try {
            return Cron.parse(text);
        } catch (IllegalArgumentException e) {
            throw place.error("cron", "The \"cron\" expression " + e.getMessage() + ".");
        }
    }

    private static ZoneId zone(String text, PlanContext place) {
        try {
            return Cron.zone(text);
        } catch (IllegalArgumentException e) {
            throw place.error("timezone", "The \"timezone\" \"" + text + "\" " + e.getMessage() + ".");
        }
    }

    private static long seconds(ConfObject object, String option, long min, long absent, PlanContext place) {
        Optional<Conf> value = object.get(option);
        if (value.isEmpty()) {
            return absent * SECOND;
        }
        if (!(value.get() instanceof ConfNumber number) || !number.isInteger() || number.longValue() < min
            || number.longValue() > MOST_SECONDS) {
            throw place.error(option, "The \"" + option + "\" value must be an integer from " + min + " to "
                + MOST_SECONDS + ".");
        }
        return number.longValue() * SECOND;
    }

    /**
     * When the next request is due.
     *
     * @param last when one was due last, milliseconds since 1970; 0 for never
     * @param now milliseconds since 1970; times that have passed do not come again
     */
    long next(long last, long now) {
        if (cron.isPresent()) {
            return cron.get().next(Instant.ofEpochMilli(Math.max(last, now)), zone).map(Instant::toEpochMilli)
                .orElse(Long.MAX_VALUE);
        }
        long due = (last == 0 ? now : last) + interval;
        return due > now ? due : due + (now - due) / interval * interval + interval;
    }
}
