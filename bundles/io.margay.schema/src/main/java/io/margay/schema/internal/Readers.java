// SPDX-License-Identifier: Apache-2.0
package io.margay.schema.internal;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.osgi.framework.Bundle;
import org.osgi.framework.wiring.BundleCapability;
import org.osgi.framework.wiring.BundleRevision;

/**
 * Who reads options now ({@code reader} in schema files): what installed bundles say that they bring, and, once the
 * router has told, what it has found working of the kinds that are its own. A reader without a kind is a part of every
 * server. For any thread.
 */
final class Readers {
    private static final String NAMESPACE = "io.margay.extension";
    private static final Set<String> ROUTER = Set.of("action", "filter", "target", "section", "observer",
        "certificate");

    private final Map<Bundle, Set<String>> installed = new HashMap<>();
    private Optional<Set<String>> told = Optional.empty();

    /** Takes what a bundle brings; true when there is anything. */
    synchronized boolean add(Bundle bundle) {
        Set<String> brings = new HashSet<>();
        BundleRevision revision = bundle.adapt(BundleRevision.class);
        if (revision != null) {
            for (BundleCapability capability : revision.getDeclaredCapabilities(NAMESPACE)) {
                brings.add(capability.getAttributes().get("kind") + ":" + capability.getAttributes().get("name"));
            }
        }
        if (brings.isEmpty()) {
            return installed.remove(bundle) != null;
        }
        installed.put(bundle, brings);
        return true;
    }

    synchronized boolean remove(Bundle bundle) {
        return installed.remove(bundle) != null;
    }

    /** Takes what the router reads from now on. */
    synchronized void told(Set<String> readers) {
        told = Optional.of(Set.copyOf(readers));
    }

    synchronized boolean reads(String reader) {
        int colon = reader.indexOf(':');
        if (colon < 0) {
            return true;
        }
        if (told.isPresent() && (told.get().contains(reader) || ROUTER.contains(reader.substring(0, colon)))) {
            return told.get().contains(reader);
        }
        return installed.values().stream().anyMatch(brings -> brings.contains(reader));
    }
}
