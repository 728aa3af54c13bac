// SPDX-License-Identifier: Apache-2.0
package io.margay.module;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Which installations there are in main, and which of them count. On main's loop. */
final class ModuleSet {

    /** What counts, by where it comes from. */
    private final Map<ModuleSource, ModuleRevision> installed = new LinkedHashMap<>();
    /** Replaced and removed ones that the router may still use, by revision. */
    private final Map<Integer, ModuleRevision> retained = new LinkedHashMap<>();
    /** The one that the processes are being told of: they work with it before it counts here. */
    private Optional<ModuleRevision> coming = Optional.empty();
    /** Those that the router has let go of while they still count. */
    private final Set<Integer> early = new HashSet<>();
    /** Sources that do not count. */
    private final Map<ModuleSource, Shadow> shadowed = new LinkedHashMap<>();

    /** What lies at a source that does not count. */
    private record Shadow(String name, String digest) {
    }

    /** The revision that counts, is about to, or is kept for processes that run with it. */
    Optional<ModuleRevision> revision(int number) {
        return Stream.concat(coming.stream(), Stream.concat(retained.values().stream(), installed.values().stream()))
            .filter(module -> module.number() == number).findFirst();
    }

    /** What counts now. */
    List<ModuleRevision> current() {
        return List.copyOf(installed.values());
    }

    Optional<ModuleRevision> at(ModuleSource source) {
        return Optional.ofNullable(installed.get(source));
    }

    /** What counts and what is kept, of one bundle. */
    Optional<ModuleRevision> named(String name) {
        return sourceOf(name).map(installed::get);
    }

    Optional<ModuleSource> sourceOf(String name) {
        return installed.entrySet().stream().filter(entry -> entry.getValue().name().equals(name))
            .map(Map.Entry::getKey).findFirst();
    }

    Optional<ModuleSource> sourceOf(ModuleRevision module) {
        return installed.entrySet().stream().filter(entry -> entry.getValue() == module)
            .map(Map.Entry::getKey).findFirst();
    }

    void install(ModuleSource source, ModuleRevision module) {
        installed.put(source, module);
    }

    void remove(ModuleSource source) {
        installed.remove(source);
    }

    void coming(Optional<ModuleRevision> module) {
        coming = module;
    }

    // ---- what is kept --------------------------------------------------------

    void retain(ModuleRevision module) {
        retained.put(module.number(), module);
    }

    /** Takes one out of those that are kept; empty when it is none. */
    Optional<ModuleRevision> release(int revision) {
        return Optional.ofNullable(retained.remove(revision));
    }

    List<ModuleRevision> retained() {
        return List.copyOf(retained.values());
    }

    /** The newest one that is kept of a bundle with these bytes. */
    Optional<ModuleRevision> retained(String name, String digest) {
        return retained.values().stream().filter(module -> module.name().equals(name)
            && module.digest().equals(digest) && !module.isForeign()).reduce((older, newer) -> newer);
    }

    /** All that are kept of a bundle. */
    List<ModuleRevision> retained(String name) {
        return retained.values().stream().filter(module -> module.name().equals(name)).toList();
    }

    void early(int revision) {
        early.add(revision);
    }

    boolean takeEarly(int revision) {
        return early.remove(revision);
    }

    void forgetEarly() {
        early.clear();
    }

    // ---- what does not count -------------------------------------------------

    void shadow(ModuleSource source, ModuleRevision module) {
        shadowed.put(source, new Shadow(module.name(), module.digest()));
    }

    void unshadow(ModuleSource source) {
        shadowed.remove(source);
    }

    /** Where else there are jars of a bundle. */
    List<ModuleSource> shadowed(String name) {
        return shadowed.entrySet().stream().filter(entry -> entry.getValue().name().equals(name))
            .map(Map.Entry::getKey).toList();
    }

    /** Digests of the other jars of a bundle that lie in the modules directory. */
    List<String> shadowedDigests(String name) {
        return shadowed.entrySet().stream().filter(entry -> entry.getValue().name().equals(name)
            && entry.getKey().isFile() && entry.getKey().exists()).map(entry -> entry.getValue().digest()).toList();
    }

    void clear() {
        installed.clear();
        retained.clear();
    }
}
