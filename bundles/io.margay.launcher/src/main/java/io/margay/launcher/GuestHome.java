// SPDX-License-Identifier: Apache-2.0
package io.margay.launcher;

import io.margay.process.StartException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Enumeration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import org.osgi.framework.Bundle;

/**
 * A distribution made of the bundles of a foreign framework, from which the other processes start as they do at home.
 * It belongs to the account of main: others may read it, which the processes that have given up root must, and not
 * write to it, since main's children run what is in it as root at first.
 */
final class GuestHome {
    private static final String FRAMEWORK = "config/framework.properties";
    private static final String SYSTEM = "system/";

    private final Path path;
    private final Properties properties;
    private final Set<Long> bundles;

    private GuestHome(Path path, Properties properties, Set<Long> bundles) {
        this.path = path;
        this.properties = properties;
        this.bundles = bundles;
    }

    /**
     * Makes it.
     *
     * @param path a directory that is not there yet, in one that belongs to this account alone
     * @param from complete
     * @param made jars of bundles that there are already
     * @throws IOException when it cannot be made
     */
    static GuestHome make(Path path, GuestBundles from, GuestJars made) throws IOException {
        folder(path);
        Bundle kit = from.kit().orElseThrow();
        copy(kit, GuestBundles.folder(kit), path, "");
        Properties properties = new Properties();
        properties.load(new StringReader(Files.readString(path.resolve(FRAMEWORK))));
        folder(path.resolve(SYSTEM));
        Map<String, String> jars = new LinkedHashMap<>();
        for (Map.Entry<String, Bundle> entry : from.found().entrySet()) {
            Bundle bundle = entry.getValue();
            String jar = entry.getKey() + "-" + bundle.getVersion() + ".jar";
            Path file = path.resolve(SYSTEM + jar);
            made.place(bundle, file);
            readable(file, "rw-r--r--");
            jars.put(entry.getKey(), jar);
        }
        for (Map.Entry<String, Feature> feature : from.features().entrySet()) {
            Path file = path.resolve("features/" + feature.getKey() + ".json");
            Files.writeString(file, feature.getValue().text(from.found().entrySet().stream().collect(
                Collectors.toMap(Map.Entry::getKey, entry -> entry.getValue().getVersion().toString()))));
            readable(file, "rw-r--r--");
        }
        classPath(path.resolve("lib/launcher.jar"), new TreeSet<>(jars.values()));
        Set<Long> ids = new HashSet<>();
        from.found().values().forEach(bundle -> ids.add(bundle.getBundleId()));
        return new GuestHome(path, properties, ids);
    }

    private static void copy(Bundle kit, String folder, Path root, String below) throws IOException {
        Enumeration<String> entries = kit.getEntryPaths(folder + below);
        if (entries == null) {
            throw new StartException("bundle " + kit.getSymbolicName() + " has no folder \"" + folder + below + "\"");
        }
        while (entries.hasMoreElements()) {
            String entry = entries.nextElement();
            String name = entry.substring(folder.length());
            if (name.contains("..")) {
                throw new StartException("bundle " + kit.getSymbolicName() + " has the malformed entry " + entry);
            }
            Path target = root.resolve(name);
            if (entry.endsWith("/")) {
                folder(target);
                copy(kit, folder, root, name);
            } else {
                Files.write(target, GuestBundles.read(kit, entry));
                readable(target, name.endsWith(".so") ? "rwxr-xr-x" : "rw-r--r--");
            }
        }
    }

    private static void folder(Path path) throws IOException {
        Files.createDirectory(path);
        readable(path, "rwxr-xr-x");
    }

    /** Explicitly, since the umask may have taken bits away. */
    private static void readable(Path path, String mode) throws IOException {
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
    }

    /** The jar that holds nothing but the list of jars, as a distribution has it. */
    private static void classPath(Path file, Set<String> jars) throws IOException {
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().put(Attributes.Name.CLASS_PATH,
            jars.stream().map(jar -> "../" + SYSTEM + jar).collect(Collectors.joining(" ", "felix.jar ", "")));
        try (OutputStream out = Files.newOutputStream(file)) {
            new JarOutputStream(out, manifest).close();
        }
        readable(file, "rw-r--r--");
    }

    Path path() {
        return path;
    }

    /** {@return a property of the server; the JVM's wins, for tests and one-off changes} */
    Optional<String> property(String name) {
        return Optional.ofNullable(System.getProperty(name, properties.getProperty(name)));
    }

    /** {@return whether the processes have this bundle from their start} */
    boolean has(Bundle bundle) {
        return bundles.contains(bundle.getBundleId());
    }
}
