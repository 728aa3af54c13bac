// SPDX-License-Identifier: Apache-2.0
package io.margay.isolation;

import java.util.List;
import java.util.stream.Collectors;

/**
 * One line of a uid or gid map (spec/isolation.md §5).
 *
 * @param container first id inside the namespace
 * @param host first id outside
 * @param size number of ids
 */
public record IdMap(long container, long host, long size) {

    /** Whether the id inside the namespace is covered. */
    public boolean contains(long id) {
        return container <= id && id - container < size;
    }

    /** The lines that the kernel reads: separated by newlines, none at the end. */
    public static String lines(List<IdMap> maps) {
        return maps.stream()
            .map(map -> map.container + " " + map.host + " " + map.size)
            .collect(Collectors.joining("\n"));
    }
}
