// SPDX-License-Identifier: Apache-2.0
package io.margay.unitctl;

import io.margay.launcher.Defaults;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The servers that run on this machine, found by the title of their main process ({@code spec/control-api.md §20}).
 * Any process can give itself such a title, and what is sent to a control socket may be secret; so only processes of
 * root and of the user count, and no program that a title names is run.
 */
final class Instances {
    private static final int MAX_TITLE = 64 << 10;
    private static final Pattern TITLE = Pattern.compile("unit: main v([^ \\[]+)(?: \\[(.*?)\\]?)?", Pattern.DOTALL);
    private static final Pattern CONTROL = Pattern.compile("(?:^|.* )--control ([^ ]+).*", Pattern.DOTALL);

    private final Io io;

    /**
     * A server.
     *
     * @param pid of main
     * @param command as it was started, empty when the title does not tell
     * @param control its control socket, empty when unknown
     * @param children process ids, ascending
     */
    record Instance(long pid, String version, String command, Optional<String> control, List<Long> children) {
        /** {@return the program, empty when the title does not tell} */
        String program() {
            return command.split(" ", 2)[0];
        }
    }

    Instances(Io io) {
        this.io = io;
    }

    /**
     * {@return the control address to use when none is given}
     *
     * @throws ToolException (usage) when several servers run
     */
    String address() throws ToolException, IOException {
        List<String> known = find().stream().flatMap(instance -> instance.control().stream()).distinct().toList();
        if (known.size() > 1) {
            throw ToolException.usage("several servers run; choose with -s: " + String.join(", ", known));
        }
        return known.isEmpty() ? Defaults.control(io.home(), io.environment()) : known.getFirst();
    }

    /** {@return the servers of root and of the user, by process id} */
    List<Instance> find() throws IOException {
        Map<Long, String> mains = new HashMap<>();
        List<Path> processes;
        try (Stream<Path> entries = Files.list(io.proc())) {
            processes = entries.filter(entry -> entry.getFileName().toString().matches("[0-9]{1,18}")).toList();
        }
        int self = user(io.proc().resolve("self").toRealPath());
        for (Path process : processes) {
            title(process).filter(title -> title.startsWith("unit: main v") && trusted(process, self))
                .ifPresent(title -> mains.put(pid(process), title));
        }
        if (mains.isEmpty()) {
            return List.of();
        }
        Map<Long, Long> parents = new HashMap<>();
        processes.forEach(process -> parent(process).ifPresent(parent -> parents.put(pid(process), parent)));
        // A child that was just forked still has the title of its parent.
        return mains.keySet().stream().filter(pid -> !mains.containsKey(parents.getOrDefault(pid, 0L))).sorted()
            .map(pid -> instance(pid, mains.get(pid), parents))
            .flatMap(Optional::stream).toList();
    }

    private Optional<Instance> instance(long pid, String title, Map<Long, Long> parents) {
        Matcher matcher = TITLE.matcher(title);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        String command = matcher.group(2) == null ? "" : matcher.group(2);
        List<Long> children = new ArrayList<>();
        for (Map.Entry<Long, Long> entry : parents.entrySet()) {
            if (below(entry.getKey(), pid, parents)) {
                children.add(entry.getKey());
            }
        }
        children.sort(null);
        return Optional.of(new Instance(pid, matcher.group(1), command, control(pid, command), children));
    }

    private static boolean below(long pid, long ancestor, Map<Long, Long> parents) {
        Long at = parents.get(pid);
        // Processes come and go while they are listed, so the chain may be no tree.
        for (int steps = 0; at != null && steps < 64; steps++) {
            if (at == ancestor) {
                return true;
            }
            at = parents.get(at);
        }
        return false;
    }

    /** The address in the title, else the default of the distribution that the program belongs to. */
    private Optional<String> control(long pid, String command) {
        Path directory = io.proc().resolve(Long.toString(pid)).resolve("cwd");
        try {
            Matcher option = CONTROL.matcher(command);
            if (option.matches()) {
                String address = option.group(1);
                boolean relative = address.startsWith("unix:") && !address.matches("unix:[/@].*");
                return Optional.of(!relative ? address
                    : "unix:" + directory.toRealPath().resolve(address.substring("unix:".length())));
            }
            String program = command.split(" ", 2)[0];
            if (program.indexOf('/') < 0) {
                return Optional.empty();
            }
            Path file = program.startsWith("/") ? Path.of(program) : directory.toRealPath().resolve(program);
            Path home = file.toRealPath().getParent().getParent();
            return home != null && Files.exists(home.resolve("lib/launcher.jar"))
                ? Optional.of(Defaults.control(home, io.environment())) : Optional.empty();
        } catch (IOException | UncheckedIOException | InvalidPathException e) {
            // The process has gone, or its directory is not ours to read: then its address is unknown.
            return Optional.empty();
        }
    }

    private static boolean trusted(Path process, int self) {
        try {
            int user = user(process);
            return user == 0 || user == self;
        } catch (IOException e) {
            return false;
        }
    }

    /** The effective user. The owner of the directory would not do: it is root for any process that wants it so. */
    private static int user(Path process) throws IOException {
        for (String line : Files.readString(process.resolve("status"), StandardCharsets.ISO_8859_1).split("\n")) {
            if (line.startsWith("Uid:\t")) {
                return (int) Long.parseLong(line.split("\t")[2]);
            }
        }
        throw new IOException("no user in " + process.resolve("status"));
    }

    private static long pid(Path process) {
        return Long.parseLong(process.getFileName().toString());
    }

    private static Optional<String> title(Path process) {
        try (var in = Files.newInputStream(process.resolve("cmdline"))) {
            String text = new String(in.readNBytes(MAX_TITLE), StandardCharsets.UTF_8);
            int end = text.indexOf('\0');
            return Optional.of(end < 0 ? text : text.substring(0, end));
        } catch (IOException e) {
            // It ended meanwhile.
            return Optional.empty();
        }
    }

    private static Optional<Long> parent(Path process) {
        try {
            String stat = Files.readString(process.resolve("stat"), StandardCharsets.ISO_8859_1);
            // The name stands in brackets and may hold any character.
            return Optional.of(Long.valueOf(stat.substring(stat.lastIndexOf(')') + 1).strip().split(" ")[1]));
        } catch (IOException | IndexOutOfBoundsException | NumberFormatException e) {
            // It ended meanwhile.
            return Optional.empty();
        }
    }
}
