// SPDX-License-Identifier: Apache-2.0
package io.margay.wire.libunit.internal;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;

/**
 * Memory in which one loop gives requests to the processes of a generation. Only the loop claims chunks; processes free
 * them. A process can free too many: then it spoils requests of its own application, for nothing is read from here.
 */
final class OutSegments {

    /** Segments of a loop: with all of them full, requests wait in the router. */
    static final int MOST = 32;

    private final IntFunction<One> maker;
    private final List<One> all = new ArrayList<>();
    private int last;

    /** One segment. */
    static final class One {
        final int id;
        final SharedMemory memory;
        /** Who has a chunk; 0 is nobody. */
        private final int[] owners = new int[Segment.CHUNKS];
        private int hint;

        One(int id) {
            this.id = id;
            this.memory = SharedMemory.make("unit.segment", Segment.BYTES);
            Segment.init(memory.map(), id, UnitProtocol.ROUTER, 0, Segment.SENT_OVER_ALL);
        }

        /** First of so many consecutive chunks, which are the owner's now; -1 when there are none. */
        private int claim(int count, int owner) {
            int first = find(hint, count);
            if (first < 0) {
                first = find(0, count);
            }
            if (first >= 0) {
                Segment.claim(memory.map(), first, count);
                java.util.Arrays.fill(owners, first, first + count, owner);
                hint = first + count;
            }
            return first;
        }

        private int find(int from, int count) {
            int run = 0;
            for (int chunk = from; chunk < Segment.CHUNKS; chunk++) {
                run = Segment.isFree(memory.map(), chunk) ? run + 1 : 0;
                if (run == count) {
                    return chunk - count + 1;
                }
            }
            return -1;
        }
    }

    /**
     * Chunks for one request.
     *
     * @param segment where
     * @param first chunk
     * @param count chunks
     * @param owner whose they are
     */
    record Claim(One segment, int first, int count, int owner) {

        /** The memory of the chunks. */
        MemorySegment memory() {
            return segment.memory.map().asSlice(Segment.at(first), (long) count * Segment.CHUNK);
        }

        /** Whether those who have it need it no more. */
        boolean isReleased() {
            return Segment.isFree(segment.memory.map(), first) || segment.owners[first] != owner;
        }

        /** Gives back what the owner still has: a process that it was given to is gone, or never took it. */
        void release() {
            for (int chunk = first; chunk < first + count; chunk++) {
                if (segment.owners[chunk] == owner) {
                    segment.owners[chunk] = 0;
                    Segment.free(segment.memory.map(), chunk, 1);
                }
            }
        }
    }

    /** The maker registers a new segment and gives it. */
    OutSegments(IntFunction<One> maker) {
        this.maker = maker;
    }

    /**
     * Finds room.
     *
     * @param bytes at most {@link Segment#ROOM}
     * @param owner not 0
     */
    Optional<Claim> claim(int bytes, int owner) {
        int count = Math.max(1, Segment.chunks(bytes));
        for (int i = 0; i < all.size(); i++) {
            int at = (last + i) % all.size();
            int first = all.get(at).claim(count, owner);
            if (first >= 0) {
                last = at;
                return Optional.of(new Claim(all.get(at), first, count, owner));
            }
        }
        if (all.size() == MOST) {
            return Optional.empty();
        }
        One made = maker.apply(all.size());
        all.add(made);
        last = all.size() - 1;
        return Optional.of(new Claim(made, made.claim(count, owner), count, owner));
    }
}
