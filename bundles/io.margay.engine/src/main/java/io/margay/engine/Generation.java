// SPDX-License-Identifier: Apache-2.0
package io.margay.engine;

import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts the work that uses one state of something replaceable (a configuration, an application, a certificate), so
 * that the state is released when the last of it has left. Safe for all threads.
 *
 * <p>Work that enters and leaves on the same loop counts in a {@link Cell} of that loop, which costs no memory barrier
 * and no cache line that another loop writes.
 */
public final class Generation implements Drainable {
    private final AtomicLong inside = new AtomicLong();
    private final CompletableFuture<Void> empty = new CompletableFuture<>();
    private volatile boolean retired;
    private volatile Cell[] cells = {};

    /**
     * Enters; each success needs one {@link #leave()}.
     *
     * @return false when it is retired: take the next generation
     */
    public boolean enter() {
        // Count in first, then test the gate. The other order would let retire() see zero between the two, and
        // release what this caller is about to use.
        inside.incrementAndGet();
        if (retired) {
            leave();
            return false;
        }
        return true;
    }

    /** Leaves. */
    public void leave() {
        long left = inside.decrementAndGet();
        if (left < 0) {
            inside.incrementAndGet();
            throw new IllegalStateException("left a generation more often than entered");
        }
        // Somebody may have entered between the count and the look at the gate: only a zero seen behind the closed gate
        // is the end, and whoever is only at the gate then leaves after this and sees it.
        if (left == 0 && retired && inside.get() == 0) {
            empty.complete(null);
        }
    }

    /**
     * The cell of one loop, the same for each call.
     *
     * @param index the number of the loop, small
     * @param loop runs tasks on the thread that uses the cell
     */
    public Cell cell(int index, Executor loop) {
        Cell[] seen = cells;
        return index < seen.length && seen[index] != null ? seen[index] : create(index, loop);
    }

    private synchronized Cell create(int index, Executor loop) {
        Cell[] now = cells;
        if (index < now.length && now[index] != null) {
            return now[index];
        }
        // An open cell is inside as a whole until it is closed and empty.
        Cell cell = new Cell(loop, enter());
        now = Arrays.copyOf(now, Math.max(now.length, index + 1));
        now[index] = cell;
        cells = now;
        return cell;
    }

    /**
     * Closes the gate; the stage completes once, when all who entered have left, maybe at once in this thread. A cell
     * closes on its loop, so that work may still enter there for a moment.
     */
    public CompletionStage<Void> retire() {
        Cell[] open;
        synchronized (this) {
            if (retired) {
                return empty.minimalCompletionStage();
            }
            inside.incrementAndGet();
            retired = true;
            open = cells;
        }
        for (Cell cell : open) {
            if (cell != null) {
                cell.retire();
            }
        }
        leave();
        return empty.minimalCompletionStage();
    }

    /** How many are inside at this moment, for status pages. */
    public long count() {
        long sum = inside.get();
        for (Cell cell : cells) {
            if (cell != null) {
                sum += cell.count.get() - (cell.held ? 1 : 0);
            }
        }
        return Math.max(0, sum);
    }

    @Override
    public CompletionStage<Void> drain() {
        return retire();
    }

    /** The count of one loop; everything is called on its thread. */
    public final class Cell {
        private final Executor loop;
        private final AtomicLong count = new AtomicLong();
        /** Whether the generation counts this cell; ends on the loop. */
        private volatile boolean held;
        private boolean open;

        private Cell(Executor loop, boolean open) {
            this.loop = loop;
            this.open = open;
            this.held = open;
        }

        /**
         * Enters; each success needs one {@link #leave()}.
         *
         * @return false when the generation is retired
         */
        public boolean enter() {
            if (open) {
                count.lazySet(count.getPlain() + 1);
            }
            return open;
        }

        /** Leaves. */
        public void leave() {
            long left = count.getPlain() - 1;
            if (left < 0) {
                throw new IllegalStateException("left a generation more often than entered");
            }
            count.lazySet(left);
            if (left == 0 && !open) {
                release();
            }
        }

        private void retire() {
            try {
                loop.execute(this::close);
            } catch (RejectedExecutionException e) {
                // The loop has ended, and whatever was in here with it.
                release();
            }
        }

        private void close() {
            open = false;
            if (count.getPlain() == 0) {
                release();
            }
        }

        private void release() {
            if (held) {
                held = false;
                Generation.this.leave();
            }
        }
    }
}
