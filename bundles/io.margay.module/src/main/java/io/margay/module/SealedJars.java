// SPDX-License-Identifier: Apache-2.0
package io.margay.module;

import io.margay.posix.Fd;
import io.margay.posix.Files;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.List;
import java.util.TreeSet;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.osgi.framework.Bundle;

/** The jars of main: each is kept once, as long as one installation holds it. For any thread. */
final class SealedJars {

    /** An extension holds a runtime shim and a few classes; far more is a mistake. */
    static final int MAX_SIZE = ModuleOrder.MAX_JAR;

    private static final String MANIFEST = "META-INF/MANIFEST.MF";
    private static final String SIGNATURES = "META-INF/";

    private final List<SealedJar> jars = new ArrayList<>();
    /** Set once; a thread may still be reading the directory then. */
    private boolean ending;

    /**
     * Reads a file; who gets the jar releases it once.
     *
     * @throws ModuleException when it cannot be read or is too large
     */
    SealedJar read(Path file) {
        // Not by a channel: it would keep native memory of that size for the thread.
        try (InputStream in = new FileInputStream(file.toFile())) {
            return keep(in);
        } catch (IOException e) {
            throw new ModuleException("it cannot be read: " + e, e);
        }
    }

    /**
     * Makes a jar of what a bundle that somebody else has installed holds.
     *
     * @throws ModuleException when it cannot be read or is too large
     */
    SealedJar read(Bundle bundle) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            TreeSet<String> entries = new TreeSet<>();
            collect(bundle, "/", entries);
            // Whoever reads a jar as a stream wants the manifest first.
            entries.remove(MANIFEST);
            add(bundle, MANIFEST, zip);
            for (String entry : entries) {
                add(bundle, entry, zip);
                if (bytes.size() > MAX_SIZE) {
                    throw new ModuleException("it is larger than " + MAX_SIZE + " bytes");
                }
            }
        } catch (IOException | IllegalStateException e) {
            throw new ModuleException("its content cannot be read: " + e, e);
        }
        try {
            return keep(new ByteArrayInputStream(bytes.toByteArray()));
        } catch (IOException e) {
            throw new ModuleException("its content cannot be kept: " + e, e);
        }
    }

    private static void collect(Bundle bundle, String folder, TreeSet<String> entries) {
        Enumeration<String> paths = bundle.getEntryPaths(folder);
        while (paths != null && paths.hasMoreElements()) {
            String path = paths.nextElement();
            if (path.endsWith("/")) {
                collect(bundle, path, entries);
            } else if (!path.startsWith(SIGNATURES) || !path.endsWith(".SF")) {
                entries.add(path);
            }
        }
    }

    private static void add(Bundle bundle, String path, ZipOutputStream zip) throws IOException {
        URL url = bundle.getEntry(path);
        if (url == null) {
            throw new IOException("no entry " + path);
        }
        ZipEntry entry = new ZipEntry(path);
        // The same content makes the same digest.
        entry.setTime(0);
        // What is compressed already would cost most of a start, and get no smaller.
        zip.setLevel(path.endsWith(".jar") ? Deflater.NO_COMPRESSION : Deflater.BEST_SPEED);
        zip.putNextEntry(entry);
        try (InputStream in = url.openStream()) {
            in.transferTo(zip);
        }
        zip.closeEntry();
    }

    /**
     * Keeps what a stream holds; the same bytes are kept once. They go through a buffer, since a heap that has held a
     * whole bundle stays large.
     */
    private synchronized SealedJar keep(InputStream in) throws IOException {
        Fd memory = Files.sealedMemory("module", in, MAX_SIZE);
        SealedJar fresh = new SealedJar((int) Files.status(memory.number()).size(), memory);
        for (SealedJar known : jars) {
            if (known.size() == fresh.size() && known.digest().equals(fresh.digest())) {
                fresh.close();
                known.hold();
                return known;
            }
        }
        if (ending) {
            fresh.close();
            throw new ModuleException("the server is stopping");
        }
        jars.add(fresh);
        return fresh;
    }

    /**
     * Keeps what sealed memory holds, and closes it.
     *
     * @throws ModuleException when it cannot be read or is too large
     */
    SealedJar keep(Fd memory) {
        try (memory) {
            return read(Path.of("/proc/self/fd/" + memory.number()));
        }
    }

    /** One holder less; the last one lets the memory go. */
    synchronized void release(SealedJar jar) {
        if (jar.release(!ending)) {
            jars.remove(jar);
        }
    }

    /** Keeps no more from now on, and of those that are released nothing is told. */
    synchronized void end() {
        ending = true;
    }

    /** Lets go of all of them, whoever holds them: nothing uses them any more. Keeps none from now on. */
    synchronized void close() {
        ending = true;
        jars.forEach(SealedJar::close);
        jars.clear();
    }

    /** How many different ones are kept. */
    synchronized int size() {
        return jars.size();
    }
}
