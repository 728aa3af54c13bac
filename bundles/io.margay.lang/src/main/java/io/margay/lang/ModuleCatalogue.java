// SPDX-License-Identifier: Apache-2.0
package io.margay.lang;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfObject;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The languages of this machine, immutable ({@code spec/processes.md §16}): sorted by type, the newest version first;
 * {@code external} always exists.
 *
 * @param modules the sorted list
 */
public record ModuleCatalogue(List<InstalledModule> modules) {

    private static final List<String> TYPES =
        List.of("external", "python", "php", "perl", "ruby", "java", "wasm", "wasm-wasi-component");
    private static final Comparator<InstalledModule> ORDER = Comparator.<InstalledModule>comparingInt(m -> rank(m))
        .thenComparing(InstalledModule::type)
        .thenComparing(InstalledModule::version, VersionOrder.INSTANCE.reversed());

    /** Sorts, and keeps the first of several modules with the same type and version. */
    public ModuleCatalogue {
        List<InstalledModule> kept = new ArrayList<>();
        kept.add(InstalledModule.EXTERNAL);
        Set<List<String>> seen = new HashSet<>();
        seen.add(List.of(InstalledModule.EXTERNAL.type(), ""));
        for (InstalledModule module : modules) {
            if (seen.add(List.of(module.type(), module.version()))) {
                kept.add(module);
            }
        }
        kept.sort(ORDER);
        modules = List.copyOf(kept);
    }

    /** The catalogue of what was found. */
    public static ModuleCatalogue of(Collection<InstalledModule> found) {
        return new ModuleCatalogue(List.copyOf(found));
    }

    /**
     * Reads {@link #toConf}; entries of a wrong shape are skipped.
     *
     * @param list what another process sent
     */
    public static ModuleCatalogue fromConf(Conf list) {
        List<InstalledModule> modules = new ArrayList<>();
        if (list instanceof ConfArray array) {
            for (Conf element : array.elements()) {
                if (element instanceof ConfObject module) {
                    Probe.mounts(module).ifPresent(mounts -> modules.add(new InstalledModule(
                        module.string("name").orElse(""), module.string("version").orElse(""),
                        module.string("file").orElse(""), mounts)));
                }
            }
        }
        return of(modules);
    }

    /** The array that travels in MODULES messages: type number, name, version, file, mounts. */
    public ConfArray toConf() {
        List<Conf> list = new ArrayList<>();
        for (InstalledModule module : modules) {
            List<Conf> mounts = new ArrayList<>();
            for (LanguageMount mount : module.mounts()) {
                mounts.add(ConfObject.builder().put("src", mount.source()).put("dst", mount.target())
                    .put("name", "bind").put("type", 0).put("flags", 0).put("data", "").build());
            }
            list.add(ConfObject.builder().put("type", rank(module)).put("name", module.type())
                .put("version", module.version()).put("file", module.file())
                .put("mounts", new ConfArray(mounts)).build());
        }
        return new ConfArray(list);
    }

    /** The member {@code modules} of the status: name to one object, or to an array when there are several versions. */
    public ConfObject status() {
        Map<String, List<Conf>> byType = new LinkedHashMap<>();
        for (InstalledModule module : modules) {
            if (!module.builtIn()) {
                byType.computeIfAbsent(module.type(), type -> new ArrayList<>()).add(ConfObject.builder()
                    .put("version", module.version()).put("lib", module.file()).build());
            }
        }
        ConfObject.Builder status = ConfObject.builder();
        byType.forEach((type, list) -> status.put(type, list.size() == 1 ? list.getFirst() : new ConfArray(list)));
        return status.build();
    }

    /**
     * Finds the newest module for a configured type: a word, then, at the first space or digit, a version prefix that
     * must end where digits begin or end ({@code 3.1} matches {@code 3.1.2} and not {@code 3.11}).
     *
     * @param type the value of {@code type}, {@code python 3.11}
     */
    public Optional<InstalledModule> find(String type) {
        int end = wordEnd(type);
        String word = word(type);
        int start = end;
        while (start < type.length() && type.charAt(start) == ' ') {
            start++;
        }
        String version = type.substring(start);
        return modules.stream().filter(m -> m.type().equals(word) && matches(m.version(), version)).findFirst();
    }

    /** The type word of a configured type, {@code go} being {@code external}. */
    public static String word(String type) {
        String word = type.substring(0, wordEnd(type));
        return word.equals("go") ? "external" : word;
    }

    private static int wordEnd(String type) {
        int end = 0;
        while (end < type.length() && type.charAt(end) != ' ' && !digit(type.charAt(end))) {
            end++;
        }
        return end;
    }

    private static boolean matches(String installed, String wanted) {
        if (wanted.isEmpty()) {
            return true;
        }
        if (!installed.startsWith(wanted)) {
            return false;
        }
        return installed.length() == wanted.length()
            || digit(installed.charAt(wanted.length())) != digit(installed.charAt(wanted.length() - 1));
    }

    private static boolean digit(char c) {
        return c >= '0' && c <= '9';
    }

    private static int rank(InstalledModule module) {
        int rank = TYPES.indexOf(module.type());
        return rank < 0 ? TYPES.size() : rank;
    }
}
