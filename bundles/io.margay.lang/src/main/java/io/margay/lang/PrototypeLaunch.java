// SPDX-License-Identifier: Apache-2.0
package io.margay.lang;

import java.util.List;
import java.util.Map;

/**
 * The part of a prototype's start that its language knows. Who starts it adds privileges, isolation and the port
 * descriptors, and says every descriptor number in the environment variable {@code MARGAY_INIT}, a JSON object: each
 * {@link Resource} under its name, and {@code read}, {@code main}, {@code router}, {@code request}, {@code slots},
 * {@code name} (of the application), {@code version}, {@code parent} (main's pid) and {@code daemon}.
 *
 * @param argv path of the program as the application's root has it, then its arguments
 * @param environment the whole environment except {@code MARGAY_INIT}
 * @param resources contents that the program reads from inherited descriptors, because the application's root may not
 *     hold them
 */
public record PrototypeLaunch(List<String> argv, Map<String, String> environment, List<Resource> resources) {

    /** Copies the collections. */
    public PrototypeLaunch {
        argv = List.copyOf(argv);
        environment = Map.copyOf(environment);
        resources = List.copyOf(resources);
    }

    /**
     * Bytes to be passed as a sealed memory file.
     *
     * @param name member of {@code MARGAY_INIT} that holds the descriptor's number
     * @param content the bytes; not copied, not to be changed
     */
    public record Resource(String name, byte[] content) {
    }
}
