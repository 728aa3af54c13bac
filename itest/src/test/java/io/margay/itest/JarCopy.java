// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.function.BinaryOperator;
import java.util.function.Consumer;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import java.util.zip.Deflater;

/** A bundle of the distribution under another version. */
final class JarCopy {

    private JarCopy() {
    }

    /** {@return the file of a bundle in a folder of the distribution} */
    static Path original(String folder, String bundle) throws IOException {
        try (Stream<Path> files = Files.list(Distribution.HOME.resolve(folder))) {
            return files.filter(file -> file.getFileName().toString().startsWith(bundle + "-")).findFirst()
                .orElseThrow();
        }
    }

    /**
     * Writes a copy.
     *
     * @param content gives the content of an entry by its name and what it was, each byte a character
     */
    static void write(Path original, Path copy, String version, BinaryOperator<String> content) throws IOException {
        write(original, copy, version, headers -> { }, content);
    }

    /** The same with other headers. */
    static void write(Path original, Path copy, String version, Consumer<Attributes> headers,
            BinaryOperator<String> content) throws IOException {
        try (JarFile jar = new JarFile(original.toFile())) {
            Manifest manifest = jar.getManifest();
            manifest.getMainAttributes().putValue("Bundle-Version", version);
            headers.accept(manifest.getMainAttributes());
            try (OutputStream out = Files.newOutputStream(copy);
                JarOutputStream written = new JarOutputStream(out, manifest)) {
                Enumeration<JarEntry> entries = jar.entries();
                while (entries.hasMoreElements()) {
                    JarEntry entry = entries.nextElement();
                    if (!entry.getName().equals(JarFile.MANIFEST_NAME)) {
                        // Read at once and gone soon; what is packed inside gets no smaller.
                        written.setLevel(entry.getName().matches(".*\\.(jar|tgz)") ? Deflater.NO_COMPRESSION
                            : Deflater.BEST_SPEED);
                        written.putNextEntry(new JarEntry(entry.getName()));
                        try (InputStream in = jar.getInputStream(entry)) {
                            written.write(content.apply(entry.getName(), new String(in.readAllBytes(),
                                StandardCharsets.ISO_8859_1)).getBytes(StandardCharsets.ISO_8859_1));
                        }
                    }
                }
            }
        }
    }
}
