// SPDX-License-Identifier: Apache-2.0
package io.margay.launcher;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.TreeSet;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.osgi.framework.Bundle;

/**
 * Makes a jar of what an installed bundle holds. The place that it was installed from is no help: the file there may
 * be gone or another one by now.
 */
final class BundleJar {
    private static final String MANIFEST = "META-INF/MANIFEST.MF";
    private static final int BUFFER = 64 * 1024;

    private BundleJar() {
    }

    /**
     * Writes the jar. It is stored and not compressed, since it is read at once and gone soon.
     *
     * @throws IOException when the bundle cannot be read, or the file not be written
     */
    static void write(Bundle bundle, Path file) throws IOException {
        TreeSet<String> entries = new TreeSet<>();
        collect(bundle, "/", entries);
        // Whoever reads a jar as a stream wants the manifest first.
        entries.remove(MANIFEST);
        // Headers of entries are written byte by byte.
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), BUFFER);
            ZipOutputStream zip = new ZipOutputStream(out)) {
            add(bundle, MANIFEST, zip);
            for (String entry : entries) {
                add(bundle, entry, zip);
            }
        } catch (IllegalStateException e) {
            throw new IOException("bundle " + bundle.getSymbolicName() + " has been uninstalled", e);
        }
    }

    private static void collect(Bundle bundle, String folder, TreeSet<String> entries) {
        Enumeration<String> paths = bundle.getEntryPaths(folder);
        while (paths != null && paths.hasMoreElements()) {
            String path = paths.nextElement();
            if (path.endsWith("/")) {
                collect(bundle, path, entries);
            } else if (!path.startsWith("META-INF/") || !path.endsWith(".SF")) {
                // What was signed is the jar that it came in.
                entries.add(path);
            }
        }
    }

    private static void add(Bundle bundle, String path, ZipOutputStream zip) throws IOException {
        URL url = bundle.getEntry(path);
        if (url == null) {
            throw new IOException("bundle " + bundle.getSymbolicName() + " has no entry \"" + path + "\"");
        }
        byte[] content;
        try (InputStream in = url.openStream()) {
            content = in.readAllBytes();
        }
        CRC32 sum = new CRC32();
        sum.update(content);
        ZipEntry entry = new ZipEntry(path);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(content.length);
        entry.setCrc(sum.getValue());
        zip.putNextEntry(entry);
        zip.write(content);
        zip.closeEntry();
    }
}
