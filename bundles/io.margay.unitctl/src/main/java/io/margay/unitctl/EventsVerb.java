// SPDX-License-Identifier: Apache-2.0
package io.margay.unitctl;

import io.margay.conf.ConfObject;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Shows the events of a server as they come. */
final class EventsVerb extends Verb {
    private static final Duration LONG = Duration.ofDays(3650);
    private static final Set<String> COMMON = Set.of("id", "time", "type", "what", "cause");

    private final Argument<String> since = option(String.class, null, "ID",
        "begin behind this event; 0: with the oldest that is kept", "--since");
    private final Argument<String> types = option(String.class, null, "TYPES",
        "only these, with commas between: configuration, application, process, module, certificate, script", "--type");
    private final Argument<Integer> count = option(Integer.class, 0, "N", "end after so many; 0: never", "-n",
        "--count");
    private final Argument<Boolean> json = flag("a JSON object a line instead of a table", "--json");

    EventsVerb(Unitctl tool) {
        super(tool, "events", "Shows what happens to a server, as it happens, until Ctrl-C.");
    }

    @Override
    public Integer call() throws Exception {
        List<ControlClient> clients = clients();
        if (clients.size() > 1) {
            throw ToolException.usage("events are those of one server");
        }
        if (since.value() != null && !since.value().matches("[0-9]{1,18}")) {
            throw ToolException.usage("--since takes the number of an event");
        }
        String query = (since.value() == null ? "" : "&since=" + since.value())
            + (types.value() == null ? "" : "&type=" + ExplainVerb.encoded(types.value()).replace("%2c", ","));
        ToolRequest request = ToolRequest.get("/events" + (query.isEmpty() ? "" : "?" + query.substring(1)));
        if (!json.value()) {
            io().out().println(row("TIME", "ID", "CAUSE", "TYPE", "WHAT") + "ABOUT");
        }
        io().out().flush();
        int[] shown = {0};
        clients.getFirst().impatient(LONG).follow(request, line -> {
            if (line.startsWith("data: ")) {
                show(line.substring(6));
                shown[0]++;
            }
            return count.value() <= 0 || shown[0] < count.value();
        });
        return ToolException.DONE;
    }

    private void show(String data) {
        Optional<ConfObject> event = Json.read(data.getBytes(StandardCharsets.UTF_8))
            .filter(ConfObject.class::isInstance).map(ConfObject.class::cast);
        if (json.value() || event.isEmpty()) {
            io().out().println(Io.harmless(data));
        } else {
            ConfObject value = event.get();
            StringBuilder about = new StringBuilder();
            value.members().forEach((name, member) -> {
                if (!COMMON.contains(name)) {
                    about.append(about.isEmpty() ? "" : ", ").append(name).append(' ').append(Json.compact(member));
                }
            });
            io().out().println(Io.harmless(row(value.string("time").orElse(""), number(value, "id"),
                number(value, "cause"), value.string("type").orElse(""), value.string("what").orElse("")) + about));
        }
        io().out().flush();
    }

    private static String number(ConfObject event, String name) {
        return event.has(name) ? Long.toString(event.integer(name, 0)) : "";
    }

    private static String row(String time, String id, String cause, String type, String what) {
        return String.format(Locale.ROOT, "%-27s  %-13s  %-13s  %-13s  %-9s  ", cut(time), id, cause, type, what);
    }

    /** To microseconds at most. */
    private static String cut(String time) {
        return time.replaceAll("(\\.\\d{6})\\d+", "$1");
    }
}
