// SPDX-License-Identifier: Apache-2.0
package io.margay.launcher;

import java.io.File;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Jars with which this process runs in the place of those that have their names in the distribution. They come before
 * all others on the class path, so that their classes are the ones that are found.
 */
final class NewerParts {

    /** The system property with their paths. */
    static final String PROPERTY = "margay.parts";

    private final Map<String, Path> jars = new LinkedHashMap<>();

    private NewerParts(String text) {
        for (String path : text.split(File.pathSeparator)) {
            if (!path.isEmpty()) {
                Path jar = Path.of(path);
                jars.put(jar.getFileName().toString(), jar);
            }
        }
    }

    /** {@return those of this JVM} */
    static NewerParts own() {
        return of(System.getProperty(PROPERTY, ""));
    }

    /** {@return what a property says} */
    static NewerParts of(String text) {
        return new NewerParts(text);
    }

    /** {@return the value of the property} */
    static String text(List<Path> jars) {
        return jars.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator));
    }

    /** {@return the class path of a JVM with them} */
    static String classPath(List<Path> jars, Path launcher) {
        return jars.isEmpty() ? launcher.toString() : text(jars) + File.pathSeparator + launcher;
    }

    /** {@return the one that takes the place of a file of the distribution} */
    Optional<Path> find(String name) {
        return Optional.ofNullable(jars.get(name));
    }

    /** {@return whether there are none} */
    boolean isEmpty() {
        return jars.isEmpty();
    }

    /** {@return whether a bundle with this location is one of them} */
    boolean has(String location) {
        return location.startsWith(ClassPathModules.SCHEME)
            && jars.containsValue(Path.of(location.substring(ClassPathModules.SCHEME.length())));
    }
}
