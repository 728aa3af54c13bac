// SPDX-License-Identifier: Apache-2.0
package io.margay.store.internal;

import io.margay.store.Revisions;
import io.margay.store.StateDirectory;
import io.margay.store.StateStore;
import java.util.function.Consumer;
import org.osgi.service.component.annotations.Component;

/** Keeps the state in files. */
@Component
public final class FileStore implements StateStore {

    @Override
    public StateDirectory state(String path, String version, Consumer<String> alerts) {
        return new StateDirectory(path, version, alerts);
    }

    @Override
    public Revisions revisions(StateDirectory state, Revisions.Limits limits, Consumer<String> alerts) {
        return new Revisions(state.revisions(), limits, alerts);
    }
}
