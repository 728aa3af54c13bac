// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import io.margay.conf.ConfNull;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfPointer;
import io.margay.http.PeerAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Predicate;

/** Whose connections to listeners tell more than their socket does. */
public final class ListenerSources {

    private ListenerSources() {
    }

    /**
     * Reads an object of listeners that holds address patterns ({@code spec/routing.md §4.3}) by the name
     * {@code source}.
     *
     * @param listeners by their addresses
     * @param option the object
     * @return by address of those that have it
     * @throws RouteException if a pattern is invalid
     */
    public static Map<String, Predicate<PeerAddress>> of(ConfObject listeners, String option) {
        Map<String, Predicate<PeerAddress>> sources = new HashMap<>();
        listeners.members().keySet().forEach(address -> listeners.object(address).flatMap(all -> all.object(option))
            .flatMap(object -> object.get("source")).filter(source -> !(source instanceof ConfNull))
            .ifPresent(source -> sources.put(address, AddressMatch.compile(source, ConfPointer.ROOT.child("listeners")
                .child(address).child(option).child("source"))::test)));
        return sources;
    }
}
