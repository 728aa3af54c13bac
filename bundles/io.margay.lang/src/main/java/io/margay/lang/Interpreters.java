// SPDX-License-Identifier: Apache-2.0
package io.margay.lang;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Finds the programs of languages on this machine. */
public final class Interpreters {

    /** Where interpreters usually are, best first. */
    public static final List<Path> PLACES = List.of(Path.of("/usr/local/bin"), Path.of("/usr/bin"));

    private Interpreters() {
    }

    /**
     * The executable files of a kind; of several links to one file the first counts. What cannot be read is passed
     * over.
     *
     * @param places directories, best first; they need not exist
     * @param name what the whole name of the file has to look like
     */
    public static List<Path> find(List<Path> places, Pattern name) {
        Set<Object> seen = new HashSet<>();
        List<Path> found = new ArrayList<>();
        for (Path place : places) {
            for (Path candidate : candidates(place, name)) {
                if (identity(candidate).filter(seen::add).isPresent()) {
                    found.add(candidate);
                }
            }
        }
        return found;
    }

    private static List<Path> candidates(Path place, Pattern name) {
        if (!Files.isDirectory(place)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(place)) {
            return files.filter(file -> name.matcher(file.getFileName().toString()).matches())
                .filter(Files::isExecutable).sorted().toList();
        } catch (IOException | UncheckedIOException e) {
            // A directory that cannot be listed offers no interpreter.
            return List.of();
        }
    }

    private static Optional<Object> identity(Path candidate) {
        try {
            // Device and inode, since names may be links of either kind.
            return Optional.of(Files.readAttributes(candidate, BasicFileAttributes.class).fileKey());
        } catch (IOException e) {
            // A link to nothing.
            return Optional.empty();
        }
    }
}
