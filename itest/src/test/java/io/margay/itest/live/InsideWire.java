// SPDX-License-Identifier: Apache-2.0
package io.margay.itest.live;

import io.margay.dispatch.Job;
import io.margay.dispatch.Wire;
import io.margay.dispatch.WireContext;
import io.margay.dispatch.WireFactory;
import io.margay.dispatch.WireGeneration;
import io.margay.dispatch.Worker;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** A wire to workers that are no processes: they answer with the version of their bundle. */
final class InsideWire implements WireFactory {

    private static final int OK = 200;

    private final byte[] answer;

    InsideWire(String version) {
        this.answer = version.getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public String name() {
        return "inside";
    }

    @Override
    public Wire open(WireContext context) {
        return new Wire() {
            @Override
            public Flow flow() {
                return Flow.PUSH;
            }

            @Override
            public int contexts() {
                return 8;
            }

            @Override
            public WireGeneration open() {
                return new Generation(context);
            }
        };
    }

    private final class Generation implements WireGeneration {

        private final WireContext context;
        private final List<Inside> workers = new CopyOnWriteArrayList<>();

        private Generation(WireContext context) {
            this.context = context;
        }

        @Override
        public Worker worker() {
            Inside worker = new Inside(this);
            workers.add(worker);
            return worker;
        }

        @Override
        public void processGone(int pid, int start) {
            // There are no processes.
        }

        @Override
        public void prototypeGone(int pid) {
            // Nor is there a prototype.
        }

        @Override
        public void end() {
            workers.forEach(Inside::stop);
        }

        @Override
        public boolean isDeserted() {
            return workers.isEmpty();
        }

        @Override
        public void close() {
            // Nothing is open.
        }
    }

    private final class Inside extends Worker {

        private final Generation generation;
        private final AtomicInteger busy = new AtomicInteger();
        private final AtomicLong served = new AtomicLong();
        private volatile boolean stopping;

        private Inside(Generation generation) {
            super(generation);
            this.generation = generation;
        }

        @Override
        public int pid() {
            return 0;
        }

        @Override
        protected void start() {
            generation.context.home().execute(this::ready);
        }

        @Override
        protected void stop() {
            stopping = true;
            generation.context.home().execute(this::leave);
        }

        @Override
        protected void kill() {
            stop();
        }

        private void leave() {
            if (stopping && busy.get() == 0 && generation.workers.remove(this)) {
                gone();
            }
        }

        @Override
        protected int running() {
            return busy.get();
        }

        @Override
        protected long served() {
            return served.get();
        }

        @Override
        protected long progress() {
            return served.get();
        }

        @Override
        protected void take(Job job) {
            busy.incrementAndGet();
            if (job.head(OK, Unpooled.EMPTY_BUFFER)) {
                job.data(Unpooled.wrappedBuffer(answer), true);
            }
            served.incrementAndGet();
            if (busy.decrementAndGet() == 0 && stopping) {
                generation.context.home().execute(this::leave);
            }
        }

        @Override
        protected void cancel(Job job) {
            // It is answered at once.
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
