// SPDX-License-Identifier: Apache-2.0
package io.margay.launcher;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where the bundles of a feature lie.
 *
 * @param role names the feature
 * @param parts jars that take the place of those of the distribution
 * @param console what has jars that only a console needs, if there is one
 * @param anyVersion whether a bundle brings the kind of this process, which need not know the versions here
 */
record BundleFiles(Path home, String role, NewerParts parts, Optional<ConsoleOption> console, boolean anyVersion) {

    /**
     * {@return where a bundle is installed from}
     *
     * @throws IOException when it is missing
     */
    String location(Feature.Entry entry) throws IOException {
        Path system = home.resolve("system");
        Path jar = parts.find(entry.jar()).orElse(system.resolve(entry.jar()));
        if (!Files.exists(jar) && console.isPresent()) {
            // Not on the class path, so that a server without a console knows nothing of it.
            Optional<Path> beside = console.get().jar(entry.jar());
            if (beside.isPresent()) {
                return (console.get().linked().isEmpty() ? Home.FILE : ClassPathModules.SCHEME) + beside.get();
            }
        }
        if (!Files.exists(jar) && anyVersion) {
            try (DirectoryStream<Path> files = Files.newDirectoryStream(system, entry.artifact() + "-[0-9]*.jar")) {
                for (Path file : files) {
                    jar = file;
                }
            }
        }
        if (!Files.exists(jar)) {
            throw new IOException("\"" + jar + "\" is missing, but feature \"" + role + "\" lists it");
        }
        return ClassPathModules.SCHEME + jar;
    }
}
