// SPDX-License-Identifier: Apache-2.0
package io.margay.wire.libunit.internal;

import io.margay.dispatch.Job;
import java.util.Optional;

/** A request from its place in the queue until the process that took it has said that it is finished. On its loop. */
final class Flight {

    final LibunitLane lane;
    final Job job;
    /** Names it to the processes; unique among those of the generation. */
    final int stream;
    /** The memory of its head. */
    final OutSegments.Claim claim;
    /** Whether the body follows as a file. */
    final boolean bodyFollows;
    /** Brings the response to the client. */
    final Delivery delivery;
    /** Who has said to have it. */
    Optional<LibunitWorker> worker = Optional.empty();
    /** Whether the head of the response has come. */
    boolean begun;
    /** What goes to the process once the request is a WebSocket. */
    Optional<Frames> frames = Optional.empty();
    private int context;
    private int item;
    private int position;

    Flight(LibunitLane lane, Job job, int stream, OutSegments.Claim claim, boolean bodyFollows) {
        this.lane = lane;
        this.job = job;
        this.stream = stream;
        this.claim = claim;
        this.bodyFollows = bodyFollows;
        this.delivery = new Delivery(job);
    }

    /** Notes its place, as {@link AppQueue#send} gave it. */
    void queued(long place) {
        item = (int) place;
        position = (int) (place >>> 32);
    }

    /** The port of the process that works on it. */
    int context() {
        return context;
    }

    /** A process has said to have it. */
    void taken(LibunitWorker by, int port) {
        worker = Optional.of(by);
        context = port;
        job.taken(by, this);
    }

    /** Number of its item in the queue. */
    int item() {
        return item;
    }

    /** Its place in the queue. */
    int position() {
        return position;
    }
}
