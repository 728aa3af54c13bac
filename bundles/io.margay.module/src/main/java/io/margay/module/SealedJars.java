// SPDX-License-Identifier: Apache-2.0
package io.margay.module;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Enumeration;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeSet;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.osgi.framework.Bundle;

/** The jars of main by digest: each is kept once, as long as one installation holds it. For any thread. */
final class SealedJars {

    /** An extension holds a runtime shim and a few classes; far more is a mistake. */
    static final int MAX_SIZE = 32 << 20;

    private static final String MANIFEST = "META-INF/MANIFEST.MF";
    private static final String SIGNATURES = "META-INF/";

    private final Map<String, SealedJar> jars = new HashMap<>();

    /**
     * Reads a file; who gets the jar releases it once.
     *
     * @throws ModuleException when it cannot be read or is too large
     */
    SealedJar read(Path file) {
        try {
            if (Files.size(file) > MAX_SIZE) {
                throw new ModuleException("it is larger than " + MAX_SIZE + " bytes");
            }
            return keep(Files.readAllBytes(file));
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
        return keep(bytes.toByteArray());
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
        zip.putNextEntry(entry);
        try (InputStream in = url.openStream()) {
            in.transferTo(zip);
        }
        zip.closeEntry();
    }

    /** Keeps bytes; the same ones are kept once. */
    synchronized SealedJar keep(byte[] bytes) {
        String digest = digest(bytes);
        SealedJar known = jars.get(digest);
        if (known != null) {
            known.hold();
            return known;
        }
        SealedJar jar = new SealedJar(digest, bytes);
        jars.put(digest, jar);
        return jar;
    }

    /** One holder less; the last one lets the memory go and the digest be forgotten. */
    synchronized void release(SealedJar jar) {
        if (jar.release()) {
            jars.remove(jar.digest());
        }
    }

    /** Lets go of all of them, whoever holds them: nothing uses them any more. */
    synchronized void close() {
        jars.values().forEach(SealedJar::close);
        jars.clear();
    }

    /** How many different ones are kept. */
    synchronized int size() {
        return jars.size();
    }

    private static String digest(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
