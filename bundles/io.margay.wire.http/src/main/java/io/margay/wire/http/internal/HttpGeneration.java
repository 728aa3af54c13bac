// SPDX-License-Identifier: Apache-2.0
package io.margay.wire.http.internal;

import io.margay.dispatch.ProcessControl;
import io.margay.dispatch.WireGeneration;
import io.margay.dispatch.Worker;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The workers of one generation, which share no more than namespaces. Home loop only. */
final class HttpGeneration implements WireGeneration {

    private final HttpWire wire;
    private final ProcessControl processes;
    /** All that are on their way or there. */
    private final Set<HttpWorker> members = new HashSet<>();
    private final Map<Integer, HttpWorker> byPid = new HashMap<>();

    HttpGeneration(HttpWire wire) {
        this.wire = wire;
        this.processes = wire.context().processes().generation();
    }

    /** Orders processes of this generation. */
    ProcessControl processes() {
        return processes;
    }

    HttpWire wire() {
        return wire;
    }

    @Override
    public Worker worker() {
        return new HttpWorker(this);
    }

    void begun(HttpWorker worker) {
        members.add(worker);
    }

    void runs(HttpWorker worker) {
        byPid.put(worker.pid(), worker);
    }

    void left(HttpWorker worker) {
        members.remove(worker);
        byPid.remove(worker.pid(), worker);
    }

    @Override
    public void processGone(int pid, int start) {
        Optional.ofNullable(byPid.get(pid)).ifPresent(HttpWorker::processGone);
    }

    @Override
    public void prototypeGone(int pid) {
        // It forks none and only holds their namespaces: of those that end with it, each is told of.
    }

    @Override
    public void end() {
        List.copyOf(members).forEach(HttpWorker::end);
    }

    @Override
    public boolean isDeserted() {
        return members.isEmpty();
    }

    @Override
    public void close() {
        List.copyOf(members).forEach(HttpWorker::release);
        processes.endGeneration();
    }
}
