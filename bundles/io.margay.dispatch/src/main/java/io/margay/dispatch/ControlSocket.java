// SPDX-License-Identifier: Apache-2.0
package io.margay.dispatch;

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
final class ControlSocket implements AutoCloseable {

    private static final int TURN = 64;
    /** More than the buffer of the socket can hold. */
    private static final int LAST_WORDS = 65_536;
    private static final int PID_SIZE = 4;
    private static final int MAX_REASON = 2048;
    private static final int READY_SIZE = 4;

    private final AppPool pool;
    private final Channel channel;
    private final Fd reading;
    private final Fd writing;
    private Optional<Watch> watch = Optional.empty();

    ControlSocket(AppPool pool, Channel channel) {
        this.pool = pool;
        this.channel = channel;
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
        watch = Optional.of(
            pool.home().watch(reading.number(), (readable, writable, hangup) -> read(TURN), true, false));
    }

    /** Reads what the prototype has reported; to be called before its end is acted on. */
    void drain() {
        read(LAST_WORDS);
    }

    private void read(int most) {
        NativeBuffer in = PoolLoop.IN.get();
        for (int i = 0; i < most && reading.isOpen(); i++) {
            Received received;
            try {
                received = Sockets.receive(reading.number(), in.segment);
            } catch (PosixException e) {
                pool.log().alert("application \"" + pool.spec().name() + "\": " + e.getMessage());
                return;
            }
            if (received.wouldBlock()) {
                return;
            }
            if (received.length() < Wire.HEADER || !message(in, received)) {
                Descriptors.close(received.fds());
            }
        }
    }

    /** Handles a message; false when its descriptors are not wanted. */
    private boolean message(NativeBuffer in, Received received) {
        int stream = Wire.stream(in.bytes);
        int payload = received.length() - Wire.HEADER;
        boolean byPrototype = channel.prototype.filter(pid -> pid == received.pid()).isPresent();
        switch (Wire.type(in.bytes)) {
            case Wire.TYPE_PROCESS_READY -> {
                return payload == READY_SIZE && pool.starts().ready(channel, stream, received.pid(),
                    in.bytes.getUnsignedShortLE(Wire.HEADER), in.bytes.getUnsignedShortLE(Wire.HEADER + 2),
                    received.fds(), Wire.last(in.bytes));
            }
            case Wire.TYPE_REMOVE_PID -> {
                if (byPrototype && payload == PID_SIZE) {
                    pool.gone(channel, in.bytes.getIntLE(Wire.HEADER), stream);
                }
            }
            case Wire.TYPE_RPC_ERROR -> {
                if (byPrototype) {
                    pool.starts().failed(channel, stream);
                } else if (payload > 0 && payload <= MAX_REASON) {
                    pool.starts().reason(channel, stream,
                        in.bytes.toString(Wire.HEADER, payload, StandardCharsets.UTF_8));
                }
            }
            default -> {
                // Nothing else is expected here; who sends it has only itself to harm.
            }
        }
        return false;
    }

    @Override
    public void close() {
        watch.ifPresent(Watch::cancel);
        reading.close();
        writing.close();
    }
}
