// SPDX-License-Identifier: Apache-2.0
package io.margay.discovery;

import io.margay.engine.EventLoop;
import io.margay.isolation.Identity;
import io.margay.isolation.Runner;
import io.margay.lang.InstalledModule;
import io.margay.lang.Language;
import io.margay.lang.Probe;
import io.margay.log.ErrorLog;
import io.margay.posix.PosixException;
import io.margay.process.Reaper;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Runs the probes of language modules ({@code spec/processes.md §16}), one after the other, each in a process of its
 * own with the ids of the unprivileged processes. Used on main's loop.
 */
public final class Discovery implements AutoCloseable {

    private final EventLoop loop;
    private final Runner runner;
    private final Reaper reaper;
    private final Optional<Identity> identity;
    private final ErrorLog journal;
    private Optional<ProbeRun> running = Optional.empty();
    private boolean closed;

    /**
     * Makes the discovery of one server.
     *
     * @param loop main's loop
     * @param runner starts the probes
     * @param reaper waits for them
     * @param identity whose ids they take; empty when the server itself has no privileges
     * @param journal takes what goes wrong
     */
    public Discovery(EventLoop loop, Runner runner, Reaper reaper, Optional<Identity> identity, ErrorLog journal) {
        this.loop = loop;
        this.runner = runner;
        this.reaper = reaper;
        this.identity = identity;
        this.journal = journal;
    }

    /**
     * Asks for the versions of a language.
     *
     * @return completed on the loop with what was found, none if nothing was; failed probes are logged and left out
     */
    public CompletionStage<List<InstalledModule>> probe(Language language) {
        CompletableFuture<List<InstalledModule>> result = new CompletableFuture<>();
        next(List.copyOf(language.probes()), 0, new ArrayList<>(), result);
        return result;
    }

    /** Ends the probe that runs, and starts none any more. On the loop. */
    @Override
    public void close() {
        closed = true;
        running.ifPresent(run -> run.end(reaper));
    }

    private void next(List<Probe> probes, int index, List<InstalledModule> found,
            CompletableFuture<List<InstalledModule>> result) {
        running = Optional.empty();
        if (closed) {
            // Nobody waits for the answer any more.
            return;
        }
        if (index == probes.size()) {
            result.complete(List.copyOf(found));
            return;
        }
        Probe probe = probes.get(index);
        try {
            ProbeRun run = new ProbeRun(loop, probe, output -> {
                Optional<InstalledModule> module = output.flatMap(probe::parse);
                if (module.isPresent()) {
                    found.add(module.get());
                } else if (!closed) {
                    journal.alert("probe of " + probe.type() + " by \"" + probe.argv().getFirst()
                        + "\" gave no answer");
                }
                next(probes, index + 1, found, result);
            });
            run.start(runner, reaper, identity);
            running = Optional.of(run);
        } catch (PosixException e) {
            journal.alert("probe of " + probe.type() + " by \"" + probe.argv().getFirst() + "\" failed: "
                + e.getMessage());
            next(probes, index + 1, found, result);
        }
    }
}
