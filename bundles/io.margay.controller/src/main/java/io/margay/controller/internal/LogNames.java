// SPDX-License-Identifier: Apache-2.0
package io.margay.controller.internal;

import io.margay.conf.ConfObject;
import io.margay.port.Header;
import io.margay.port.MessageType;
import io.margay.port.Peer;
import io.margay.port.RpcFailure;
import io.margay.process.CoreChild;
import io.margay.schema.Schema;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * Tells main which files the configurations want it to open, such as access logs, so that a router that was taken over
 * cannot have it write to other files. Main knows those of a configuration before the router has it. On the
 * controller's loop.
 */
final class LogNames {
    private static final long ANSWER_MILLIS = 10_000;
    private static final String SEPARATOR = "\0";

    private final CoreChild child;
    private final Supplier<Schema> schema;
    private Set<String> inForce = Set.of();
    private Set<String> wanted = Set.of();
    /** What main has taken; empty before it was told anything: it may know what another controller has said. */
    private Optional<Set<String>> told = Optional.empty();

    LogNames(CoreChild child, Supplier<Schema> schema) {
        this.child = child;
        this.schema = schema;
    }

    /**
     * A configuration is about to be brought into force.
     *
     * @return completes on the loop when the router may have its files opened
     */
    CompletableFuture<Void> allow(ConfObject conf) {
        wanted = schema.get().filesToOpen(conf);
        if (told.orElse(Set.of()).containsAll(wanted)) {
            return CompletableFuture.completedFuture(null);
        }
        Set<String> all = new LinkedHashSet<>(inForce);
        all.addAll(wanted);
        CompletableFuture<Void> result = new CompletableFuture<>();
        int stream = child.rpc().register(answer -> {
            told = Optional.of(all);
            result.complete(null);
        }, failure -> result.completeExceptionally(new IllegalStateException(reason(failure))), ANSWER_MILLIS,
            child.mainPid());
        if (tell(stream, all) == Peer.Sent.DROPPED) {
            child.rpc().failStream(stream);
        }
        return result;
    }

    /** It is in force now, or the one before still is: then main may know a name too many until the next one. */
    void decided(boolean done) {
        if (!done) {
            return;
        }
        inForce = wanted;
        // Where nothing is named, nothing was told by this controller, and what one before it said does little harm.
        if (!told.orElse(Set.of()).equals(inForce) && tell(0, inForce) != Peer.Sent.DROPPED) {
            told = Optional.of(inForce);
        }
    }

    private Peer.Sent tell(int stream, Set<String> names) {
        return child.main().send(Header.last(MessageType.LOG_NAMES, stream, child.self()),
            String.join(SEPARATOR, names).getBytes(StandardCharsets.UTF_8));
    }

    private static String reason(RpcFailure failure) {
        return failure.message().isPresent() ? failure.text() : "main did not take the names of the access logs";
    }
}
