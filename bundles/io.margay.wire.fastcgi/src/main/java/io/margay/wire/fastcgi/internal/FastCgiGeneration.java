// SPDX-License-Identifier: Apache-2.0
package io.margay.wire.fastcgi.internal;

import io.margay.dispatch.ProcessControl.Descriptor;
import io.margay.dispatch.WireContext;
import io.margay.dispatch.WireGeneration;
import io.margay.dispatch.Worker;
import io.margay.lang.RequestEncoder;
import io.margay.posix.Errno;
import io.margay.posix.Fd;
import io.margay.posix.PosixException;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The processes of one generation: the one that main has started, which forks the others as connections come, and the
 * places for those. At home, except where noted.
 */
final class FastCgiGeneration implements WireGeneration {

    private static final int LOOK_MILLIS = 50;
    private static final int TAIL_MILLIS = 20;
    private static final long TAIL_NANOS = 60_000_000_000L;
    private static final int MOST_PROCESSES = 100_000;

    private final WireContext context;
    private final List<RequestEncoder> encoders = new ArrayList<>();
    private final Set<FastCgiWorker> workers = new LinkedHashSet<>();
    private final List<FastCgiWorker> waiting = new ArrayList<>();
    private final ErrorLines errors;
    /** Requests of each process, where their number is limited. Any thread. */
    private final Map<Integer, Long> requests = new ConcurrentHashMap<>();
    private final long mostRequests;
    private final AtomicBoolean watching = new AtomicBoolean();
    private final Set<Link> tails = ConcurrentHashMap.newKeySet();
    private volatile Optional<ListenSocket> socket = Optional.empty();
    private volatile long tailsSeen;
    private Optional<Integer> master = Optional.empty();
    private boolean starting;
    private boolean ending;
    private boolean stopped;

    FastCgiGeneration(WireContext context) {
        this.context = context;
        this.errors = new ErrorLines(context);
        // With the greeting.
        this.mostRequests = context.app().maxRequests() == 0 ? Long.MAX_VALUE : context.app().maxRequests() + 1;
        for (int i = 0; i < context.loops().size(); i++) {
            encoders.add(context.language().encoder(context.app()));
        }
    }

    WireContext context() {
        return context;
    }

    /** That of a loop, to be used there. */
    RequestEncoder encoder(int loop) {
        return encoders.get(loop);
    }

    // ---- any thread ---------------------------------------------------

    void alert(String what) {
        context.log().alert("application \"" + context.app().title() + "\": " + what);
    }

    void warn(String what) {
        context.log().warn("application \"" + context.app().title() + "\": " + what);
    }

    void errors(ByteBuf bytes) {
        errors.take(bytes);
    }

    /**
     * A new connection.
     *
     * @throws PosixException when nobody listens
     */
    Fd connect() {
        return socket.orElseThrow(() -> new PosixException("connect()", Errno.ECONNREFUSED)).connect();
    }

    /** Counts a request of a process; false when it ends with it by itself. */
    boolean mayServeMore(int pid) {
        if (mostRequests == Long.MAX_VALUE || pid <= 0) {
            return true;
        }
        if (requests.size() > MOST_PROCESSES) {
            requests.clear();
        }
        if (requests.merge(pid, 1L, Long::sum) < mostRequests) {
            return true;
        }
        requests.remove(pid);
        return false;
    }

    /** Requests run whose processes are to be looked at now and then. */
    void watch() {
        if (!watching.get() && watching.compareAndSet(false, true)) {
            context.home().schedule(LOOK_MILLIS, this::look);
        }
    }

    private void look() {
        watching.set(false);
        long now = System.nanoTime();
        boolean busy = false;
        for (FastCgiWorker worker : workers) {
            for (Link link : worker.links()) {
                if (link.isBusy()) {
                    busy = true;
                    link.look(now);
                }
            }
        }
        if (busy) {
            watch();
        }
    }

