// SPDX-License-Identifier: Apache-2.0
package io.margay.section.schedules;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A cron expression of five fields, as crontab(5) has them: minute, hour, day of the month, month, day of the week,
 * each {@code *} or a list of numbers, ranges and steps; names of months and days by three letters. When both days are
 * restricted, either is enough. Immutable.
 */
final class Cron {
    private static final List<String> MONTHS = List.of("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep",
        "oct", "nov", "dec");
    private static final List<String> DAYS = List.of("sun", "mon", "tue", "wed", "thu", "fri", "sat");
    private static final int WEEK = 7;
    /** A leap day that is also a certain day of the week comes every 28 years, across 2100 after 40. */
    private static final int YEARS = 41;
    private static final int FIELDS = 5;

    private final BitSet minutes;
    private final BitSet hours;
    private final BitSet days;
    private final BitSet months;
    private final BitSet weekdays;
    private final boolean either;

    private Cron(String[] fields) {
        minutes = field("minute", fields[0], 0, 59, List.of());
        hours = field("hour", fields[1], 0, 23, List.of());
        days = field("day of the month", fields[2], 1, 31, List.of());
        months = field("month", fields[3], 1, 12, MONTHS);
        weekdays = field("day of the week", fields[4], 0, WEEK, DAYS);
        if (weekdays.get(WEEK)) {
            weekdays.set(0);
        }
        either = !fields[2].startsWith("*") && !fields[4].startsWith("*");
    }

    /**
     * Reads an expression.
     *
     * @throws IllegalArgumentException if it is none, or never comes; the message is a phrase for the user
     */
    static Cron parse(String text) {
        String[] fields = text.strip().split("[ \t]+");
        if (fields.length != FIELDS) {
            throw new IllegalArgumentException("has " + fields.length + " fields instead of " + FIELDS);
        }
        Cron cron = new Cron(fields);
        if (cron.next(Instant.EPOCH, ZoneId.of("UTC")).isEmpty()) {
            throw new IllegalArgumentException("names a day that never comes");
        }
        return cron;
    }

    private static BitSet field(String name, String text, int min, int max, List<String> names) {
        BitSet set = new BitSet();
        for (String part : text.toLowerCase(Locale.ROOT).split(",", -1)) {
            String[] stepped = part.split("/", -1);
            String[] range = stepped[0].split("-", -1);
            boolean all = stepped[0].equals("*");
            int from = all ? min : number(name, range[0], min, max, names);
            int to = all ? max : range.length > 1 ? number(name, range[1], min, max, names)
                : stepped.length > 1 ? max : from;
            int step = stepped.length > 1 ? number(name, stepped[1], 1, max, List.of()) : 1;
            if (stepped.length > 2 || range.length > 2 || from > to) {
                throw bad(name, part);
            }
            for (int i = from; i <= to; i += step) {
                set.set(i);
            }
        }
        return set;
    }

    private static IllegalArgumentException bad(String name, String text) {
        return new IllegalArgumentException("has \"" + text + "\" as " + name);
    }

    private static int number(String name, String text, int min, int max, List<String> names) {
        int index = names.indexOf(text);
        int value = index >= 0 ? index + min : text.matches("[0-9]{1,2}") ? Integer.parseInt(text) : -1;
        if (value < min || value > max) {
            throw bad(name, text);
        }
        return value;
    }

    /**
     * The first time after another one. Local times that a change of the clock leaves out come later by as much as the
     * clock is put forward, those that come twice count once.
     *
     * @return empty if it never comes
     */
    Optional<Instant> next(Instant after, ZoneId zone) {
        LocalDateTime at = LocalDateTime.ofInstant(after, zone).truncatedTo(ChronoUnit.MINUTES);
        int last = at.getYear() + YEARS;
        while (at.getYear() <= last) {
            if (!months.get(at.getMonthValue())) {
                at = YearMonth.from(at).plusMonths(1).atDay(1).atStartOfDay();
            } else if (!isDay(at)) {
                at = at.toLocalDate().plusDays(1).atStartOfDay();
            } else if (!hours.get(at.getHour())) {
                at = at.truncatedTo(ChronoUnit.HOURS).plusHours(1);
            } else {
                Instant found = minutes.get(at.getMinute()) ? at.atZone(zone).toInstant() : after;
                if (found.isAfter(after)) {
                    return Optional.of(found);
                }
                at = at.plusMinutes(1);
            }
        }
        return Optional.empty();
    }

    private boolean isDay(LocalDateTime at) {
        boolean day = days.get(at.getDayOfMonth());
        boolean weekday = weekdays.get(at.getDayOfWeek().getValue() % WEEK);
        return either ? day || weekday : day && weekday;
    }

    /** A time zone by its name. */
    static ZoneId zone(String name) {
        try {
            return ZoneId.of(name);
        } catch (DateTimeException e) {
            throw new IllegalArgumentException("is not known", e);
        }
    }
}
