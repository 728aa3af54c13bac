// SPDX-License-Identifier: Apache-2.0
package io.margay.module;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfParser;
import io.margay.conf.ConfString;
import io.margay.conf.ConfSyntaxException;
import io.margay.conf.ConfWriter;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Which modules count, as the file {@code modules.lock} of the state directory keeps it: what people have decided by
 * hand, with version and digest of every jar, so that the same set is there after a restart. Immutable.
 *
 * @param entries by symbolic name
 */
record ModuleLock(Map<String, Entry> entries) {

    /** Nothing was decided. */
    static final ModuleLock EMPTY = new ModuleLock(Map.of());

    private static final int FORMAT = 1;
    private static final String DIGEST = "[0-9a-f]{64}";

    /**
     * A jar.
     *
     * @param version of the bundle
     * @param digest SHA-256, in hexadecimal
     * @param file its name in the state directory; empty for one of the modules directory
     * @param part whether it is of a part of the server, and no extension
     */
    record Jar(String version, String digest, String file, boolean part) {

        /** That of a module, wherever it lies. */
        static Jar of(ModuleRevision module) {
            return new Jar(module.version().toString(), module.digest(), "", module.part().isPresent());
        }
    }

    /**
     * What is decided of one bundle.
     *
     * @param jar that counts; empty for one that was removed
     * @param previous that a rollback puts back
     * @param pinned whether nothing but an order replaces it
     * @param over digests of jars of the modules directory that are there and do not count
     */
    record Entry(Optional<Jar> jar, Optional<Jar> previous, boolean pinned, Set<String> over) {

        /** Copies the set. */
        Entry {
            over = Set.copyOf(over);
        }

        /** Whether the jar lies in the state directory. */
        boolean isStored() {
            return jar.filter(kept -> !kept.file().isEmpty()).isPresent();
        }

        Entry pinned(boolean now) {
            return new Entry(jar, previous, now, over);
        }
    }

    /** Sorts the entries. */
    ModuleLock {
        entries = new TreeMap<>(entries);
    }

    Optional<Entry> entry(String name) {
        return Optional.ofNullable(entries.get(name));
    }

    /** With another decision about a bundle. */
    ModuleLock with(String name, Entry entry) {
        Map<String, Entry> more = new TreeMap<>(entries);
        more.put(name, entry);
        return new ModuleLock(more);
    }

    /** Without any about a bundle. */
    ModuleLock without(String name) {
        Map<String, Entry> fewer = new TreeMap<>(entries);
        fewer.remove(name);
        return new ModuleLock(fewer);
    }

    /** The files that it names. */
    Set<String> files() {
        Set<String> files = new LinkedHashSet<>();
        entries.values().forEach(entry -> {
            entry.jar().ifPresent(jar -> files.add(jar.file()));
            entry.previous().ifPresent(jar -> files.add(jar.file()));
        });
        files.remove("");
        return files;
    }

    byte[] encode() {
        ConfObject.Builder modules = ConfObject.builder();
        entries.forEach((name, entry) -> {
            ConfObject.Builder out = ConfObject.builder();
            entry.jar().ifPresentOrElse(jar -> write(jar, out), () -> out.put("removed", true));
            if (entry.pinned()) {
                out.put("pinned", true);
            }
            if (!entry.over().isEmpty()) {
                List<Conf> over = new ArrayList<>();
                entry.over().stream().sorted().forEach(digest -> over.add(Conf.of(digest)));
                out.put("over", new ConfArray(over));
            }
            entry.previous().ifPresent(jar -> out.put("previous", write(jar, ConfObject.builder()).build()));
            modules.put(name, out.build());
        });
        return ConfWriter.pretty(ConfObject.builder().put("format", FORMAT).put("modules", modules.build()).build());
    }

    private static ConfObject.Builder write(Jar jar, ConfObject.Builder out) {
        out.put("version", jar.version()).put("sha256", jar.digest());
        if (jar.part()) {
            out.put("part", true);
        }
        return jar.file().isEmpty() ? out : out.put("file", jar.file());
    }

    /**
     * Reads the file.
     *
     * @throws ModuleException when it is something else
     */
    static ModuleLock decode(byte[] json) {
        try {
            ConfObject file = (ConfObject) ConfParser.parse(json);
            if (file.integer("format", 0) != FORMAT) {
                throw new ModuleException("its format is not " + FORMAT);
            }
            Map<String, Entry> entries = new TreeMap<>();
            file.object("modules").orElse(ConfObject.EMPTY).members().forEach((name, value) ->
                entries.put(name, entry((ConfObject) value)));
            return new ModuleLock(entries);
        } catch (ConfSyntaxException | ClassCastException e) {
            throw new ModuleException("it is malformed: " + e.getMessage(), e);
        }
    }

    private static Entry entry(ConfObject value) {
        Set<String> over = new LinkedHashSet<>();
        for (Conf digest : value.array("over").orElse(ConfArray.EMPTY).elements()) {
            over.add(((ConfString) digest).value());
        }
        return new Entry(value.bool("removed", false) ? Optional.empty() : Optional.of(jar(value)),
            value.object("previous").map(ModuleLock::jar), value.bool("pinned", false), over);
    }

    private static Jar jar(ConfObject value) {
        Jar jar = new Jar(value.string("version").orElse(""), value.string("sha256").orElse(""),
            value.string("file").orElse(""), value.bool("part", false));
        if (!jar.digest().matches(DIGEST) || jar.file().indexOf('/') >= 0) {
            throw new ModuleException("it names a jar without a digest or with a path");
        }
        return jar;
    }
}
