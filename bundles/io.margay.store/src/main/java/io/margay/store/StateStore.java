// SPDX-License-Identifier: Apache-2.0
package io.margay.store;

import java.util.function.Consumer;
import org.osgi.annotation.versioning.ProviderType;

/** Where the state of a server is kept, as a service of the bundle. Nothing is looked at before it is used. */
@ProviderType
public interface StateStore {

    /**
     * The state directory of a server.
     *
     * @param path absolute, need not exist yet
     * @param version of the server, written beside the configuration
     * @param alerts takes a line for what could not be read or written and is not fatal
     */
    StateDirectory state(String path, String version, Consumer<String> alerts);

    /**
     * The configurations of before in a state directory.
     *
     * @param state where
     * @param limits how many and how large
     * @param alerts takes a line for what could not be read or written
     */
    Revisions revisions(StateDirectory state, Revisions.Limits limits, Consumer<String> alerts);
}
