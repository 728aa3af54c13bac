// SPDX-License-Identifier: Apache-2.0
package io.margay.discovery;

import io.margay.conf.Conf;
import io.margay.lang.InstalledModule;
import io.margay.lang.Language;
import io.margay.lang.ModuleCatalogue;
import io.margay.log.ErrorLog;
import io.margay.module.ModuleException;
import io.margay.module.ModuleFacts;
import io.margay.module.ModuleRevision;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;

/** The languages of this machine: what the probes of the bundles that count have found. On main's loop. */
public final class LanguageFacts implements ModuleFacts {

    private static final String KIND = "lang";

    private final BundleContext context;
    private final Discovery discovery;
    private final ErrorLog journal;
    private final Map<ModuleRevision, List<InstalledModule>> found = new LinkedHashMap<>();
    private ModuleCatalogue catalogue = ModuleCatalogue.of(List.of());

    /**
     * Knows none yet.
     *
     * @param context of the framework that holds the bundles
     * @param discovery runs the probes
     * @param journal takes what is found
     */
    public LanguageFacts(BundleContext context, Discovery discovery, ErrorLog journal) {
        this.context = context;
        this.discovery = discovery;
        this.journal = journal;
    }

    /** The languages that count. */
    public ModuleCatalogue catalogue() {
        return catalogue;
    }

    /** The language that a bundle offers, by the word of its type; empty when there is none. */
    public Optional<Language> language(ModuleRevision module, String word) {
        return languages(module).stream().filter(language -> language.type().equals(word)).findFirst();
    }

    private List<Language> languages(ModuleRevision module) {
        List<Language> languages = new ArrayList<>();
        ServiceReference<?>[] references = module.isOf(KIND) ? module.bundle().getRegisteredServices() : null;
        for (ServiceReference<?> reference : references == null ? new ServiceReference<?>[0] : references) {
            if (context.getService(reference) instanceof Language language) {
                languages.add(language);
            }
        }
        return languages;
    }

    @Override
    public CompletionStage<Void> examine(String source, ModuleRevision module, Optional<ModuleRevision> before) {
        CompletionStage<List<InstalledModule>> all = CompletableFuture.completedFuture(new ArrayList<>());
        for (Language language : languages(module)) {
            all = all.thenCompose(modules -> discovery.probe(language).thenApply(more -> {
                modules.addAll(more);
                return modules;
            }));
        }
        return all.thenAccept(modules -> {
            List<InstalledModule> old = before.map(found::get).orElse(List.of());
            if (modules.isEmpty() && old != null && !old.isEmpty()) {
                throw new ModuleException("it finds no " + old.getFirst().type() + " on this machine");
            }
            found.put(module, fresh(source, module, before, modules));
        });
    }

    private List<InstalledModule> fresh(String source, ModuleRevision revision, Optional<ModuleRevision> before,
            List<InstalledModule> modules) {
        List<InstalledModule> fresh = new ArrayList<>();
        for (InstalledModule module : modules) {
            Optional<InstalledModule> same = found.entrySet().stream()
                .filter(entry -> !entry.getKey().name().equals(revision.name())
                    && before.filter(entry.getKey()::equals).isEmpty())
                .flatMap(entry -> entry.getValue().stream())
                .filter(known -> known.type().equals(module.type())
                    && known.version().equals(module.version())).findFirst();
            if (same.isPresent()) {
                journal.notice("ignoring " + module.file() + " module with the same application language version "
                    + module.type() + " " + module.version() + " as in " + same.get().file());
            } else {
                fresh.add(module);
                journal.notice("module: " + module.type() + " " + module.version() + " \"" + module.file() + "\"");
            }
        }
        if (fresh.isEmpty()) {
            // One that needs nothing installed is there.
            languages(revision).stream().filter(language -> !language.type().equals(InstalledModule.EXTERNAL.type()))
                .forEach(language -> journal.notice("module " + source + ": no " + language.type()
                    + " is installed on this machine"));
        }
        return fresh;
    }

    @Override
    public Conf facts(Collection<ModuleRevision> current) {
        return of(current).toConf();
    }

    private ModuleCatalogue of(Collection<ModuleRevision> current) {
        return ModuleCatalogue.of(current.stream().flatMap(module ->
            found.getOrDefault(module, List.of()).stream()).toList());
    }

    @Override
    public void inForce(Collection<ModuleRevision> current) {
        catalogue = of(current);
    }

    @Override
    public void forget(ModuleRevision module) {
        found.remove(module);
    }
}
