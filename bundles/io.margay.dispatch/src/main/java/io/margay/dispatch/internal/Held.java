// SPDX-License-Identifier: Apache-2.0
package io.margay.dispatch.internal;

import io.margay.dispatch.AppPool;
import io.margay.dispatch.WireFactory;
import java.util.Optional;

/** A pool and the configurations that have it; on the control thread. */
final class Held {

    /**
     * What a pool is made with besides its configuration.
     *
     * @param revision the installation of its language
     * @param wire the wire
     */
    record Made(int revision, WireFactory wire) {
    }

    final AppPool pool;
    /** What it was made with. */
    final Made made;
    /** The newest that was tried for the application. */
    private Made tried;
    private Optional<String> fault = Optional.empty();
    private int holders;

    Held(AppPool pool, Made made) {
        this.pool = pool;
        this.made = made;
        this.tried = made;
    }

    boolean isCurrent(Made newest) {
        return tried.equals(newest);
    }

    /** What is newer does not do for the application, for this reason. */
    void stays(Made newest, String reason) {
        tried = newest;
        fault = Optional.of(reason);
    }

    /** Why the application stays with this pool though something newer is there. */
    Optional<String> fault() {
        return fault;
    }

    void hold() {
        holders++;
    }

    /** Lets go; true when nobody holds it any more. */
    boolean letGo() {
        return --holders == 0;
    }
}
