// SPDX-License-Identifier: Apache-2.0
package io.margay.wire.libunit.internal;

import io.margay.dispatch.Job;
import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;

/**
 * Brings a response to its client as fast as that takes it. Parts wait in the memory of the process, which has no more
 * of it then when it is at its limit ({@code spec/app-dispatch.md §5.3}). On the loop of the request.
 */
final class Delivery {

    /** Bytes that are read at a time. */
    private static final int STEP = 131_072;
    private static final int MOST_STEP = STEP / Segment.CHUNK;

    private final Job job;
    private final ArrayDeque<Part> parts = new ArrayDeque<>(0);
    private Runnable progress = () -> { };
    private boolean waits;
    private int copied;

    /** A part that waits: bytes, or chunks in the memory of a process. */
    private static final class Part {
        private final ByteBuf bytes;
        private final Chunks chunks;
        private final boolean last;
        private final int end;
        private int done;

        private Part(ByteBuf bytes, boolean last) {
            this.bytes = bytes;
            this.chunks = null;
            this.last = last;
            this.end = 0;
        }

        private Part(Chunks chunks, int from, int end, boolean last) {
            this.bytes = null;
            this.chunks = chunks;
            this.last = last;
            this.done = from;
            this.end = end;
        }
    }

    /**
     * Bytes that a process handed over.
     *
     * @param owner the process
     * @param segment where
     * @param first chunk
     * @param size in bytes, at least 1
     */
    record Chunks(LibunitWorker owner, InSegment segment, int first, int size) {

        /** All of it. */
        ByteBuf all() {
            return segment.read(first, 0, size);
        }

        /** Gives everything from a number of bytes on back. */
        void release(int done) {
            int gone = done / Segment.CHUNK;
            give(gone, Segment.chunks(size) - gone);
            segment.done();
        }

        private void give(int from, int count) {
            try {
                if (count > 0 && segment.release(first + from, count)) {
                    owner.hasMemory();
                }
            } catch (InternalError e) {
                owner.lies("it has cut its memory");
            }
        }
    }

    Delivery(Job job) {
        this.job = job;
    }

    /** Whether the client is slower than the process. */
    boolean isSlow() {
        return !parts.isEmpty();
    }

    /** Bytes that wait here and not in the memory of the process. */
    int copied() {
        return copied;
    }

    /** Sets what is to happen whenever something could be delivered that had waited. */
    void onProgress(Runnable action) {
        progress = action;
    }

    /** Delivers bytes, which are taken over. */
    void bytes(ByteBuf bytes, boolean last) {
        if (parts.isEmpty() && !waits) {
            if (!job.data(bytes, last)) {
                await();
            }
            return;
        }
        copied += bytes.readableBytes();
        parts.add(new Part(bytes, last));
        pump();
    }

    /**
     * Delivers what is in the memory of the process.
     *
     * @param from first of the bytes that count
     * @param end behind the last of them, more than {@code from}
     */
    void chunks(Chunks chunks, int from, int end, boolean last) {
        chunks.give(0, from / Segment.CHUNK);
        parts.add(new Part(chunks, from, end, last));
        pump();
    }

    private void await() {
        waits = true;
        job.onWritable(() -> {
            waits = false;
            pump();
            progress.run();
        });
    }

    private void pump() {
        while (!parts.isEmpty() && (!waits || job.isDone())) {
            Part part = parts.peek();
            if (job.isDone()) {
                drop();
                return;
            }
            if (part.bytes != null) {
                parts.remove();
                copied -= part.bytes.readableBytes();
                if (!job.data(part.bytes, part.last)) {
                    await();
                }
            } else {
                step(part);
            }
        }
    }

    private void step(Part part) {
        Chunks chunks = part.chunks;
        int length = Math.min(STEP, part.end - part.done);
        ByteBuf bytes;
        try {
            bytes = chunks.segment.read(chunks.first, part.done, length);
        } catch (Broken e) {
            chunks.owner.lies(e.getMessage());
            job.fail();
            drop();
            return;
        }
        boolean end = part.done + length == part.end;
        if (end) {
            parts.remove();
            chunks.release(part.done);
        } else {
            chunks.give(part.done / Segment.CHUNK, MOST_STEP);
            part.done += length;
        }
        if (!job.data(bytes, part.last && end)) {
            await();
        }
    }

    /** Nobody waits for what is left. */
    void drop() {
        while (!parts.isEmpty()) {
            Part part = parts.remove();
            if (part.bytes != null) {
                part.bytes.release();
            } else {
                part.chunks.release(part.done);
            }
        }
        copied = 0;
    }
}
