// SPDX-License-Identifier: Apache-2.0
package io.margay.module;

import io.margay.engine.EventLoop;
import io.margay.engine.Turns;
import io.margay.log.ErrorLog;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** What orders work with. */
record ModuleParts(EventLoop loop, Turns turns, SideThread worker, SideThread digester, ModuleSet set,
                   ModuleChanges changes, ModuleRoom room, ModuleBundles bundles, ModuleRollout rollout,
                   ModulePolicy policy, ModuleShelf shelf, ErrorLog journal) {

    /**
     * Completes on the loop when the digests of all modules are known, and those of some that are coming: the loop
     * must compute none.
     */
    CompletionStage<Void> digested(ModuleRevision... coming) {
        List<ModuleRevision> all = new ArrayList<>(List.of(coming));
        all.addAll(set.current());
        all.addAll(set.retained());
        return digester.blocking(() -> {
            all.forEach(ModuleRevision::digest);
            return null;
        });
    }
}
