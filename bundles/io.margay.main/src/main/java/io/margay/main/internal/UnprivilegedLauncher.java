// SPDX-License-Identifier: Apache-2.0
package io.margay.main.internal;

import io.margay.engine.EventLoop;
import io.margay.engine.Watch;
import io.margay.isolation.Identity;
import io.margay.isolation.LaunchPlan;
import io.margay.isolation.Runner;
import io.margay.isolation.Started;
import io.margay.log.ErrorLog;
import io.margay.posix.Descriptors;
import io.margay.posix.Fd;
import io.margay.posix.Signals;
import io.margay.posix.SpawnSpec;
import io.margay.process.ChildLauncher;
import io.margay.process.HostProcess;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Starts the JVMs of controller and router so that no exec can give them privileges ({@code spec/isolation.md §8}):
 * the flag belongs to a thread, so it must be set before the JVM makes its first. What the runner reports is read when
 * it comes: a start that fails looks like a child that ends early, with a line that says why.
 */
final class UnprivilegedLauncher implements ChildLauncher, AutoCloseable {

    private static final String ENV = "/usr/bin/env";
    private static final int STREAMS = 3;

    private final EventLoop loop;
    private final Runner runner;
    private final int log;
    private final Optional<Identity> identity;
    private final ErrorLog journal;
    private final Map<Started, Watch> starting = new HashMap<>();

    /**
     * Starts on a loop.
     *
     * @param log the descriptor that becomes standard error of children, and their standard output with it where that
     *     is not standard error of this process
     * @param identity what they are from the beginning, without capabilities; empty when they take it on themselves
     */
    UnprivilegedLauncher(EventLoop loop, Runner runner, int log, Optional<Identity> identity, ErrorLog journal) {
        this.loop = loop;
        this.runner = runner;
        this.log = log;
        this.identity = identity;
        this.journal = journal;
    }

    @Override
    public int launch(SpawnSpec spec) {
        LaunchPlan.Builder plan = LaunchPlan.builder(spec.arguments().getFirst()).program(ENV, argv(spec))
            .environment(environment(spec)).newPrivileges(false).deathSignal(Signals.SIGKILL);
        identity.ifPresent(plan::identity);
        List<Fd> copies = new ArrayList<>();
        try {
            Map<Integer, Integer> numbers = new TreeMap<>(spec.fds());
            for (int stream = 1; stream < STREAMS; stream++) {
                numbers.putIfAbsent(stream, log == HostProcess.STANDARD_ERROR ? stream : log);
            }
            numbers.forEach((child, own) -> {
                Fd copy = Descriptors.duplicate(own, STREAMS);
                copies.add(copy);
                plan.descriptor(child, copy);
            });
            return follow(runner.start(plan.build()));
        } finally {
            copies.forEach(Fd::close);
        }
    }

    /** The report stays open until its end: the runner takes a closed one for the death of main. */
    private int follow(Started started) {
        starting.put(started, loop.watch(started.report().number(), (readable, writable, hangup) -> {
            if (started.advance()) {
                end(started);
                started.journey().fatal().ifPresent(fault -> journal.alert(fault.text()));
            }
        }, true, false));
        return started.pid();
    }

    private void end(Started started) {
        Watch watch = starting.remove(started);
        if (watch != null) {
            watch.cancel();
            started.close();
        }
    }

    /** Asks no more for what has not reported yet. On the loop. */
    @Override
    public void close() {
        Set.copyOf(starting.keySet()).forEach(this::end);
    }

    /** The runner clears the signal mask; the JVM needs its own, to read signals as data. */
    private static List<String> argv(SpawnSpec spec) {
        List<String> argv = new ArrayList<>();
        argv.add(ENV);
        argv.add("--block-signal=" + spec.blocked().stream().map(String::valueOf).collect(Collectors.joining(",")));
        argv.add(spec.path());
        argv.addAll(spec.arguments().subList(1, spec.arguments().size()));
        return argv;
    }

    private static Map<String, String> environment(SpawnSpec spec) {
        Map<String, String> variables = new LinkedHashMap<>();
        for (String line : spec.environment()) {
            int equals = line.indexOf('=');
            variables.put(line.substring(0, equals), line.substring(equals + 1));
        }
        return variables;
    }
}
