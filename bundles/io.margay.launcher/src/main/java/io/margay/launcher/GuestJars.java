// SPDX-License-Identifier: Apache-2.0
package io.margay.launcher;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.stream.Stream;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;

/**
 * The jars that were made of the bundles of a foreign framework, for the next server in it: to make all of them takes
 * most of such a start. They lie in the storage that the framework has for the launcher, like the bundles themselves,
 * and count until the framework ends: what one that is started again has installed may be another thing in a file of
 * the same name and time. Without such storage each server has its own made. On one thread.
 */
final class GuestJars {
    private static final String FOLDER = "jars";
    private static final String ENDING = ".jar";
    private static final String UNFINISHED = ".new";

    private final Optional<Path> directory;

    private GuestJars(Optional<Path> directory) {
        this.directory = directory;
    }

    /** Those of a framework that runs now; others are removed. */
    static GuestJars of(BundleContext context) {
        String run = context.getProperty(Constants.FRAMEWORK_UUID);
        return new GuestJars(run == null ? Optional.empty() : folder(context).flatMap(folder -> prepare(folder, run)));
    }

    private static Optional<Path> folder(BundleContext context) {
        return Optional.ofNullable(context.getDataFile(FOLDER)).map(File::toPath);
    }

    private static Optional<Path> prepare(Path folder, String run) {
        Path directory = folder.resolve(run);
        try {
            if (!Files.isDirectory(directory)) {
                PrivateDirectory.remove(folder);
                Files.createDirectories(folder.getParent());
                PrivateDirectory.make(folder);
                PrivateDirectory.make(directory);
            }
            return Optional.of(directory);
        } catch (IOException e) {
            // A full or read-only disk there is no reason not to start: the home may be elsewhere.
            return Optional.empty();
        }
    }

    /** Removes all of them, since the launcher goes. */
    static void remove(BundleContext context) {
        folder(context).ifPresent(PrivateDirectory::remove);
    }

    /**
     * Puts the jar of a bundle somewhere.
     *
     * @param file not there yet
     * @throws IOException when the bundle cannot be read, or the file not be written
     */
    void place(Bundle bundle, Path file) throws IOException {
        Optional<Path> kept = directory.flatMap(jars -> keep(jars, bundle));
        if (kept.isEmpty()) {
            BundleJar.write(bundle, file);
            return;
        }
        try {
            Files.createLink(file, kept.get());
        } catch (IOException | UnsupportedOperationException e) {
            // Another file system, or one without links.
            Files.copy(kept.get(), file, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private static Optional<Path> keep(Path jars, Bundle bundle) {
        // The framework changes the time with each update.
        String name = bundle.getBundleId() + "-" + bundle.getLastModified() + ENDING;
        Path jar = jars.resolve(name);
        if (Files.exists(jar)) {
            return Optional.of(jar);
        }
        Path unfinished = jars.resolve(name + UNFINISHED);
        try {
            removeOlder(jars, bundle.getBundleId() + "-");
            BundleJar.write(bundle, unfinished);
            return Optional.of(Files.move(unfinished, jar, StandardCopyOption.ATOMIC_MOVE));
        } catch (IOException e) {
            // If it is the bundle, and not the disk, whoever makes the jar for itself is told of it.
            PrivateDirectory.remove(unfinished);
            return Optional.empty();
        }
    }

    private static void removeOlder(Path jars, String beginning) throws IOException {
        try (Stream<Path> files = Files.list(jars)) {
            for (Path file : files.filter(file -> file.getFileName().toString().startsWith(beginning)).toList()) {
                Files.delete(file);
            }
        }
    }
}
