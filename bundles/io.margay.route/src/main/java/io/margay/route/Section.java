// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import io.margay.conf.Conf;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * One compiled part of one configuration, such as its applications or its access log. Its life: compiled, started,
 * then either committed or closed (the configuration was refused), and closed when the last request that entered with
 * its configuration is gone. All methods are called on the control thread; none may block it.
 */
@ConsumerType
public interface Section extends AutoCloseable {

    /** A section that holds nothing. */
    Section NONE = () -> { };

    /**
     * Makes the section fit to serve, before any request meets it; sections start one after the other, in the order of
     * their pointers. A failure refuses the whole configuration, its message is shown to the user. The stage may
     * complete on any thread.
     */
    default CompletionStage<Void> start() {
        return CompletableFuture.completedStage(null);
    }

    /** The configuration is in force: from here on the section may end what its predecessor has and it has not. */
    default void commit() {
    }

    /** What {@code GET /status} shows of it, under the last segment of its pointer; empty for nothing. */
    default Optional<Conf> status() {
        return Optional.empty();
    }

    /**
     * Gives back what the section holds. What a successor has taken over is that one's. Called once, with or without
     * {@link #start} and {@link #commit} before it, also while {@link #start} is under way.
     */
    @Override
    void close();
}
