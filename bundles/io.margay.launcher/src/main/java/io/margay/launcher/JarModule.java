// SPDX-License-Identifier: Apache-2.0
package io.margay.launcher;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.jar.Attributes;
import java.util.jar.Manifest;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.osgi.framework.connect.ConnectContent;
import org.osgi.framework.connect.ConnectModule;

/**
 * A jar of the distribution as a bundle whose classes come from the class path of the JVM. Manifest, entries, services
 * and life cycle are the jar's; only the class loader is shared, since the boot cache keeps far more of what the class
 * path loads than of what a bundle's own loader does.
 */
final class JarModule implements ConnectModule, ConnectContent {
    private static final String MANIFEST = "META-INF/MANIFEST.MF";

    private final Path jar;
    private final Optional<BundleNotes> notes;
    /** When the jar was made that the framework knows; 0 before it does. */
    private long modified;

    /** With notes that may know its headers. */
    JarModule(Path jar, Optional<BundleNotes> notes) {
        this.jar = jar;
        this.notes = notes;
    }

    @Override
    public ConnectContent getContent() {
        return this;
    }

    @Override
    public Optional<Map<String, String>> getHeaders() {
        Optional<Map<String, String>> noted = notes.flatMap(known -> known.headers(jar));
        return noted.isPresent() ? noted : Optional.of(read());
    }

    private Map<String, String> read() {
        try (ZipFile file = file(); InputStream in = manifest(file)) {
            Map<String, String> headers = new LinkedHashMap<>();
            for (Map.Entry<Object, Object> header : new Manifest(in).getMainAttributes().entrySet()) {
                headers.put(((Attributes.Name) header.getKey()).toString(), (String) header.getValue());
            }
            return headers;
        } catch (IOException e) {
            throw new IllegalStateException("\"" + jar + "\" has no readable manifest: " + e.getMessage(), e);
        }
    }

    private static InputStream manifest(ZipFile file) throws IOException {
        ZipEntry entry = file.getEntry(MANIFEST);
        if (entry == null) {
            throw new IOException("no " + MANIFEST);
        }
        return file.getInputStream(entry);
    }

    /** Opened for each reading: a start reads little, and the class path has most jars open anyway. */
    private ZipFile file() throws IOException {
        if (jar.toFile().lastModified() != modified) {
            throw new IOException("it has been replaced since the start");
        }
        return new ZipFile(jar.toFile());
    }

    @Override
    public Iterable<String> getEntries() throws IOException {
        try (ZipFile file = file()) {
            return file.stream().map(ZipEntry::getName).toList();
        }
    }

    @Override
    public Optional<ConnectEntry> getEntry(String path) {
        try (ZipFile file = file()) {
            return Optional.ofNullable(file.getEntry(path)).map(Entry::new);
        } catch (IOException e) {
            throw new UncheckedIOException("\"" + jar + "\" cannot be opened: " + e.getMessage(), e);
        }
    }

    @Override
    public Optional<ClassLoader> getClassLoader() {
        return Optional.of(JarModule.class.getClassLoader());
    }

    @Override
    public void open() {
        modified = jar.toFile().lastModified();
    }

    @Override
    public void close() {
        // Nothing is open between readings.
    }

    /** One entry. */
    private final class Entry implements ConnectEntry {
        private final ZipEntry entry;

        Entry(ZipEntry entry) {
            this.entry = entry;
        }

        @Override
        public String getName() {
            return entry.getName();
        }

        @Override
        public long getContentLength() {
            return entry.getSize();
        }

        @Override
        public long getLastModified() {
            // Of the jar: an entry knows its time in no zone, and to find out ours costs each start some milliseconds.
            return modified;
        }

        @Override
        public InputStream getInputStream() throws IOException {
            try (ZipFile file = file(); InputStream in = file.getInputStream(entry)) {
                return new ByteArrayInputStream(in.readAllBytes());
            }
        }
    }
}
