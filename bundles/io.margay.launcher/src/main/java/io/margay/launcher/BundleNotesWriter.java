// SPDX-License-Identifier: Apache-2.0
package io.margay.launcher;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;

/** Writes {@link BundleNotes} of a process that has started its bundles; part of the making of a boot cache. */
final class BundleNotesWriter {
    /** Names the file to write. */
    static final String FILE = "margay.notes.write";

    private static final int TIME = Long.BYTES + Integer.BYTES;

    private BundleNotesWriter() {
    }

    /** {@return where the notes of this process are to be written, if they are} */
    static Optional<Path> wanted() {
        return Optional.ofNullable(System.getProperty(FILE)).map(Path::of);
    }

    /**
     * Writes the notes. The component runtime keeps what it has read when it stops, so it is stopped and started.
     *
     * @throws IOException when something cannot be read or written, or is not as expected
     */
    static void write(BundleContext context, Path file) throws IOException, BundleException {
        Map<Bundle, Path> jars = new LinkedHashMap<>();
        Bundle runtime = null;
        for (Bundle bundle : context.getBundles()) {
            if (bundle.getLocation().startsWith(ClassPathModules.SCHEME)) {
                jars.put(bundle, Path.of(bundle.getLocation().substring(ClassPathModules.SCHEME.length())));
            }
            if (BundleNotes.RUNTIME.equals(bundle.getSymbolicName())) {
                runtime = bundle;
            }
        }
        if (runtime == null) {
            throw new IOException("there is no bundle " + BundleNotes.RUNTIME);
        }
        File kept = runtime.getDataFile(BundleNotes.STORE);
        runtime.stop();
        byte[] store = Files.readAllBytes(kept.toPath());
        runtime.start(Bundle.START_ACTIVATION_POLICY);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeInt(BundleNotes.FORMAT);
        out.writeInt(jars.size());
        for (Map.Entry<Bundle, Path> jar : jars.entrySet()) {
            File noted = jar.getValue().toFile();
            text(out, noted.getName());
            out.writeLong(noted.length());
            out.writeLong(noted.lastModified());
            byte[] headers = headers(jar.getKey());
            out.writeInt(headers.length);
            out.write(headers);
        }
        components(jars, store, out);
        Path part = file.resolveSibling(file.getFileName() + ".part");
        Files.write(part, bytes.toByteArray());
        Files.move(part, file);
    }

    private static byte[] headers(Bundle bundle) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        for (Map.Entry<String, String> header : LeanHeaders.of(bundle.getHeaders("")).entrySet()) {
            text(out, header.getKey());
            text(out, header.getValue());
        }
        return bytes.toByteArray();
    }

    private static void components(Map<Bundle, Path> jars, byte[] store, DataOutputStream out) throws IOException {
        List<Bundle> found = new ArrayList<>();
        List<Integer> places = new ArrayList<>();
        for (Bundle bundle : jars.keySet()) {
            int at = place(store, bundle);
            if (at >= 0) {
                found.add(bundle);
                places.add(at);
            }
        }
        out.writeInt(found.size());
        for (int i = 0; i < found.size(); i++) {
            out.writeLong(found.get(i).getBundleId());
            text(out, jars.get(found.get(i)).getFileName().toString());
            out.writeInt(places.get(i));
        }
        out.write(store);
    }

    /**
     * Where the store holds the time of a bundle's installation: behind its id and the number of its components. -1
     * when it does not, so that a start reads that bundle itself.
     */
    private static int place(byte[] store, Bundle bundle) throws IOException {
        ByteBuffer in = ByteBuffer.wrap(store);
        int found = -1;
        for (int at = 0; at + TIME + Long.BYTES <= store.length; at++) {
            if (in.getLong(at) == bundle.getBundleId() && in.getLong(at + TIME) == bundle.getLastModified()) {
                if (found >= 0) {
                    throw new IOException("the store of the component runtime names bundle " + bundle + " twice");
                }
                found = at + TIME;
            }
        }
        return found;
    }

    private static void text(DataOutputStream out, String text) throws IOException {
        if (!StandardCharsets.ISO_8859_1.newEncoder().canEncode(text)) {
            throw new IOException("\"" + text + "\" has characters of more than a byte");
        }
        out.writeInt(text.length());
        out.writeBytes(text);
    }
}
