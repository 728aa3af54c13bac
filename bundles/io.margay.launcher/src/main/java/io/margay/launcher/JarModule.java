// SPDX-License-Identifier: Apache-2.0
package io.margay.launcher;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Iterator;
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
    private ZipFile file;
    private long modified;
    /** Time of the jar when its headers came from notes; 0 when they did not. */
    private long seen;

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
        if (noted.isEmpty()) {
            return Optional.of(read());
        }
        seen = jar.toFile().lastModified();
        return noted;
    }

    private Map<String, String> read() {
        try (InputStream in = open(MANIFEST)) {
            Map<String, String> headers = new LinkedHashMap<>();
            for (Map.Entry<Object, Object> header : new Manifest(in).getMainAttributes().entrySet()) {
                headers.put(((Attributes.Name) header.getKey()).toString(), (String) header.getValue());
            }
            return headers;
        } catch (IOException e) {
            throw new IllegalStateException("\"" + jar + "\" has no readable manifest: " + e.getMessage(), e);
        }
    }

    private InputStream open(String name) throws IOException {
        ZipEntry entry = file().getEntry(name);
        if (entry == null) {
            throw new IOException("no " + name);
        }
        return file().getInputStream(entry);
    }

    /** Opened when something of it is read, since a start reads little. */
    private synchronized ZipFile file() throws IOException {
        if (file == null) {
            modified = jar.toFile().lastModified();
            if (seen != 0 && seen != modified) {
                throw new IOException("it has been replaced since the start");
            }
            file = new ZipFile(jar.toFile());
        }
        return file;
    }

    @Override
    public Iterable<String> getEntries() throws IOException {
        Iterator<String> names = file().stream().map(ZipEntry::getName).iterator();
        return () -> names;
    }

    @Override
    public Optional<ConnectEntry> getEntry(String path) {
        ZipEntry entry;
        try {
            entry = file().getEntry(path);
        } catch (IOException e) {
            throw new UncheckedIOException("\"" + jar + "\" cannot be opened: " + e.getMessage(), e);
        }
        return entry == null ? Optional.empty() : Optional.of(new Entry(entry));
    }

    @Override
    public Optional<ClassLoader> getClassLoader() {
        return Optional.of(JarModule.class.getClassLoader());
    }

    @Override
    public void open() {
        // When it is needed.
    }

    @Override
    public synchronized void close() throws IOException {
        if (file != null) {
            file.close();
            file = null;
        }
    }

    /** One entry; the framework reads it while the content is open. */
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
            return file().getInputStream(entry);
        }
    }
}
