// SPDX-License-Identifier: Apache-2.0
package io.margay.dispatch;

import io.margay.posix.PosixException;
import io.margay.posix.Received;
import io.margay.posix.Sockets;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** What concerns whole generations: restart, taking requests back, the end. Home loop, except where noted. */
final class Moves {

    private final AppPool pool;
    private final ProcessControl control;
    private volatile int moving;
    private boolean ended;

    Moves(AppPool pool, ProcessControl control) {
        this.pool = pool;
        this.control = control;
    }

    /** Whether requests are between two sockets; any thread. */
    boolean isMoving() {
        return moving > 0;
    }

    /** Runs something on each loop, then something at home. */
    void onAllLoops(Consumer<PoolLoop> each, Runnable then) {
        AtomicInteger left = new AtomicInteger(pool.loops().size());
        for (PoolLoop loop : pool.loops()) {
            loop.engine().execute(() -> {
                try {
                    each.accept(loop);
                } finally {
                    if (left.decrementAndGet() == 0) {
                        pool.home().execute(then);
                    }
                }
            });
        }
    }

    /** Replaces the current generation. Requests that nobody has taken move over. */
    void restart() {
        if (ended) {
            return;
        }
        Channel old = pool.current();
        Channel next = pool.open();
        moving++;
        pool.current(next);
        end(old);
        onAllLoops(loop -> loop.move(next), () -> {
            // Behind this no loop writes into the old socket, so one pass empties it.
            take(old, Integer.MAX_VALUE, (loop, message) -> loop.engine().execute(() -> loop.resend(message)));
            old.endRequests();
            onAllLoops(loop -> { }, () -> moving--);
            pool.evaluate();
            pool.changed(old);
        });
    }

    private void end(Channel channel) {
        if (!channel.ending) {
            channel.ending = true;
            channel.prototype.ifPresent(control::quitPrototype);
        }
    }

    /** Answers requests that wait with 503: the oldest ones, at most so many. */
    void withdraw(int most) {
        int taken = take(pool.current(), most, (loop, message) -> {
            int stream = Wire.stream(message);
            message.release();
            loop.engine().execute(() -> loop.withdrawn(stream));
        });
        if (taken < most) {
            // More than the socket held wait here; then the oldest of each loop stand for the oldest of all.
            pool.loops().forEach(loop -> loop.engine().execute(() -> loop.failPending(most - taken)));
        }
    }

    private interface Taker {
        void take(PoolLoop loop, ByteBuf message);
    }

    /** Reads requests out of the socket as a worker would; gives how many. */
    private int take(Channel channel, int most, Taker taker) {
        NativeBuffer in = PoolLoop.IN.get();
        int count = 0;
        while (count < most) {
            int length = receive(channel, in);
            if (length <= 0) {
                break;
            }
            if (length >= Wire.REQUEST_HEADER && length <= Wire.MAX_MESSAGE
                && Wire.loop(in.bytes) < pool.loops().size()) {
                count++;
                taker.take(pool.loops().get(Wire.loop(in.bytes)),
                    ByteBufAllocator.DEFAULT.directBuffer(length, length).writeBytes(in.bytes, 0, length));
            }
        }
        return count;
    }

    private int receive(Channel channel, NativeBuffer in) {
        try {
            Received received = Sockets.receive(channel.requestRead(), in.segment);
            in.bytes.setIndex(0, Math.max(0, received.length()));
            return received.length();
        } catch (PosixException e) {
            pool.log().alert("application \"" + pool.spec().name() + "\": " + e.getMessage());
            return 0;
        }
    }

    /** Ends all generations once no request is left. */
    void endIfDrained() {
        if (!pool.isDrained() || ended) {
            return;
        }
        ended = true;
        pool.channels().forEach(channel -> {
            end(channel);
            channel.endRequests();
        });
        pool.channels().forEach(pool::changed);
    }

    /** Closes a generation without processes after every loop has let go of it. */
    void close(Channel channel) {
        if (!pool.channels().remove(channel)) {
            return;
        }
        onAllLoops(loop -> {
            if (channel == pool.current()) {
                loop.retire();
            }
        }, () -> {
            channel.close();
            if (ended && pool.channels().isEmpty()) {
                pool.retirementDone();
            }
        });
    }
}
