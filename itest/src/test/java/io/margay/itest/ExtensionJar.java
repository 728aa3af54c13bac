// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import org.osgi.framework.BundleActivator;

/** The jar of an extension that exists only in tests: the classes of one package, with any manifest and schema. */
final class ExtensionJar {

    private static final String SCHEMA = "OSGI-INF/margay/schema.json";

    private final Map<String, String> headers = new TreeMap<>(Map.of("Bundle-ManifestVersion", "2"));
    private final Class<? extends BundleActivator> activator;
    private String schema = "";

    ExtensionJar(Class<? extends BundleActivator> activator, String name, String version) {
        this.activator = activator;
        header("Bundle-SymbolicName", name).header("Bundle-Version", version)
            .header("Bundle-Activator", activator.getName());
    }

    /** With a header; an empty one is left out. */
    ExtensionJar header(String name, String value) {
        headers.put(name, value);
        return this;
    }

    /** With options. */
    ExtensionJar schema(String json) {
        schema = json;
        return header("Margay-Schema", SCHEMA);
    }

    /** Writes it beside its place, and then moves it there. */
    void moveTo(Path file) throws IOException {
        Manifest manifest = new Manifest();
        Attributes attributes = manifest.getMainAttributes();
        attributes.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        headers.forEach((header, value) -> {
            if (!value.isEmpty()) {
                attributes.putValue(header, value);
            }
        });
        Path aside = file.resolveSibling(file.getFileName() + ".tmp");
        try (OutputStream out = Files.newOutputStream(aside); JarOutputStream jar = new JarOutputStream(out,
                manifest)) {
            if (!schema.isEmpty()) {
                entry(jar, SCHEMA, schema.getBytes(StandardCharsets.UTF_8));
            }
            for (String name : classes()) {
                try (InputStream code = activator.getResourceAsStream("/" + name)) {
                    entry(jar, name, code.readAllBytes());
                }
            }
        }
        Files.move(aside, file, StandardCopyOption.ATOMIC_MOVE);
    }

    private static void entry(JarOutputStream jar, String name, byte[] content) throws IOException {
        jar.putNextEntry(new JarEntry(name));
        jar.write(content);
        jar.closeEntry();
    }

    private List<String> classes() throws IOException {
        String folder = activator.getPackageName().replace('.', '/') + "/";
        Path place = Path.of(activator.getProtectionDomain().getCodeSource().getLocation().getPath());
        if (Files.isRegularFile(place)) {
            try (JarFile jar = new JarFile(place.toFile())) {
                return jar.stream().map(JarEntry::getName)
                    .filter(name -> name.startsWith(folder) && name.endsWith(".class")).toList();
            }
        }
        try (Stream<Path> files = Files.list(place.resolve(folder))) {
            return files.map(file -> folder + file.getFileName()).toList();
        }
    }
}
