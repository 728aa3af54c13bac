// SPDX-License-Identifier: Apache-2.0
package io.margay.unitctl;

import io.margay.testing.SchemaFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;

/** A distribution whose jars hold manifests and schema files, as those of the real bundles. */
final class TestHome {
    private TestHome() {
    }

    /** Makes one: languages in {@code modules}, all else in {@code system}. */
    static Path make(Path home) throws IOException {
        Files.createDirectories(home.resolve("system"));
        Files.createDirectories(home.resolve("modules"));
        try (Stream<Path> bundles = Files.list(SchemaFiles.bundles())) {
            for (Path bundle : bundles.filter(folder -> Files.exists(folder.resolve("bnd.bnd"))).toList()) {
                String name = bundle.getFileName().toString();
                boolean language = name.startsWith("io.margay.lang.");
                jar(bundle, home.resolve(language ? "modules" : "system").resolve(name + "-1.0.0.jar"));
            }
        }
        return home;
    }

    private static void jar(Path bundle, Path jar) throws IOException {
        // Continued lines of bnd files are one line of a manifest.
        List<String> headers = Files.readString(bundle.resolve("bnd.bnd")).replace("\\\n", "").lines()
            .filter(line -> line.startsWith("Margay-Schema:") || line.startsWith("Provide-Capability:")).toList();
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().putValue("Bundle-SymbolicName", bundle.getFileName().toString());
        for (String header : headers) {
            int colon = header.indexOf(':');
            manifest.getMainAttributes().putValue(header.substring(0, colon), header.substring(colon + 1).strip());
        }
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar), manifest)) {
            String schemas = manifest.getMainAttributes().getValue("Margay-Schema");
            for (String schema : schemas == null ? new String[0] : schemas.split(",")) {
                out.putNextEntry(new ZipEntry(schema.strip()));
                out.write(Files.readAllBytes(bundle.resolve("src/main/resources").resolve(schema.strip())));
                out.closeEntry();
            }
        }
    }
}
