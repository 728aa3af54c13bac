// SPDX-License-Identifier: Apache-2.0
package io.margay.process;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfWriter;
import io.margay.engine.EventLoop;
import io.margay.log.ErrorLog;
import io.margay.port.Peer;
import io.margay.port.Ports;
import io.margay.posix.Descriptors;
import io.margay.posix.Fd;
import io.margay.posix.Signals;
import io.margay.posix.Sockets;
import io.margay.posix.SpawnSpec;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Starts a core process as a JVM of its own: port pair, inherited descriptors, start data in the environment
 * ({@code spec/processes.md §3.1}, column "core"). The child is registered as CREATING; its PROCESS_READY follows.
 */
public final class CoreSpawner {

    /** Environment variable with the start data, compact JSON. */
    public static final String INIT = "MARGAY_INIT";
    /** Number of the child's own reading end; the next ones are its way to main and its live line. */
    public static final int FIRST_FD = 5;

    /**
     * What to start.
     *
     * @param type kind of the process
     * @param path executable of the JVM
     * @param arguments argv with argv[0]
     * @param environment of the child, {@value #INIT} apart
     * @param init members of the start data besides {@code role}, {@code kinds}, {@code read}, {@code main},
     *     {@code live} and the names of {@code fds}
     * @param fds further descriptors by their name in the start data; they stay the caller's
     */
    public record Plan(ProcessType type, String path, List<String> arguments, Map<String, String> environment,
                       ConfObject init, Map<String, Fd> fds) {
    }

    private static final int ERRORS = 2;

    private final Ports ports;
    private final EventLoop loop;
    private final ProcessTable table;
    private final ProcessEntry main;
    private final ChildLauncher launcher;
    private final Supplier<Fd> uplink;
    private final LiveLine live;
    private final ErrorLog journal;

    /**
     * Starts children of main.
     *
     * @param ports makes the ways to processes
     * @param loop main's loop
     * @param table all processes
     * @param main main's own entry
     * @param launcher starts programs
     * @param uplink gives writing ends to main, usually {@link Uplinks#open}
     * @param live tells children of main's end
     * @param journal takes failures of the new ports
     */
    public CoreSpawner(Ports ports, EventLoop loop, ProcessTable table, ProcessEntry main, ChildLauncher launcher,
            Supplier<Fd> uplink, LiveLine live, ErrorLog journal) {
        this.ports = ports;
        this.loop = loop;
        this.table = table;
        this.main = main;
        this.launcher = launcher;
        this.uplink = uplink;
        this.live = live;
        this.journal = journal;
    }

    /**
     * Takes a process that was started ahead: it gets what it would have found at its start.
     *
     * @return its entry, with port 0
     * @throws RuntimeException when it cannot be told; the line is closed, so that it ends
     */
    public ProcessEntry take(Prestarted child, Plan plan) {
        Fd[] pair = Sockets.seqpacketPair();
        // The child was started before the log was open: it gets what descriptor 2 is now.
        try (Fd read = pair[0]; Fd up = uplink.get(); Fd log = Descriptors.duplicate(ERRORS, ERRORS + 1)) {
            Map<String, Fd> all = descriptors(plan, read, up);
            all.put(Prestarted.LOG, log);
            ConfObject.Builder init = start(plan);
            init.put("descriptors", new ConfArray(all.keySet().stream().map(Conf::of).map(Conf.class::cast).toList()));
            child.send(ConfWriter.compactText(init.build()), List.copyOf(all.values()));
        } catch (RuntimeException e) {
            pair[1].close();
            throw e;
        }
        return register(child.pid(), plan, pair[1]);
    }

    /**
     * Starts one process.
     *
     * @return its entry, with port 0
     * @throws RuntimeException with the reason; nothing stays behind
     */
    public ProcessEntry spawn(Plan plan) {
        Fd[] pair = Sockets.seqpacketPair();
        int pid;
        try (Fd read = pair[0]; Fd up = uplink.get()) {
            pid = launcher.launch(spec(plan, read, up));
        } catch (RuntimeException e) {
            pair[1].close();
            throw e;
        }
        return register(pid, plan, pair[1]);
    }

    private ProcessEntry register(int pid, Plan plan, Fd write) {
        ProcessEntry entry = table.add(pid, plan.type(), "", Optional.of(main));
        Peer peer = ports.peer(loop, write, journal, (gone, reason) -> broken(pid, reason));
        table.addPort(entry, 0, Optional.of(peer));
        return entry;
    }

    /** A process that takes no messages any more misses what it must know: it ends, and its rule starts another one. */
    private void broken(int pid, String reason) {
        if (reason.equals(Peer.QUEUE_FULL) && table.find(pid).isPresent()) {
            Reaper.Calls.kill(pid);
        }
    }

    private Map<String, Fd> descriptors(Plan plan, Fd read, Fd up) {
        Map<String, Fd> all = new LinkedHashMap<>();
        all.put("read", read);
        all.put("main", up);
        all.put("live", live.childEnd());
        all.putAll(plan.fds());
        return all;
    }

    private ConfObject.Builder start(Plan plan) {
        ConfObject.Builder init = ConfObject.builder();
        init.put("role", plan.type().word());
        plan.init().members().forEach(init::put);
        init.put("kinds", table.kinds().json());
        return init;
    }

    private SpawnSpec spec(Plan plan, Fd read, Fd up) {
        Map<String, Fd> all = descriptors(plan, read, up);
        ConfObject.Builder init = start(plan);
        SpawnSpec spec = SpawnSpec.of(plan.path(), plan.arguments());
        int number = FIRST_FD;
        for (Map.Entry<String, Fd> entry : all.entrySet()) {
            init.put(entry.getKey(), number);
            spec = spec.withFd(number, entry.getValue().number());
            number++;
        }
        Map<String, String> environment = new LinkedHashMap<>(plan.environment());
        environment.put(INIT, ConfWriter.compactText(init.build()));
        // The JVM's threads inherit the mask, so the signals wait for the child's signalfd from its first moment.
        return spec.withEnvironment(environment).withBlocked(Signals.SIGHUP, Signals.SIGINT, Signals.SIGQUIT,
            Signals.SIGTERM, Signals.SIGCHLD, Signals.SIGUSR1, Signals.SIGUSR2);
    }
}
