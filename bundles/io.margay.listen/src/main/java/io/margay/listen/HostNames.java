// SPDX-License-Identifier: Apache-2.0
package io.margay.listen;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Which of several certificates a client gets that names a host ({@code spec/routing.md §14}): the exact name goes
 * before a wildcard, which stands for one label; the first certificate serves all other clients.
 */
final class HostNames {
    private final Map<String, Integer> places = new HashMap<>();

    /**
     * Reads the names of certificates in the order of the configuration.
     *
     * @param names of each certificate, in lower case
     * @param warnings takes lines for the log
     */
    HostNames(List<List<String>> names, Consumer<String> warnings) {
        for (int place = 0; place < names.size(); place++) {
            for (String name : names.get(place)) {
                add(name, place, warnings);
            }
        }
    }

    private void add(String name, int place, Consumer<String> warnings) {
        if (name.startsWith("*") && !name.startsWith("*.") || name.isEmpty()) {
            warnings.accept("ignored invalid name \"" + name
                + "\" in a certificate, missing \".\" after wildcard symbol");
            return;
        }
        Integer earlier = places.putIfAbsent(name.startsWith("*") ? name.substring(1) : name, place);
        if (earlier != null && earlier != place) {
            warnings.accept("ignored duplicate name \"" + name + "\" in a certificate, an identical name appears in a "
                + "preceding one");
        }
    }

    /** The place of the certificate for a host; an empty name is none. */
    int place(String host) {
        if (host.isEmpty() || host.charAt(0) == '.') {
            return 0;
        }
        String name = host.toLowerCase(Locale.ROOT);
        Integer exact = places.get(name);
        if (exact != null) {
            return exact;
        }
        int dot = name.indexOf('.');
        return dot < 0 ? 0 : places.getOrDefault(name.substring(dot), 0);
    }
}
