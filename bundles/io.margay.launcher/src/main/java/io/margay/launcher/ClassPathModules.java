// SPDX-License-Identifier: Apache-2.0
package io.margay.launcher;

import java.io.File;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.connect.ConnectModule;
import org.osgi.framework.connect.ModuleConnector;

/**
 * Connects the bundles of the distribution, which the class path holds too, to the framework; all others, the modules
 * of the modules directory among them, are installed with class loaders of their own.
 */
final class ClassPathModules implements ModuleConnector {
    /** Begins the location of a bundle; the path of the jar follows. For "reference:" the framework asks nobody. */
    static final String SCHEME = "file:";

    private final List<String> folders;
    private final NewerParts parts;
    private final Optional<BundleNotes> notes;

    /** Takes the jars of some folders, and those that take the place of some of them; notes may know something. */
    ClassPathModules(List<Path> folders, NewerParts parts, Optional<BundleNotes> notes) {
        this.folders = folders.stream().map(folder -> SCHEME + folder + File.separator).toList();
        this.parts = parts;
        this.notes = notes;
    }

    @Override
    public void initialize(File storage, Map<String, String> configuration) {
        // Nothing is kept between starts.
    }

    @Override
    public Optional<ConnectModule> connect(String location) {
        return folders.stream().anyMatch(location::startsWith) || parts.has(location)
            ? Optional.of(new JarModule(Path.of(location.substring(SCHEME.length())), notes)) : Optional.empty();
    }

    @Override
    public Optional<BundleActivator> newBundleActivator() {
        return Optional.empty();
    }
}
