// SPDX-License-Identifier: Apache-2.0
package io.margay.launcher;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;

/**
 * Features that come into a framework of ours when somebody asks for them. Their own jars lie in a folder named after
 * the feature and are on no class path, so that nobody pays for them before. Thread-safe.
 */
final class DemandedFeatures {
    private final BundleContext context;
    private final Path home;

    DemandedFeatures(BundleContext context, Path home) {
        this.context = context;
        this.home = home;
    }

    /**
     * Installs what is not there, and starts all.
     *
     * @throws IOException when the feature file or a jar is missing or damaged
     * @throws BundleException when a bundle cannot be installed or started; those before it stay
     */
    synchronized void bring(String name) throws IOException, BundleException {
        List<Bundle> bundles = new ArrayList<>();
        for (Feature.Entry entry : Feature.read(home.resolve("features/" + name + ".json")).bundles()) {
            bundles.add(context.installBundle(location(name, entry)));
        }
        for (Bundle bundle : bundles) {
            bundle.start(Bundle.START_TRANSIENT | Bundle.START_ACTIVATION_POLICY);
        }
    }

    private String location(String feature, Feature.Entry entry) throws IOException {
        Path own = home.resolve(feature).resolve(entry.jar());
        if (Files.exists(own)) {
            return Home.FILE + own;
        }
        Optional<Path> shared = Stream.of("system", "console", "guest").map(folder ->
            home.resolve(folder).resolve(entry.jar())).filter(Files::exists).findFirst();
        Path jar = shared.orElseThrow(() -> new IOException("\"" + own + "\" is missing, but feature \"" + feature
            + "\" lists it"));
        return (jar.startsWith(home.resolve("system")) ? ClassPathModules.SCHEME : Home.FILE) + jar;
    }
}
