// SPDX-License-Identifier: Apache-2.0
package io.margay.module;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import java.util.Collection;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.osgi.annotation.versioning.ConsumerType;

/** What main finds out with the code of extension bundles that it runs, and tells the others. On main's loop. */
@ConsumerType
public interface ModuleFacts {

    /**
     * A bundle has been started and may come to count.
     *
     * @param source names the bundle in the log: its file
     * @param module it is that
     * @param before the one whose place it takes
     * @return fails, the message being the reason, when it is of no use
     */
    CompletionStage<Void> examine(String source, ModuleRevision module, Optional<ModuleRevision> before);

    /** What the processes have to know of the bundles that count. */
    Conf facts(Collection<ModuleRevision> current);

    /** These bundles count from now on. */
    default void inForce(Collection<ModuleRevision> current) {
    }

    /** A bundle has gone, or has not come to count. */
    void forget(ModuleRevision module);

    /** Nothing is found out. */
    ModuleFacts NONE = new ModuleFacts() {
        @Override
        public CompletionStage<Void> examine(String source, ModuleRevision module, Optional<ModuleRevision> before) {
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public Conf facts(Collection<ModuleRevision> current) {
            return ConfArray.EMPTY;
        }

        @Override
        public void forget(ModuleRevision module) {
            // There is nothing to forget.
        }
    };
}
