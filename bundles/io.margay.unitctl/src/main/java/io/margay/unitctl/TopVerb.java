// SPDX-License-Identifier: Apache-2.0
package io.margay.unitctl;

import io.margay.conf.ConfObject;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/** Shows what is slow now. */
final class TopVerb extends Verb {
    private static final double LEAST_SECONDS = 0.1;
    private static final double MOST_SECONDS = 30;
    private static final int MOST_ROWS = 200;

    private final Argument<Boolean> once = flag("show one interval and end; so it is where no terminal is", "--once");
    private final Argument<Boolean> json = flag("a JSON object for each interval, a line each; durations in "
        + "microseconds", "--json");
    private final Argument<Double> every = option(Double.class, 1.0, "SECONDS", "the interval", "-i", "--interval");
    private final Argument<Integer> rows = option(Integer.class, 10, "N", "of each kind, those that took most time",
        "-n", "--rows");

    TopVerb(Unitctl tool) {
        super(tool, "top", "Shows what is slow now: by application, route and listener, requests a second, latency, "
            + "time in queue and worker, errors.",
            "The router counts while somebody asks, and for a minute after that.");
    }

    @Override
    public Integer call() throws Exception {
        double interval = every.value();
        if (!(interval >= LEAST_SECONDS && interval <= MOST_SECONDS)) {
            throw ToolException.usage("--interval takes a number of seconds from " + LEAST_SECONDS + " to "
                + MOST_SECONDS);
        }
        if (rows.value() < 1 || rows.value() > MOST_ROWS) {
            throw ToolException.usage("--rows takes a number from 1 to " + MOST_ROWS);
        }
        TrafficTable table = new TrafficTable(rows.value());
        Duration pause = Duration.ofNanos((long) (interval * 1e9));
        List<ControlClient> clients = clients();
        if (!json.value() && !once.value() && io().screen()) {
            return new LiveStatus(io(), clients, pause, table).run();
        }
        if (clients.size() > 1) {
            throw ToolException.usage("without a terminal this shows one server");
        }
        ControlClient client = clients.getFirst();
        ConfObject before = TrafficTable.ask(client);
        do {
            await(pause);
            ConfObject now = TrafficTable.ask(client);
            show(table, before, now);
            before = now;
        } while (json.value() && !once.value());
        return ToolException.DONE;
    }

    private static void await(Duration pause) {
        long end = System.nanoTime() + pause.toNanos();
        for (long left = pause.toNanos(); left > 0; left = end - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }

    private void show(TrafficTable table, ConfObject before, ConfObject now) {
        if (json.value()) {
            io().out().println(Json.compact(table.toConf(before, now)));
        } else {
            table.lines(new StatusTable.Sample(now, 0), Optional.of(new StatusTable.Sample(before, 0)))
                .forEach(io().out()::println);
        }
        io().out().flush();
    }
}
