// SPDX-License-Identifier: Apache-2.0
package io.margay.wire.port.internal;

import io.margay.engine.Watch;
import io.margay.posix.Descriptors;
import io.margay.posix.Fd;
import io.margay.posix.PosixException;
import io.margay.posix.Received;
import io.margay.posix.Sockets;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Where the prototype and the workers of a generation report to the router. They run foreign code, so a report is only
 * believed where the kernel's word for the sender fits, and only about processes of this generation.
 */
final class WorkerControl implements AutoCloseable {

    private static final int TURN = 64;
    /** More than the buffer of the socket can hold. */
    private static final int LAST_WORDS = 65_536;
    private static final int PID_SIZE = 4;
    private static final int MAX_REASON = 2048;
    private static final int READY_SIZE = 4;

    private final PortGeneration generation;
    private final Fd reading;
    private final Fd writing;
    private Optional<Watch> watch = Optional.empty();

    WorkerControl(PortGeneration generation) {
        this.generation = generation;
        Fd[] pair = Sockets.seqpacketPair();
        reading = pair[0];
        writing = pair[1];
    }

    /** The end that prototypes inherit. */
    int writing() {
        return writing.number();
    }

    /** Begins to read; on the home loop. */
    void open() {
        if (reading.isOpen()) {
            watch = Optional.of(generation.context().home().watch(reading.number(),
                (readable, writable, hangup) -> read(TURN), true, false));
        }
    }

    /** Reads what prototype and workers have reported; to be called before the end of one is acted on. */
    void drain() {
        read(LAST_WORDS);
    }

    private void read(int most) {
        NativeBuffer in = NativeBuffer.IN.get();
        for (int i = 0; i < most && reading.isOpen(); i++) {
            Received received;
            try {
                received = Sockets.receive(reading.number(), in.segment);
            } catch (PosixException e) {
                generation.context().log().alert("application \"" + generation.context().app().title() + "\": "
                    + e.getMessage());
                return;
            }
            if (received.wouldBlock()) {
                return;
            }
            if (!message(in, received)) {
                Descriptors.close(received.fds());
            }
        }
    }

    /** Handles a message; false when its descriptors are not wanted. */
    private boolean message(NativeBuffer in, Received received) {
        if (received.length() < Messages.HEADER) {
            return refuse(received);
        }
        int stream = Messages.stream(in.bytes);
        int payload = received.length() - Messages.HEADER;
        boolean byPrototype = generation.prototype.filter(pid -> pid == received.pid()).isPresent();
        boolean byWorker = generation.workers.containsKey(received.pid());
        switch (Messages.type(in.bytes)) {
            case Messages.TYPE_PROCESS_READY -> {
                return !byWorker && payload == READY_SIZE && generation.ready(stream, received.pid(),
                    in.bytes.getUnsignedShortLE(Messages.HEADER), in.bytes.getUnsignedShortLE(Messages.HEADER + 2),
                    received.fds(), Messages.last(in.bytes)) || refuse(received);
            }
            case Messages.TYPE_REMOVE_PID -> {
                if (byPrototype && payload == PID_SIZE) {
                    generation.gone(in.bytes.getIntLE(Messages.HEADER), stream);
                    return false;
                }
                return refuse(received);
            }
            case Messages.TYPE_RPC_ERROR -> {
                if (byPrototype) {
                    generation.startFailed(stream);
                    return false;
                }
                if (byWorker || payload == 0 || payload > MAX_REASON) {
                    return refuse(received);
                }
                generation.reason(stream, in.bytes.toString(Messages.HEADER, payload, StandardCharsets.UTF_8));
                return false;
            }
            default -> {
                return refuse(received);
            }
        }
    }

    /** A worker that says what it has not to say here will do so elsewhere. */
    private boolean refuse(Received received) {
        Optional.ofNullable(generation.workers.get(received.pid()))
            .ifPresent(worker -> worker.lies("it sent something that is no report"));
        return false;
    }

    @Override
    public void close() {
        watch.ifPresent(Watch::cancel);
        reading.close();
        writing.close();
    }
}
