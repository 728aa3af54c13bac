// SPDX-License-Identifier: Apache-2.0
package io.margay.shell.internal;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfObject;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ScheduledExecutorService;
import org.apache.felix.service.command.CommandSession;

/** How a line may go on: a command, an option, or a name that the server knows for the parameter. */
final class Completion {
    private static final int MOST = 500;
    private static final Set<String> PROCESSES = Set.of("main", "controller", "router");

    private Completion() {
    }

    /** {@return where the word begins that is completed, and its {@code candidates}: {@code value}, {@code about}} */
    static ConfObject of(CommandSession session, String line, int cursor) {
        String before = line.substring(0, Math.clamp(cursor, 0, line.length()));
        int begin = Math.max(before.lastIndexOf(';'), before.lastIndexOf('|')) + 1;
        List<String> words = new ArrayList<>(List.of(before.substring(begin).stripLeading().split("\\s+", -1)));
        String last = words.removeLast();
        Map<String, String> found = new TreeMap<>();
        Map<String, ShellCommand> commands = ShellCommand.commands(session);
        if (words.isEmpty()) {
            names(session).forEach(name -> found.put(name, Optional.ofNullable(commands.get(name)).map(
                ShellCommand::description).orElse("")));
        } else if (commands.get(words.getFirst()) != null) {
            ShellCommand command = commands.get(words.getFirst());
            if (last.startsWith("-")) {
                command.parameters().flags().forEach(flag -> found.put(flag, ""));
            } else {
                List<String> labels = command.parameters().labels();
                int index = (int) words.stream().skip(1).filter(word -> !word.startsWith("-")).count();
                known(session, index < labels.size() ? labels.get(index) : "", last).forEach(name ->
                    found.put(name, ""));
            }
        }
        List<Conf> candidates = new ArrayList<>();
        found.forEach((value, about) -> {
            // Function names alone are commands too.
            if ((value.startsWith(last) || words.isEmpty() && value.contains(":" + last)) && candidates.size() < MOST) {
                candidates.add(ConfObject.builder().put("value", value).put("about", about).build());
            }
        });
        return ConfObject.builder().put("begin", before.length() - last.length())
            .put("candidates", new ConfArray(candidates)).build();
    }

    private static List<String> names(CommandSession session) {
        return session.get(".commands") instanceof Collection<?> names ? names.stream().map(String::valueOf).filter(
            name -> !name.startsWith("osgi:")).toList() : List.of();
    }

    /** What is not known is not completed; the command itself tells what is wrong. */
    private static Collection<String> known(CommandSession session, String label, String word) {
        if (label.equals("PROCESS")) {
            return PROCESSES;
        }
        int slash = word.lastIndexOf('/');
        String path = switch (label) {
            case "APP" -> "/config/applications";
            case "CERT" -> "/certificates";
            case "MODULE" -> "/modules";
            case "PATH" -> ShellCall.configuration(word.substring(0, Math.max(slash, 0)));
            default -> "";
        };
        if (path.isEmpty() || !(session.get(ShellCommand.SERVER) instanceof io.margay.main.CommandShell.Server server)
                || !(session.get(ShellCommand.TIMER) instanceof ScheduledExecutorService timer)) {
            return List.of();
        }
        try {
            ShellCall call = new ShellCall(server, timer, Optional.empty(), new Parameters.Given(List.of(), Set.of()),
                Map.of());
            Collection<String> names = call.object(path).members().keySet();
            return label.equals("PATH") ? names.stream().map(name -> word.substring(0, Math.max(slash, 0)) + "/" + name)
                .toList() : names;
        } catch (ShellException e) {
            return List.of();
        }
    }
}
