// SPDX-License-Identifier: Apache-2.0
package io.margay.launcher;

import io.margay.isolation.LaunchPlan;
import io.margay.isolation.Runner;
import io.margay.isolation.Started;
import io.margay.posix.Descriptors;
import io.margay.posix.Fd;
import io.margay.posix.Processes;
import io.margay.posix.Signals;
import io.margay.posix.Sockets;
import io.margay.process.Prestarted;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Starts the JVMs of other core processes as the first act of main: they boot while main does, and get what they need
 * from it when it knows that. They end with the thread that started them, and when their line is closed.
 */
final class Ahead {
    /** The variable with the number of a child's end of the line. */
    static final String LINE = "MARGAY_START_LINE";

    private static final String ENV = "/usr/bin/env";
    private static final int LINE_FD = 5;
    private static final int STREAMS = 3;
    private static final int START_MILLIS = 5_000;
    private static final int[] SIGNALS = {Signals.SIGHUP, Signals.SIGINT, Signals.SIGQUIT, Signals.SIGTERM,
        Signals.SIGCHLD, Signals.SIGUSR1, Signals.SIGUSR2};

    private final Map<String, Prestarted> children = new LinkedHashMap<>();
    private final Path temporary;
    private final Runner runner;
    private int started;

    /**
     * Starts children.
     *
     * @param temporary the directory that holds main's own
     * @param commands how, by kind
     */
    Ahead(Path temporary, Map<String, ChildJvm> commands) throws IOException {
        this.temporary = temporary;
        this.runner = new Runner(temporary.resolve("main"));
        try {
            commands.forEach((kind, command) -> start(kind, command, false));
        } catch (UncheckedIOException e) {
            close();
            throw e.getCause();
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /**
     * Starts one; another one of the kind that nobody has taken is ended.
     *
     * @param tells whether it says on its line that it has booted
     * @throws RuntimeException with the reason
     */
    synchronized Prestarted start(String kind, ChildJvm command, boolean tells) {
        take(kind).ifPresent(Ahead::end);
        // Main gives the directories of others the numbers from 1, and that of one before this may be in use.
        Path directory = temporary.resolve(kind + "-ahead-" + started++);
        try {
            PrivateDirectory.make(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        children.put(kind, start(runner, kind, command, directory, tells));
        return children.get(kind);
    }

    private static Map<String, String> environment(Path directory, boolean tells) {
        Map<String, String> environment = new LinkedHashMap<>(Map.of(LINE, String.valueOf(LINE_FD), ChildJvm.DIRECTORY,
            directory.toString()));
        if (tells) {
            environment.put(Prestarted.TELLS, "1");
        }
        return environment;
    }

    private static Prestarted start(Runner runner, String kind, ChildJvm command, Path directory, boolean tells) {
        Fd[] line = Sockets.pair(Sockets.SOCK_SEQPACKET);
        List<Fd> copies = new ArrayList<>();
        try (Fd child = line[1]) {
            Sockets.nonBlocking(child, false);
            // No privileges by any exec (spec/isolation.md §8): the flag must be set before the JVM has threads.
            LaunchPlan.Builder plan = LaunchPlan.builder(kind).program(ENV, argv(command))
                .environment(command.environment(environment(directory, tells)))
                .newPrivileges(false).deathSignal(Signals.SIGKILL);
            for (int stream = 1; stream < STREAMS; stream++) {
                copies.add(Descriptors.duplicate(stream, STREAMS));
                plan.descriptor(stream, copies.getLast());
            }
            plan.descriptor(LINE_FD, child);
            try (Started started = runner.start(plan.build())) {
                started.await(START_MILLIS);
                started.journey().fatal().ifPresent(fault -> {
                    Processes.waitFor(started.pid());
                    throw new IllegalStateException("cannot start the " + kind + ": " + fault);
                });
                return new Prestarted(started.pid(), line[0], directory);
            }
        } catch (RuntimeException e) {
            line[0].close();
            throw e;
        } finally {
            copies.forEach(Fd::close);
        }
    }

    /** The runner clears the signal mask; a JVM of ours needs its own, to read signals as data. */
    private static List<String> argv(ChildJvm command) {
        List<String> argv = new ArrayList<>();
        argv.add(ENV);
        argv.add("--block-signal=" + IntStream.of(SIGNALS).mapToObj(String::valueOf).collect(Collectors.joining(",")));
        argv.addAll(command.argv());
        return argv;
    }

    /** Gives a child away, once. */
    synchronized Optional<Prestarted> take(String kind) {
        return Optional.ofNullable(children.remove(kind));
    }

    /** Ends those that nobody has taken. */
    synchronized void close() {
        children.values().forEach(Ahead::end);
        children.clear();
    }

    private static void end(Prestarted child) {
        child.line().close();
        // It boots from its directory, which must not vanish meanwhile.
        Processes.kill(child.pid(), Signals.SIGKILL);
        Processes.waitFor(child.pid());
        PrivateDirectory.remove(child.directory());
    }
}
