// SPDX-License-Identifier: Apache-2.0
package io.margay.module;

import io.margay.conf.ConfObject;
import io.margay.posix.Fd;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Takes the orders of people about extension bundles, through whichever door they come: control API, tool, console,
 * shell. A service of main. From any thread; the stages complete on main's loop.
 */
@ProviderType
public interface ModuleAdmin {

    /** All modules by symbolic name: version, digest, where it comes from, what it adds, what a rollback puts back. */
    CompletionStage<ConfObject> list();

    /**
     * Carries an order out.
     *
     * @param order what is wanted
     * @param jar the bundle for {@link ModuleOrder.Verb#PUT}, in sealed memory of the size that the order names;
         owned by
     *     the callee
     * @return completes with the module as it is now; fails with {@link ModuleException}, and nothing has changed then
     */
    CompletionStage<ConfObject> order(ModuleOrder order, Optional<Fd> jar);
}