    /**
     * A new connection has not been answered: perhaps the master believed that an idle process would accept it, which
     * meanwhile took another. Another connection, that is closed at once, has it look again.
     */
    void nudge() {
        try {
            connect().close();
        } catch (PosixException e) {
            alert("no process accepts connections: " + e.getMessage());
        }
    }

    /** A process seems to have been busy after a response, so that the next request had to wait for it. */
    void suspectTails() {
        tailsSeen = System.nanoTime() | 1;
    }

    /** Whether processes were busy after responses recently. */
    boolean hasTails() {
        return tailsSeen != 0 && System.nanoTime() - tailsSeen < TAIL_NANOS;
    }

    /** A process that is busy after its response is let go as soon as it has come back. */
    void tail(Link link) {
        suspectTails();
        if (tails.add(link)) {
            context.home().schedule(TAIL_MILLIS, () -> await(link));
        }
    }

    private void await(Link link) {
        if (!link.isBusy() && link.hasReturned()) {
            tails.remove(link);
            link.close();
        } else {
            context.home().schedule(TAIL_MILLIS, () -> await(link));
        }
    }

    // ---- starts -------------------------------------------------------

    @Override
    public Worker worker() {
        return new FastCgiWorker(this);
    }

    void begin(FastCgiWorker worker) {
        workers.add(worker);
        if (master.isPresent() && !stopped) {
            worker.greet();
        } else {
            waiting.add(worker);
            startMaster();
        }
    }

    private void startMaster() {
        if (starting) {
            return;
        }
        ListenSocket fresh = ListenSocket.open();
        starting = true;
        context.processes().startPrototype(context.app(), List.of(new Descriptor("listen", fresh.number())))
            .whenComplete((pid, failure) -> context.home().execute(() -> started(fresh, pid, failure)));
    }

    private void started(ListenSocket fresh, Integer pid, Throwable failure) {
        starting = false;
        // Out of the list first, since a failure may begin another start.
        List<FastCgiWorker> mine = List.copyOf(waiting);
        waiting.clear();
        if (failure != null) {
            fresh.close();
            mine.forEach(worker -> worker.fails(String.valueOf(failure.getMessage())));
        } else {
            master = Optional.of(pid);
            stopped = false;
            socket = Optional.of(fresh);
            // It may not accept yet; the connections wait for it.
            mine.forEach(FastCgiWorker::greet);
            stopIfUnused();
        }
        context.changed(this);
    }

    // ---- ends ---------------------------------------------------------

    /** A worker is not one any more. */
    void left(FastCgiWorker worker) {
        workers.remove(worker);
        waiting.remove(worker);
        stopIfUnused();
    }

    private void stopIfUnused() {
        if (ending && workers.isEmpty() && master.isPresent() && !stopped) {
            stopped = true;
            int pid = master.get();
            context.processes().stop(pid);
            context.home().schedule(context.app().stopMillis(), () -> {
                if (master.filter(left -> left == pid).isPresent()) {
                    context.processes().killWorker(Optional.empty(), pid);
                }
            });
        }
    }

    @Override
    public void processGone(int pid, int start) {
        if (master.filter(known -> known == pid).isEmpty()) {
            return;
        }
        master = Optional.empty();
        // What it has forked, and does not end with it, ends when nobody connects any more.
        socket.ifPresent(ListenSocket::close);
        socket = Optional.empty();
        List.copyOf(workers).forEach(FastCgiWorker::goes);
        context.changed(this);
    }

    @Override
    public void prototypeGone(int pid) {
        processGone(pid, 0);
    }

    @Override
    public void end() {
        ending = true;
        List.copyOf(workers).forEach(FastCgiWorker::stop);
        stopIfUnused();
    }

    @Override
    public boolean isDeserted() {
        return workers.isEmpty() && master.isEmpty() && !starting;
    }

    @Override
    public void close() {
        socket.ifPresent(ListenSocket::close);
    }
}
