// SPDX-License-Identifier: Apache-2.0
package io.margay.dispatch;

import io.margay.lang.AppSpec;
import io.margay.lang.InstalledModule;
import io.margay.lang.Language;
import io.margay.lang.Launch;
import io.margay.lang.Probe;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** A wire that pushes to workers that are no processes: they do what the test says. */
public final class FakeWire implements WireFactory, Wire {

    /** What the next workers do when they are started. */
    public volatile String start = "ready";
    /** What the very next ones do before that, each once. */
    public final Queue<String> next = new ConcurrentLinkedQueue<>();
    /** Whether workers answer at once. */
    public volatile boolean answers = true;
    /** All workers that ever were. */
    public final List<FakeWorker> workers = new CopyOnWriteArrayList<>();
    final int contexts;
    private final AtomicInteger pids = new AtomicInteger(100);
    private WireContext context;

    /** Workers that take so many requests at a time. */
    public FakeWire(int contexts) {
        this.contexts = contexts;
    }

    /** A language of the type {@code test} that speaks it. */
    public static Language language() {
        return new Language() {
            @Override
            public String type() {
                return "test";
            }

            @Override
            public String wire() {
                return "fake";
            }

            @Override
            public List<Probe> probes() {
                return List.of();
            }

            @Override
            public void launch(AppSpec app, InstalledModule module, Launch.Builder launch) {
                throw new UnsupportedOperationException("nothing is launched");
            }
        };
    }

    @Override
    public String name() {
        return "fake";
    }

    @Override
    public Wire open(WireContext given) {
        context = given;
        return this;
    }

    @Override
    public Flow flow() {
        return Flow.PUSH;
    }

    @Override
    public int contexts() {
        return contexts;
    }

    @Override
    public WireGeneration open() {
        return new FakeGeneration();
    }

    List<FakeWorker> alive() {
        return workers.stream().filter(worker -> worker.alive).toList();
    }

    private final class FakeGeneration implements WireGeneration {

        private final List<FakeWorker> mine = new CopyOnWriteArrayList<>();

        @Override
        public Worker worker() {
            FakeWorker worker = new FakeWorker(this);
            mine.add(worker);
            workers.add(worker);
            return worker;
        }

        @Override
        public void processGone(int pid, int stream) {
            mine.stream().filter(worker -> worker.pid == pid).forEach(FakeWorker::end);
        }

        @Override
        public void prototypeGone(int pid) {
            // There are none.
        }

        @Override
        public void end() {
            mine.forEach(FakeWorker::stop);
        }

        @Override
        public boolean isDeserted() {
            return mine.stream().noneMatch(worker -> worker.alive);
        }

        @Override
        public void close() {
            // Nothing is open.
        }
    }

    /** A worker. */
    public final class FakeWorker extends Worker {

        final int pid = pids.incrementAndGet();
        final Queue<Job> jobs = new ArrayDeque<>();
        final List<String> cancelled = new CopyOnWriteArrayList<>();
        volatile boolean alive = true;
        volatile boolean hangs;
        volatile int busy;
        volatile long heard;
        private boolean stopping;

        private FakeWorker(WireGeneration generation) {
            super(generation);
        }

        @Override
        public int pid() {
            return pid;
        }

        @Override
        protected void start() {
            String told = next.poll();
            switch (told == null ? start : told) {
                case "ready" -> context.home().execute(this::ready);
                case "dies" -> context.home().execute(() -> {
                    ready();
                    end();
                });
                case "fails" -> context.home().execute(() -> {
                    alive = false;
                    failed(new WorkerStartException("it does not want to"));
                });
                case "hangs" -> hangs = true;
                default -> throw new IllegalStateException(start);
            }
        }

        @Override
        protected void stop() {
            stopping = true;
            leaveIfDone();
        }

        private void leaveIfDone() {
            if (stopping && busy == 0 && !hangs) {
                context.home().execute(this::end);
            }
        }

        @Override
        protected void kill() {
            if (state() == State.STARTING) {
                alive = false;
                failed(new WorkerStartException("killed"));
            } else {
                end();
            }
        }

        void end() {
            if (alive) {
                alive = false;
                gone();
            }
        }

        /** It takes nothing any more, though nobody has said so. */
        synchronized void declines() {
            Job job = jobs.remove();
            busy--;
            handBack(job);
        }

        void lies() {
            misbehaved("it lies");
        }

        @Override
        protected int running() {
            return busy;
        }

        @Override
        protected long served() {
            return heard;
        }

        @Override
        protected long progress() {
            return heard;
        }

        @Override
        protected synchronized void take(Job job) {
            jobs.add(job);
            busy++;
            if (answers) {
                answerNext();
            }
        }

        /** Answers the oldest request; on its loop. */
        synchronized void answerNext() {
            Job job = jobs.remove();
            busy--;
            heard++;
            if (job.head(200, Unpooled.EMPTY_BUFFER)) {
                job.data(Unpooled.copiedBuffer(Integer.toString(pid), StandardCharsets.US_ASCII), true);
            }
            leaveIfDone();
        }

        @Override
        protected void cancel(Job job) {
            cancelled.add("job " + job.id());
        }

        @Override
        protected void drain(int loop) {
            // Nothing is on its way.
        }

        @Override
        protected void release() {
            // Nothing is held.
        }
    }
}
