// SPDX-License-Identifier: Apache-2.0
package io.margay.launcher;

import io.margay.process.ProcessContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import org.osgi.framework.Constants;

/** Finds out of which jars the processes of the distribution consist. Looked up when somebody brings a newer one. */
final class DistributionParts {

    private static final List<String> KINDS = List.of("main", "controller", "router");

    private DistributionParts() {
    }

    /**
     * {@return the bundle of a symbolic name that the feature files list}
     *
     * @throws IOException when a feature file or a jar cannot be read
     */
    static Optional<ProcessContext.Part> find(Path home, String name) throws IOException {
        Map<String, Set<String>> jars = new LinkedHashMap<>();
        for (String kind : KINDS) {
            for (Feature.Entry entry : Feature.read(home.resolve("features/" + kind + ".json")).bundles()) {
                jars.computeIfAbsent(entry.jar(), jar -> new LinkedHashSet<>()).add(kind);
            }
        }
        for (Map.Entry<String, Set<String>> jar : jars.entrySet()) {
            Path file = home.resolve("system").resolve(jar.getKey());
            Optional<Attributes> headers = Files.exists(file) ? headers(file) : Optional.empty();
            if (headers.map(all -> all.getValue(Constants.BUNDLE_SYMBOLICNAME)).filter(text ->
                    text.split(";", 2)[0].strip().equals(name)).isPresent()) {
                return Optional.of(new ProcessContext.Part(jar.getKey(),
                    headers.get().getValue(Constants.BUNDLE_VERSION), jar.getValue()));
            }
        }
        return Optional.empty();
    }

    private static Optional<Attributes> headers(Path jar) throws IOException {
        try (JarFile file = new JarFile(jar.toFile(), false)) {
            return Optional.ofNullable(file.getManifest()).map(Manifest::getMainAttributes);
        }
    }
}
