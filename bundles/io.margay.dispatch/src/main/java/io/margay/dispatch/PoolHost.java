// SPDX-License-Identifier: Apache-2.0
package io.margay.dispatch;

import io.margay.engine.EventLoop;
import io.margay.lang.Language;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * What the process that serves clients gives to the pools of its applications; that process registers the service.
 * Called on its control thread.
 */
@ConsumerType
public interface PoolHost {

    /**
     * A language as it is installed now.
     *
     * @param language the service
     * @param revision names the installation of its bundle
     */
    record Installed(Language language, int revision) {
    }

    /**
     * A wire as it is installed now.
     *
     * @param factory the service
     * @param revision names the installation of its bundle; 0 for one that is part of the process
     */
    record InstalledWire(WireFactory factory, int revision) {
    }

    /** Runs tasks on the control thread. */
    Executor control();

    /** The loop on which processes are managed; none that serves clients. */
    EventLoop home();

    /** The loops that serve clients, in the order of their indexes. */
    List<EventLoop> loops();

    /** The newest installation for a configured type, as {@code python 3.11}. */
    Optional<Installed> language(String type);

    /** The newest installation of a wire. */
    Optional<InstalledWire> wire(String name);

    /**
     * How long the processes of an application are kept ready for a way back when they were replaced since only their
     * language or wire is newer; milliseconds, 0 for not at all.
     */
    default long parkMillis() {
        return 0;
    }

    /** Orders processes for pools that use one installation of a language. */
    ProcessControl processes(int revision);

    /** A pool works with these installations from now on, which are not to go before {@link #released}. */
    void using(AppPool pool, Set<Integer> revisions);

    /** A pool has ended. */
    void released(AppPool pool);
}
