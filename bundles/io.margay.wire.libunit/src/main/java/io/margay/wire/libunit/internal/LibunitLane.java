// SPDX-License-Identifier: Apache-2.0
package io.margay.wire.libunit.internal;

import io.margay.dispatch.AppRequest;
import io.margay.dispatch.Job;
import io.margay.dispatch.Lane;
import io.margay.engine.EventLoop;
import io.margay.engine.Timer;
import io.netty.util.collection.IntObjectHashMap;
import java.util.Optional;
import java.util.function.Consumer;

/** The queue of a generation as one loop fills it, and the requests of the loop that processes may have. */
final class LibunitLane implements Lane {

    /** Bodies up to this size go with the head; copying more into shared memory is no faster than a file. */
    static final int MOST_INLINE = 1 << 20;
    private static final int TOO_LARGE = 431;
    private static final long ROOM_MILLIS = 10;

    private final LibunitGeneration generation;
    private final EventLoop engine;
    private final int index;
    private final int step;
    private final OutSegments segments;
    private final IntObjectHashMap<Flight> flights = new IntObjectHashMap<>();
    private int lastStream;
    private Optional<Timer> roomTimer = Optional.empty();

    LibunitLane(LibunitGeneration generation, int index) {
        this.generation = generation;
        this.engine = generation.context().loops().get(index);
        this.index = index;
        this.step = generation.context().loops().size();
        this.segments = new OutSegments(number -> generation.addSegment());
    }

    /** The number by which processes know the port of this loop. */
    int port() {
        return index + 1;
    }

    /** The queue of its generation. */
    AppQueue queue() {
        return generation.queue();
    }

    /** The number of the loop. */
    int index() {
        return index;
    }

    @Override
    public Offer offer(Job job) {
        AppRequest request = job.request();
        long head = RequestForm.size(request);
        if (head < 0) {
            job.fail(TOO_LARGE);
            return Offer.REFUSED;
        }
        if (head > Segment.ROOM) {
            generation.context().log().alert("headers to big to fit in shared memory (" + head + ")");
            return Offer.REFUSED;
        }
        long body = request.contentLength();
        boolean inline = request.body().readableBytes() >= body && body <= MOST_INLINE && head + body <= Segment.ROOM;
        int size = (int) (inline ? head + body : head);
        int stream = nextStream();
        Optional<OutSegments.Claim> claim = segments.claim(size, stream);
        if (claim.isEmpty()) {
            return Offer.FULL;
        }
        Flight flight = new Flight(this, job, stream, claim.get(), !inline);
        RequestForm.write(request, (int) head, request.body(), inline ? (int) body : 0, claim.get().memory());
        long place = -1;
        try {
            place = send(flight, size, job.id());
        } catch (Broken e) {
            generation.broken(e);
        }
        if (place < 0) {
            claim.get().release();
            return Offer.FULL;
        }
        flight.queued(place);
        flights.put(stream, flight);
        job.queued(place >>> 32, flight);
        return Offer.QUEUED;
    }

    private long send(Flight flight, int size, int id) {
        MessageBuffer out = MessageBuffer.OUT.get();
        out.bytes.clear();
        UnitProtocol.header(out.bytes, flight.stream, port(), UnitProtocol.REQ_HEADERS, false, true);
        out.bytes.writeIntLE(flight.claim.segment().id).writeIntLE(flight.claim.first()).writeIntLE(size);
        long place = generation.queue().send(out.segment, out.bytes.writerIndex(), flight.stream, id);
        if (place >= 0 && generation.queue().notifies()) {
            generation.wake(flight.stream, port());
        }
        if (AppQueue.isWorn(place)) {
            generation.wornOut();
        }
        return place;
    }

    /** A process has taken a request, and may have read the word that was for the next ones as well. */
    void wakeNext(Flight flight) {
        if (generation.queue().notifiesAgain()) {
            generation.wake(flight.stream, port());
        }
    }

    /** Streams of a loop are those that leave its index as the remainder, so none of another has the same. */
    private int nextStream() {
        int stream;
        do {
            lastStream = lastStream >= (Integer.MAX_VALUE - index) / step ? 1 : lastStream + 1;
            stream = lastStream * step + index;
        } while (flights.containsKey(stream));
        return stream;
    }

    /** Memory for something else that a process gets about a request. */
    Optional<OutSegments.Claim> claim(int bytes, int stream) {
        return segments.claim(bytes, stream);
    }

    /** The loop that made a stream. */
    static int loop(int stream, int loops) {
        return stream % loops;
    }

    /** A request that a process may have; null when there is none. */
    Flight flight(int stream) {
        return flights.get(stream);
    }

    /** Each request that a process may have. */
    void forEach(Consumer<Flight> action) {
        for (Flight flight : flights.values().toArray(Flight[]::new)) {
            action.accept(flight);
        }
    }

    /** Whether no process has taken a request. */
    boolean isQueued(Flight flight) {
        return flight.worker.isEmpty() && flights.get(flight.stream) == flight;
    }

    /** No process has it any more, or will. */
    void forget(Flight flight) {
        flights.remove(flight.stream, flight);
    }

    /** The router has taken it back out of the queue. */
    void takenBack(int stream) {
        Flight flight = flights.remove(stream);
        if (flight != null && generation.isOpen()) {
            flight.claim.release();
        }
    }

    @Override
    public void cancel(Job job) {
        if (job.link() instanceof Flight flight) {
            // It may still stand in the queue of the generation before.
            flight.lane.drop(flight);
        }
    }

    private void drop(Flight flight) {
        if (isQueued(flight) && generation.cancel(flight.item(), flight.stream)) {
            takenBack(flight.stream);
        }
    }

    @Override
    public void awaitRoom(Runnable room) {
        // Processes tell nobody when they free memory of the router, and the queue does not either.
        if (roomTimer.isEmpty()) {
            look(room);
        }
    }

    private void look(Runnable room) {
        roomTimer = Optional.of(engine.schedule(ROOM_MILLIS, () -> {
            if (roomTimer.isPresent()) {
                look(room);
                room.run();
            }
        }));
    }

    @Override
    public void idle() {
        roomTimer.ifPresent(Timer::cancel);
        roomTimer = Optional.empty();
    }

    @Override
    public void leave() {
        idle();
    }
}
