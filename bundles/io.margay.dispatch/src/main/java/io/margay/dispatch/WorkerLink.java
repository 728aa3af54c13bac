// SPDX-License-Identifier: Apache-2.0
package io.margay.dispatch;

import io.margay.posix.Fd;
import java.util.ArrayList;
import java.util.List;

/** A ready worker with its reply sockets. The lists do not change; the other fields belong to the home loop. */
final class WorkerLink {

    private static final long USEFUL_NANOS = 1_000_000_000;

    final int pid;
    final Channel channel;
    final int slot;
    final int contexts;
    /** By loop, then by context. */
    final List<List<ReplySocket>> replies = new ArrayList<>();
    /** Whether it was told to stop and is not counted any more. */
    boolean leaving;
    /** Since when it is idle, {@link System#nanoTime}; 0 while it is busy. */
    long idleSince;
    private final long readyAt = System.nanoTime();
    private int served;

    WorkerLink(int pid, Channel channel, int slot, int contexts, List<Fd> fds, List<PoolLoop> loops) {
        this.pid = pid;
        this.channel = channel;
        this.slot = slot;
        this.contexts = contexts;
        for (int loop = 0; loop < loops.size(); loop++) {
            List<ReplySocket> sockets = new ArrayList<>();
            for (int context = 0; context < contexts; context++) {
                sockets.add(new ReplySocket(loops.get(loop), this, fds.get(context * loops.size() + loop)));
            }
            replies.add(List.copyOf(sockets));
        }
    }

    /**
     * Whether it has ended soon after its start without a request: another one would hardly do better. One that
     * requests have killed says nothing about the next.
     */
    boolean diedUnused() {
        for (int i = slot; i < slot + contexts; i++) {
            if (channel.slots.stream(i) != 0 || channel.slots.served(i) != 0) {
                return false;
            }
        }
        return System.nanoTime() - readyAt < USEFUL_NANOS;
    }

    /** Looks at the slots; true when no context has a request and none had one since the last look. */
    boolean look(long now) {
        int total = 0;
        boolean busy = false;
        for (int i = slot; i < slot + contexts; i++) {
            busy |= channel.slots.stream(i) != 0;
            total += channel.slots.served(i);
        }
        if (busy || total != served) {
            idleSince = 0;
            served = total;
        } else if (idleSince == 0) {
            idleSince = now;
        }
        return !busy;
    }
}
