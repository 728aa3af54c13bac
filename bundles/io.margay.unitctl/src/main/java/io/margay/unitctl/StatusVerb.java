// SPDX-License-Identifier: Apache-2.0
package io.margay.unitctl;

import io.margay.conf.ConfObject;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Shows what servers do: on a terminal a table that follows it, else once. */
final class StatusVerb extends Verb {
    private static final double MIN_INTERVAL = 0.1;
    private static final double MAX_INTERVAL = 3600;

    private final Argument<Format> chosen = format(null, "show it once: ");
    private final Argument<Double> every = option(Double.class, 1.0, "SECONDS",
        "how often the table is drawn anew", "-i", "--interval");

    StatusVerb(Unitctl tool) {
        super(tool, "status", "Shows connections, requests and applications.",
            "On a terminal: as a table that is kept up to date until q or Ctrl-C, else once as "
            + "json-pretty.");
    }

    @Override
    public Integer call() throws Exception {
        Format format = chosen.value();
        double interval = every.value();
        if (!(interval >= MIN_INTERVAL && interval <= MAX_INTERVAL)) {
            throw ToolException.usage("--interval takes a number of seconds from " + MIN_INTERVAL + " to "
                + MAX_INTERVAL);
        }
        ToolRequest request = ToolRequest.get("/status");
        if (format == Format.TEXT) {
            List<ControlClient> clients = clients();
            return onEach(Format.TEXT, client -> {
                ConfObject status = object(client, client.ask(request));
                if (clients.size() > 1) {
                    io().out().println(client.name());
                }
                StatusTable.lines(new StatusTable.Sample(status, System.nanoTime()), Optional.empty())
                    .forEach(io().out()::println);
                return Optional.empty();
            });
        }
        if (format != null || !io().screen()) {
            return showEach(format == null ? Format.JSON_PRETTY : format, request);
        }
        return new LiveStatus(io(), clients(), Duration.ofNanos((long) (interval * 1e9)), new LiveTable() {
            @Override
            public ToolRequest request() {
                return request;
            }

            @Override
            public boolean isHead(String line) {
                return line.startsWith("APPLICATION ");
            }

            @Override
            public List<String> lines(StatusTable.Sample now, Optional<StatusTable.Sample> before) {
                return StatusTable.lines(now, before);
            }
        }).run();
    }
}
