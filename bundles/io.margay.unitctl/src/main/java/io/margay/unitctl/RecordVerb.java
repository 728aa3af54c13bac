// SPDX-License-Identifier: Apache-2.0
package io.margay.unitctl;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;

/** Has a process record itself. */
final class RecordVerb extends Verb {
    private static final int MOST_SECONDS = 3600;
    private static final Duration MORE = Duration.ofSeconds(60);

    private final Argument<String> time = parameter(String.class, "30s", "TIME", "for how long: 30s, 5m, at most 1h");
    private final Argument<String> process = option(String.class, "router", "NAME", "main, controller or router",
        "--process");
    private final Argument<String> file = option(String.class, null, "FILE",
        "where it is put; must not exist (default: PROCESS.jfr)", "-o", "--output");

    RecordVerb(Unitctl tool) {
        super(tool, "record", "Has a process record by Java's flight recorder where its time goes, and fetches that.",
            "A recording of the router has events of its own: io.margay.Accept, Route, Queue, Worker and Write.");
    }

    @Override
    public Integer call() throws Exception {
        List<ControlClient> clients = clients();
        if (clients.size() > 1) {
            throw ToolException.usage("a recording is that of one server");
        }
        int seconds = seconds(time.value());
        ToolRequest request = ToolRequest.of("POST", "/control/record?process="
            + ExplainVerb.encoded(process.value()) + "&seconds=" + seconds);
        Path target = Path.of(file.value() == null ? process.value() + ".jfr" : file.value());
        if (Files.exists(target)) {
            throw ToolException.local(target + " is there already");
        }
        if (io().watched()) {
            io().note("recording " + process.value() + " for " + seconds + " s; Ctrl-C ends it without a result");
        }
        fetch(clients.getFirst().impatient(MORE.plusSeconds(seconds)), request, target);
        io().note(target + ": " + size(target) + " bytes");
        return ToolException.DONE;
    }

    /** What is cut leaves no file, whether the server or the user has cut it. */
    private static void fetch(ControlClient client, ToolRequest request, Path target) throws ToolException,
        IOException {
        Thread hook = new Thread(() -> target.toFile().delete(), "cut");
        boolean whole = false;
        try (OutputStream out = Files.newOutputStream(target, StandardOpenOption.CREATE_NEW)) {
            Runtime.getRuntime().addShutdownHook(hook);
            client.download(request, out);
            Runtime.getRuntime().removeShutdownHook(hook);
            whole = true;
        } finally {
            if (!whole) {
                Files.deleteIfExists(target);
            }
        }
    }

    private static long size(Path target) throws IOException {
        return Files.size(target);
    }

    /**
     * {@return a time in seconds}
     *
     * @throws ToolException (usage) when it is none, or too long
     */
    static int seconds(String text) throws ToolException {
        if (text.matches("[0-9]{1,4}[smh]?")) {
            char unit = text.charAt(text.length() - 1);
            int number = Integer.parseInt(text.replaceAll("[smh]", ""));
            long seconds = (long) number * (unit == 'm' ? 60 : unit == 'h' ? 3600 : 1);
            if (seconds >= 1 && seconds <= MOST_SECONDS) {
                return (int) seconds;
            }
        }
        throw ToolException.usage("\"" + text + "\" is no time from 1s to 1h");
    }
}
