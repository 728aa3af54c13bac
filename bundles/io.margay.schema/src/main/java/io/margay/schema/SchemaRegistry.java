// SPDX-License-Identifier: Apache-2.0
package io.margay.schema;

import java.lang.ref.SoftReference;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Schema files by source, and the {@link Schema} of all of them; for any thread. */
public final class SchemaRegistry {
    /** A schema and what it is made of. */
    private record Made(List<SchemaFile> files, Schema schema) {
    }

    private final Map<String, SchemaFile> files = new TreeMap<>();
    private volatile Made current = new Made(List.of(), Schema.of(List.of()));
    /** A bundle that is updated takes its files away and mostly brings the same ones: nothing is made anew then. */
    private SoftReference<Made> before = new SoftReference<>(current);

    /**
     * Adds a file, or replaces the one of the same source.
     *
     * @param source where it comes from; where two files say different things about one option, the later source in
     *     natural order wins
     * @param json the content
     * @throws SchemaException when it is unusable; nothing has changed then
     */
    public synchronized void put(String source, byte[] json) {
        try {
            take(Map.of(source, json));
        } catch (SchemaException e) {
            throw new SchemaException("Schema " + source + ": " + e.getMessage(), e);
        }
    }

    /**
     * Adds files, or replaces those of the same sources, for the price of one: what all files say is put together once.
     *
     * @param sources their content by source
     * @throws SchemaException when one of them is unusable; nothing has changed then
     */
    public synchronized void putAll(Map<String, byte[]> sources) {
        take(sources);
    }

    private void take(Map<String, byte[]> sources) {
        Map<String, SchemaFile> next = new TreeMap<>(files);
        sources.forEach((source, json) -> next.put(source, SchemaFile.parse(json)));
        Made made = make(next);
        made.schema.options().stream().filter(option -> option.reader().isEmpty()).findFirst().ifPresent(option -> {
            throw new SchemaException("the option \"" + option.path() + "\" names no \"reader\"");
        });
        use(made);
        files.clear();
        files.putAll(next);
    }

    /**
     * Removes a file.
     *
     * @throws SchemaException when the remaining ones do not stand alone; {@link #current} then still knows the options
     */
    public synchronized void remove(String source) {
        if (files.remove(source) != null) {
            use(make(files));
        }
    }

    private Made make(Map<String, SchemaFile> sources) {
        List<SchemaFile> all = List.copyOf(sources.values());
        Made known = before.get();
        return all.equals(current.files) ? current : known != null && all.equals(known.files) ? known
            : new Made(all, Schema.of(all));
    }

    private void use(Made made) {
        if (made != current) {
            before = new SoftReference<>(current);
            current = made;
        }
    }

    /** The schema of now; a validation under way keeps the one that it began with. */
    public Schema current() {
        return current.schema;
    }
}
