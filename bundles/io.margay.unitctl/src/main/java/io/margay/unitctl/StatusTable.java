// SPDX-License-Identifier: Apache-2.0
package io.margay.unitctl;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The status of a server as lines for people ({@code spec/control-api.md §10}). */
final class StatusTable {
    private static final int MIN_NAME = 11;
    private static final int MAX_NAME = 40;

    private StatusTable() {
    }

    /**
     * A status and when it was read.
     *
     * @param nanos of {@link System#nanoTime()}
     */
    record Sample(ConfObject status, long nanos) {
        private long requests() {
            return status.object("requests").orElse(ConfObject.EMPTY).integer("total", 0);
        }
    }

    /**
     * {@return the lines}
     *
     * @param before an earlier sample, from which rates are counted
     */
    static List<String> lines(Sample now, Optional<Sample> before) {
        List<String> lines = new ArrayList<>();
        lines.add(counters("connections", now.status()));
        String rate = before.map(old -> rate(old, now)).orElse("");
        lines.add(counters("requests", now.status()) + rate);
        now.status().object("modules").filter(modules -> !modules.isEmpty())
            .ifPresent(modules -> lines.add("modules      " + modules(modules)));
        ConfObject applications = now.status().object("applications").orElse(ConfObject.EMPTY);
        if (!applications.isEmpty()) {
            lines.add("");
            applications(lines, applications);
        }
        return lines.stream().map(Io::harmless).toList();
    }

    private static String counters(String name, ConfObject status) {
        StringBuilder line = new StringBuilder(String.format(Locale.ROOT, "%-11s", name));
        status.object(name).orElse(ConfObject.EMPTY).members()
            .forEach((label, value) -> line.append("  ").append(label).append(' ').append(plain(value)));
        return line.toString();
    }

    private static String rate(Sample old, Sample now) {
        double seconds = (now.nanos() - old.nanos()) / 1e9;
        long count = now.requests() - old.requests();
        // The counters begin anew with a new router.
        return seconds <= 0 || count < 0 ? "" : String.format(Locale.ROOT, "   %.1f/s", count / seconds);
    }

    private static String modules(ConfObject modules) {
        List<String> texts = new ArrayList<>();
        modules.members().forEach((type, value) -> {
            List<Conf> versions = value instanceof ConfArray array ? array.elements() : List.of(value);
            texts.add(type + " " + String.join(", ", versions.stream()
                .map(version -> version instanceof ConfObject object ? object.string("version").orElse("?") : "?")
                .toList()));
        });
        return String.join("; ", texts);
    }

    private static void applications(List<String> lines, ConfObject applications) {
        int width = applications.members().keySet().stream().mapToInt(String::length).max().orElse(0);
        width = Math.clamp(width, MIN_NAME, MAX_NAME);
        String row = "%-" + width + "s  %8s  %8s  %8s  %8s";
        lines.add(String.format(Locale.ROOT, row, "APPLICATION", "RUNNING", "STARTING", "IDLE", "ACTIVE"));
        for (Map.Entry<String, Conf> entry : applications.members().entrySet()) {
            ConfObject application = entry.getValue() instanceof ConfObject object ? object : ConfObject.EMPTY;
            ConfObject processes = application.object("processes").orElse(ConfObject.EMPTY);
            ConfObject requests = application.object("requests").orElse(ConfObject.EMPTY);
            String name = entry.getKey();
            String shown = name.length() <= width ? name : name.substring(0, width - 3) + "...";
            lines.add(String.format(Locale.ROOT, row, shown, cell(processes, "running"),
                cell(processes, "starting"), cell(processes, "idle"), cell(requests, "active")));
        }
    }

    private static String cell(ConfObject object, String name) {
        return object.get(name).map(StatusTable::plain).orElse("-");
    }

    private static String plain(Conf value) {
        return Json.compact(value);
    }
}
