// SPDX-License-Identifier: Apache-2.0
package io.margay.launcher;

import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;

/**
 * What an earlier start of the same kind of process has noted of its bundles ({@code lib/aot/KIND.bundles}): their
 * {@linkplain LeanHeaders headers}, and what the component runtime has read of its descriptions. With them a start
 * opens few jars and reads no XML. Notes of a jar that has changed since do not count.
 *
 * <p>The file: {@link #FORMAT}; the number of jars; of each a {@link #text name}, its size and time, the length of its
 * headers, and names and values up to that; the number of bundles with components or without; of each its id, its
 * jar and where the time of its installation is in what follows; the store of the component runtime.
 */
final class BundleNotes {
    static final int FORMAT = 0x4d424e31;

    /** Names another file; while a boot cache is made. */
    static final String FILE = "margay.notes";
    static final String SUFFIX = ".bundles";

    /** Where the component runtime keeps what it has read, if told to. */
    static final String STORE = "componentMetadataStore";
    static final String RUNTIME = "org.apache.felix.scr";
    /** Tells the component runtime to keep it. */
    static final String KEEP = "ds.cache.metadata";

    /** A place in the store that names the installation of a bundle. */
    private record Place(long id, String jar, int at) {
    }

    private record Jar(long size, long modified, int at, int length) {
    }

    private final ByteBuffer notes;
    private final Map<String, Jar> jars = new HashMap<>();
    private final int components;
    private boolean stale;

    private BundleNotes(ByteBuffer notes) {
        this.notes = notes;
        int count = notes.getInt();
        for (int i = 0; i < count; i++) {
            String name = text(notes);
            long size = notes.getLong();
            long modified = notes.getLong();
            int length = notes.getInt();
            jars.put(name, new Jar(size, modified, notes.position(), length));
            notes.position(notes.position() + length);
        }
        components = notes.position();
    }

    /** {@return the notes of a kind of process, if they are not being made anew} */
    static Optional<BundleNotes> of(Path home, String kind) {
        String elsewhere = System.getProperty(FILE);
        return BundleNotesWriter.wanted().isPresent() ? Optional.empty()
            : read(elsewhere == null ? home.resolve("lib/aot/" + kind + SUFFIX) : Path.of(elsewhere));
    }

    /** {@return the notes of a file; empty when there are none, or of another format} */
    static Optional<BundleNotes> read(Path file) {
        try {
            ByteBuffer notes = ByteBuffer.wrap(Files.readAllBytes(file));
            return notes.remaining() > Integer.BYTES && notes.getInt() == FORMAT
                ? Optional.of(new BundleNotes(notes)) : Optional.empty();
        } catch (IOException e) {
            // None: the jars themselves are read.
            return Optional.empty();
        }
    }

    /** Text of one byte for a character: a decoder would run in the interpreter, byte by byte. */
    private static String text(ByteBuffer in) {
        int length = in.getInt();
        String text = new String(in.array(), in.position(), length, StandardCharsets.ISO_8859_1);
        in.position(in.position() + length);
        return text;
    }

    /** {@return the headers of a jar if it is the one that was noted} */
    Optional<Map<String, String>> headers(Path jar) {
        Jar known = jars.get(jar.getFileName().toString());
        File file = jar.toFile();
        if (known == null || known.size() != file.length() || known.modified() != file.lastModified()) {
            stale = true;
            return Optional.empty();
        }
        Map<String, String> headers = new LinkedHashMap<>();
        notes.position(known.at());
        while (notes.position() < known.at() + known.length()) {
            headers.put(text(notes), text(notes));
        }
        return Optional.of(headers);
    }

    /**
     * Gives the component runtime, which has not started, what it has read of the same bundles before.
     *
     * @throws IOException when it cannot be written
     */
    void giveComponents(BundleContext context) throws IOException {
        Bundle runtime = null;
        for (Bundle bundle : context.getBundles()) {
            if (RUNTIME.equals(bundle.getSymbolicName())) {
                runtime = bundle;
            }
        }
        File store = runtime == null ? null : runtime.getDataFile(STORE);
        if (stale || store == null) {
            return;
        }
        notes.position(components);
        Place[] places = new Place[notes.getInt()];
        for (int i = 0; i < places.length; i++) {
            places[i] = new Place(notes.getLong(), text(notes), notes.getInt());
        }
        ByteBuffer fresh = notes.slice();
        for (Place place : places) {
            Bundle bundle = context.getBundle(place.id());
            // One that is another now keeps the old time, which the runtime takes for outdated.
            if (bundle != null && bundle.getLocation().endsWith(File.separator + place.jar())) {
                fresh.putLong(place.at(), bundle.getLastModified());
            }
        }
        byte[] all = new byte[fresh.remaining()];
        fresh.get(all);
        Files.write(store.toPath(), all);
    }
}
