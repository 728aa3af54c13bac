// SPDX-License-Identifier: Apache-2.0
package io.margay.unitctl;

import io.margay.conf.Conf;
import io.margay.conf.ConfObject;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What is slow: the figures of the router's inspector {@code traffic} between two answers. */
final class TrafficTable implements LiveTable {
    private static final ToolRequest TRAFFIC = ToolRequest.get("/control/inspect/router/traffic");
    private static final List<String> KINDS = List.of("applications", "routes", "listeners");
    private static final int NAME = 38;

    private final int most;

    /** Shows so many of each kind, those first that took most time. */
    TrafficTable(int most) {
        this.most = most;
    }

    @Override
    public ToolRequest request() {
        return TRAFFIC;
    }

    @Override
    public boolean isHead(String line) {
        return line.startsWith("ALL ") || KINDS.stream().anyMatch(kind ->
            line.startsWith(kind.toUpperCase(Locale.ROOT) + " "));
    }

    @Override
    public List<String> lines(StatusTable.Sample now, Optional<StatusTable.Sample> before) {
        if (before.isEmpty()) {
            return List.of("counting begins");
        }
        List<String> lines = new ArrayList<>();
        lines.add(head("ALL"));
        lines.add(line(all(before.get().status(), now.status())));
        for (String kind : KINDS) {
            List<TrafficRow> rows = rows(kind, before.get().status(), now.status());
            if (!rows.isEmpty()) {
                lines.add("");
                lines.add(head(kind.toUpperCase(Locale.ROOT)));
                rows.stream().limit(most).map(TrafficTable::line).forEach(lines::add);
            }
            if (rows.size() > most) {
                lines.add("and " + (rows.size() - most) + " more");
            }
        }
        return lines.stream().map(Io::harmless).toList();
    }

    /** {@return the same as JSON} */
    ConfObject toConf(ConfObject before, ConfObject now) {
        ConfObject.Builder told = ConfObject.builder().put("milliseconds", millis(before, now))
            .put("all", all(before, now).toConf());
        for (String kind : KINDS) {
            ConfObject.Builder all = ConfObject.builder();
            rows(kind, before, now).stream().limit(most).forEach(row -> all.put(row.name(), row.toConf()));
            told.put(kind, all.build());
        }
        return told.build();
    }

    private static TrafficRow all(ConfObject before, ConfObject now) {
        ConfObject old = isAnew(before, now) ? ConfObject.EMPTY : part(before, "all");
        return TrafficRow.of("", old, part(now, "all"), millis(before, now) / 1000.0);
    }

    private static List<TrafficRow> rows(String kind, ConfObject before, ConfObject now) {
        ConfObject old = part(before, "parts");
        ConfObject parts = part(now, "parts");
        ConfObject oldRows = isAnew(old, parts) ? ConfObject.EMPTY : part(old, kind);
        List<TrafficRow> rows = new ArrayList<>();
        part(parts, kind).members().forEach((name, figures) -> rows.add(TrafficRow.of(name, part(oldRows, name),
            figures instanceof ConfObject object ? object : ConfObject.EMPTY, millis(old, parts) / 1000.0)));
        rows.removeIf(row -> row.requests() == 0);
        rows.sort(Comparator.comparingLong((TrafficRow row) -> -row.spent()).thenComparing(TrafficRow::name));
        return rows;
    }

    private static ConfObject part(ConfObject object, String name) {
        return object.object(name).orElse(ConfObject.EMPTY);
    }

    /** Counting has begun anew: a new router, a new configuration, or nobody has asked for a while. */
    private static boolean isAnew(ConfObject before, ConfObject now) {
        return now.integer("milliseconds", 0) < before.integer("milliseconds", 0);
    }

    private static long millis(ConfObject before, ConfObject now) {
        long since = now.integer("milliseconds", 0);
        return isAnew(before, now) ? since : since - before.integer("milliseconds", 0);
    }

    private static String head(String name) {
        return String.format(Locale.ROOT, "%-" + NAME + "s %9s %9s %9s %9s %9s %9s %9s %7s %7s", name, "REQ/S",
            "P50 ms", "P99 ms", "QUEUE 50", "QUEUE 99", "WORK 50", "WORK 99", "ERRORS", "ABORTED");
    }

    private static String line(TrafficRow row) {
        String name = row.name().length() <= NAME ? row.name() : row.name().substring(0, NAME - 3) + "...";
        return String.format(Locale.ROOT, "%-" + NAME + "s %9.1f %9s %9s %9s %9s %9s %9s %7d %7d", name, row.rate(),
            millis(TrafficRow.percentile(row.latency(), 500)), millis(TrafficRow.percentile(row.latency(), 990)),
            millis(TrafficRow.percentile(row.queue(), 500)), millis(TrafficRow.percentile(row.queue(), 990)),
            millis(TrafficRow.percentile(row.worker(), 500)), millis(TrafficRow.percentile(row.worker(), 990)),
            row.errors(), row.aborted());
    }

    private static String millis(long micros) {
        return micros < 0 ? "-" : String.format(Locale.ROOT, micros < 10_000 ? "%.2f" : "%.1f", micros / 1000.0);
    }

    /** {@return the answer of a server} */
    static ConfObject ask(ControlClient client) throws ToolException {
        Conf answer = Verb.value(client, client.ask(TRAFFIC));
        if (answer instanceof ConfObject object && object.has("all")) {
            return object;
        }
        throw ToolException.unreachable(client.name() + ": the router does not tell what it serves");
    }
}
