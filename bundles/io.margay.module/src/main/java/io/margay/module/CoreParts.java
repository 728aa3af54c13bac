// SPDX-License-Identifier: Apache-2.0
package io.margay.module;

import java.util.Collection;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.osgi.annotation.versioning.ConsumerType;
import org.osgi.framework.Version;

/**
 * The bundles that controller and router consist of and that are no extensions: a codec's library, the routes, the
 * listeners. One of them is patched by a new process that has the newer jar, which takes the place of the one that
 * serves. On main's loop, unless a method says otherwise.
 */
@ConsumerType
public interface CoreParts {

    /**
     * A bundle of the distribution.
     *
     * @param jar name of its file there
     * @param version of the bundle there
     * @param processes kinds of the processes that have it and can be replaced; empty when only others have it
     */
    record Part(String jar, Version version, Set<String> processes) {

        /** Copies the set. */
        public Part {
            processes = Set.copyOf(processes);
        }
    }

    /**
     * The bundle of the distribution of a symbolic name; empty when there is none, or nothing can be replaced here.
     * Reads files; any thread.
     */
    Optional<Part> find(String name);

    /**
     * Puts a jar where the processes find it. Writes a file; any thread.
     *
     * @throws ModuleException when that is impossible
     */
    void prepare(ModuleRevision part);

    /** A jar is not needed any more. Deletes the file; any thread. */
    void discard(ModuleRevision part);

    /** Whether the processes are there that could be replaced. */
    boolean isReady();

    /**
     * Has processes run with exactly these newer jars from now on.
     *
     * @param parts what was prepared
     * @param processes the kinds that are begun anew for it, now; empty when none of them has been started yet
     * @return completes when they serve; fails with a {@link ModuleException}, and then those of before serve on, with
     *     what they had
     */
    CompletionStage<Void> use(Collection<ModuleRevision> parts, Set<String> processes);

    /** A process that is to take another's place cannot do what it has to: the other one serves on. */
    void refuse(int pid, String reason);

    /** Nothing can be replaced. */
    CoreParts NONE = new CoreParts() {
        @Override
        public Optional<Part> find(String name) {
            return Optional.empty();
        }

        @Override
        public void prepare(ModuleRevision part) {
            throw new ModuleException("no part of this server can be replaced");
        }

        @Override
        public void discard(ModuleRevision part) {
            // There is none.
        }

        @Override
        public boolean isReady() {
            return false;
        }

        @Override
        public CompletionStage<Void> use(Collection<ModuleRevision> parts, Set<String> processes) {
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public void refuse(int pid, String reason) {
            // None is replaced.
        }
    };
}
