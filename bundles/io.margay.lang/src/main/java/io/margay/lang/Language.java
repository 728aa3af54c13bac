// SPDX-License-Identifier: Apache-2.0
package io.margay.lang;

import java.util.List;
import java.util.Optional;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * A language, registered as a service by its bundle. Methods are called by any thread and do not block, except
 * {@link #probes} and {@link #launch}, which may look at the file system.
 */
@ConsumerType
public interface Language {

    /** Requests that a process is given at a time, unless its language or its application says otherwise. */
    int CONCURRENCY = 64;

    /** The word in the configuration's {@code type}, {@code python}. */
    String type();

    /** Name of the wire by which requests travel to its processes, as {@code port}. */
    String wire();

    /** Name of the wire of one application, where its options decide on it. */
    default String wire(AppSpec app) {
        return wire();
    }

    /** One probe for each candidate that exists on this machine, best first; none when the language is missing. */
    List<Probe> probes();

    /**
     * Describes the start of a process of an application: its prototype, or, where there is none, its worker.
     *
     * @param app the application
     * @param module the version to use
     * @param launch takes the description; its environment is the server's own, which applications inherit
     *     ({@code spec/isolation.md §10})
     */
    void launch(AppSpec app, InstalledModule module, Launch.Builder launch);

    /**
     * Name of a header field in which a wire that carries HTTP tells where a request came from: the scheme, the
     * client's address, the local address and the local port, separated by one space each; what does not exist is "-".
     * A field of that name that a client sends does not arrive. Empty when the processes want none.
     */
    default Optional<String> clientField() {
        return Optional.empty();
    }

    /** Requests that a process of an application is given at a time by a wire that carries HTTP. */
    default int concurrency(AppSpec app) {
        return (int) Math.max(1, Math.min(app.conf().integer("concurrency", CONCURRENCY), Integer.MAX_VALUE));
    }

    /**
     * A new encoder for the requests of an application, to be used by one thread. Languages whose wire has a form of
     * its own for requests need none.
     */
    default RequestEncoder encoder(AppSpec app) {
        throw new UnsupportedOperationException("applications of type \"" + type() + "\" have no encoder");
    }
}
