// SPDX-License-Identifier: Apache-2.0
package io.margay.module;

import io.margay.engine.EventLoop;
import io.margay.engine.Timer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Of one bundle there are at most three installations: the one that counts, the one before it, which ends its requests,
 * is parked for a way back, or serves since the newer one starts nothing, and one before that. Another change waits
 * until one of them is gone. On main's loop.
 */
final class ModuleRoom {

    /** Besides the one that counts. */
    private static final int MOST_BEFORE = 2;

    private record Waiting(String name, CompletableFuture<Void> room) {
    }

    private final EventLoop loop;
    private final ModuleSet set;
    private final ModuleRollout rollout;
    private final long patienceMillis;
    private final List<Waiting> waiting = new ArrayList<>();

    ModuleRoom(EventLoop loop, ModuleSet set, ModuleRollout rollout, long patienceMillis) {
        this.loop = loop;
        this.set = set;
        this.rollout = rollout;
        this.patienceMillis = patienceMillis;
    }

    /**
     * Gives up what is parked of a bundle, and waits for what has requests.
     *
     * @return fails with the reason when those take too long
     */
    CompletionStage<Void> make(String name) {
        if (set.retained(name).size() < MOST_BEFORE) {
            return ModuleRollout.done();
        }
        CompletableFuture<Void> room = new CompletableFuture<>();
        waiting.add(new Waiting(name, room));
        Timer patience = loop.schedule(patienceMillis, () -> room.completeExceptionally(new ModuleException(
            ModuleException.Kind.BUSY, "three versions of bundle " + name + " are in use already: requests that "
            + "began before the last changes are not finished")));
        room.whenComplete((made, failure) -> {
            patience.cancel();
            waiting.removeIf(each -> each.room() == room);
        });
        return rollout.unpark(set.current()).thenCompose(told -> room);
    }

    /** An installation has gone. */
    void released(String name) {
        if (set.retained(name).size() < MOST_BEFORE) {
            List.copyOf(waiting).stream().filter(each -> each.name().equals(name)).forEach(each ->
                each.room().complete(null));
        }
    }
}
