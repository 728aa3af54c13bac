// SPDX-License-Identifier: Apache-2.0
package io.margay.main.internal;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What is new in the directory of the language modules. A jar counts only when two looks in a row saw the same size
 * and time of change, so that a file still being copied is left alone. One thread at a time.
 */
final class ModulesDirectory {
    private record Stamp(long size, long modified, Object key) {
    }

    /**
     * Differences since the last look.
     *
     * @param added jars that were not there, by name
     * @param changed jars with other content
     * @param removed jars that are gone
     */
    record Changes(List<Path> added, List<Path> changed, List<Path> removed) {
        boolean isEmpty() {
            return added.isEmpty() && changed.isEmpty() && removed.isEmpty();
        }
    }

    private final Path directory;
    private final Map<Path, Stamp> seen = new HashMap<>();
    private final Map<Path, Stamp> settled = new HashMap<>();

    ModulesDirectory(Path directory) {
        this.directory = directory;
    }

    Path path() {
        return directory;
    }

    /**
     * The first look: what lies there when the server starts is complete.
     *
     * @return the jars in the order of their names; none when the directory cannot be read
     */
    List<Path> first() throws IOException {
        Map<Path, Stamp> now = list();
        seen.putAll(now);
        settled.putAll(now);
        return now.keySet().stream().sorted().toList();
    }

    /** Looks again. An unreadable directory counts as unchanged: nothing in use is given up for it. */
    Changes look() {
        Map<Path, Stamp> now;
        try {
            now = list();
        } catch (IOException e) {
            return new Changes(List.of(), List.of(), List.of());
        }
        List<Path> added = new ArrayList<>();
        List<Path> changed = new ArrayList<>();
        now.forEach((file, stamp) -> {
            if (stamp.equals(seen.get(file)) && !stamp.equals(settled.get(file))) {
                (settled.containsKey(file) ? changed : added).add(file);
                settled.put(file, stamp);
            }
        });
        Set<Path> removed = new HashSet<>(settled.keySet());
        removed.removeAll(now.keySet());
        settled.keySet().removeAll(removed);
        seen.clear();
        seen.putAll(now);
        return new Changes(sorted(added), sorted(changed), sorted(new ArrayList<>(removed)));
    }

    private Map<Path, Stamp> list() throws IOException {
        Map<Path, Stamp> now = new HashMap<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*.jar")) {
            for (Path file : files) {
                BasicFileAttributes attributes;
                try {
                    attributes = Files.readAttributes(file, BasicFileAttributes.class);
                } catch (IOException e) {
                    continue; // gone between the two calls: the next look reports it
                }
                if (attributes.isRegularFile()) {
                    now.put(file, new Stamp(attributes.size(), attributes.lastModifiedTime().toMillis(),
                        attributes.fileKey()));
                }
            }
        }
        return now;
    }

    private static List<Path> sorted(List<Path> files) {
        files.sort(null);
        return files;
    }
}
