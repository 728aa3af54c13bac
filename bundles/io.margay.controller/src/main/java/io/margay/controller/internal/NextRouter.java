// SPDX-License-Identifier: Apache-2.0
package io.margay.controller.internal;

import io.margay.controller.ConfigPlane;
import io.margay.port.Header;
import io.margay.port.MessageType;
import io.margay.process.CoreChild;
import io.margay.schema.Options;
import java.nio.charset.StandardCharsets;
import java.util.Set;

/**
 * Gives the configuration in force to a router that is to take the place of the one that serves, and tells main when it
 * has it, or why not. Until then everything is asked of the old one. On the loop.
 */
final class NextRouter {

    private final CoreChild child;
    private final RouterLink router;
    private final ConfigPlane plane;
    private final Options options;
    private boolean begun;
    /** Who is being given the configuration; 0 for nobody. */
    private int taking;
    /** The options that it reads; empty until it has said so. */
    private Set<String> reads = Set.of();

    NextRouter(CoreChild child, RouterLink router, ConfigPlane plane, Options options) {
        this.child = child;
        this.router = router;
        this.plane = plane;
        this.options = options;
    }

    /** There is a configuration to be given, now or when the queue of changes opens. */
    void begin() {
        begun = true;
        router.next().filter(pid -> !reads.isEmpty()).ifPresent(this::give);
    }

    /** Asks a router which options it reads. */
    void ask(int pid) {
        child.table().find(pid).flatMap(child.table()::peer).ifPresent(peer ->
            peer.send(Header.last(MessageType.READERS, 0, child.self())));
    }

    /** The one that served is gone: if another one was to take its place, that has to say again what it reads. */
    void instead() {
        router.serving().ifPresent(this::ask);
    }

    /**
     * A router says which options it reads.
     *
     * @return whether it is the one that serves
     */
    boolean reads(int pid, Set<String> readers) {
        if (router.next().filter(next -> next == pid).isPresent()) {
            reads = readers;
            if (begun && taking != pid) {
                give(pid);
            }
            return false;
        }
        // The place of any other was taken.
        boolean serves = router.serving().filter(serving -> serving == pid).isPresent();
        if (serves) {
            options.routerReads(readers);
        }
        return serves;
    }

    private void give(int pid) {
        taking = pid;
        plane.replaceRouter(() -> {
            router.succeeded(pid);
            options.routerReads(reads);
        }).thenAcceptAsync(reason -> {
            taking = 0;
            reads = Set.of();
            reason.ifPresent(why -> router.failed(pid));
            child.main().send(Header.last(MessageType.ROUTER_TAKEN, 0, child.self()),
                (pid + "\0" + reason.orElse("")).getBytes(StandardCharsets.UTF_8));
        }, child.loop());
    }
}
