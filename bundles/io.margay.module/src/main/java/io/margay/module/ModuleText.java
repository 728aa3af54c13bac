// SPDX-License-Identifier: Apache-2.0
package io.margay.module;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Modules as people see them. */
final class ModuleText {

    private ModuleText() {
    }

    /**
     * All of them by symbolic name, and jars that are not used by their path.
     *
     * @param problems why sources are not used
     */
    static ConfObject all(ModuleSet set, ModuleLock lock, Map<ModuleSource, String> problems) {
        Map<String, Conf> modules = new LinkedHashMap<>();
        for (ModuleRevision module : set.current()) {
            ModuleSource source = set.sourceOf(module).orElseThrow();
            modules.put(module.name(), of(module, source, lock.entry(module.name()), set.retained(module.name()),
                Optional.ofNullable(problems.get(source))));
        }
        lock.entries().forEach((name, entry) -> {
            if (!modules.containsKey(name) && entry.jar().isEmpty()) {
                modules.put(name, removed(entry));
            }
        });
        problems.forEach((source, text) -> {
            if (set.at(source).isEmpty() && source.exists()) {
                modules.put(source.place(), problem(text));
            }
        });
        return new ConfObject(modules);
    }

    private static ConfObject of(ModuleRevision module, ModuleSource source, Optional<ModuleLock.Entry> entry,
            List<ModuleRevision> kept, Optional<String> problem) {
        ConfObject.Builder out = ConfObject.builder().put("version", module.version().toString())
            .put("sha256", module.digest()).put("from", source.origin()).put("place", source.place())
            .put("extensions", list(module.extensions().stream().map(Extension::reader).toList()))
            .put("privileges", list(ModulePolicy.wanted(module)))
            .put("pinned", entry.filter(ModuleLock.Entry::pinned).isPresent())
            .put("revision", module.number());
        module.part().ifPresent(part -> out.put("processes", list(part.processes().stream().sorted().toList()))
            .put("instead", part.version().toString()));
        entry.flatMap(ModuleLock.Entry::previous).ifPresent(jar -> out.put("previous", jar(jar,
            kept.stream().anyMatch(old -> old.digest().equals(jar.digest())))));
        problem.ifPresent(text -> out.put("problem", text));
        return out.build();
    }

    private static ConfObject removed(ModuleLock.Entry entry) {
        ConfObject.Builder out = ConfObject.builder().put("removed", true);
        entry.previous().ifPresent(jar -> out.put("previous", jar(jar, false)));
        return out.build();
    }

    private static ConfObject problem(String text) {
        return ConfObject.builder().put("problem", text).build();
    }

    private static ConfObject jar(ModuleLock.Jar jar, boolean parked) {
        return ConfObject.builder().put("version", jar.version()).put("sha256", jar.digest()).put("parked", parked)
            .build();
    }

    private static ConfArray list(List<String> texts) {
        List<Conf> list = new ArrayList<>();
        texts.forEach(text -> list.add(Conf.of(text)));
        return new ConfArray(list);
    }
}
