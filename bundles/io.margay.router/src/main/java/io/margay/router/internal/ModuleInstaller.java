// SPDX-License-Identifier: Apache-2.0
package io.margay.router.internal;

import io.margay.lang.Language;
import io.margay.lang.ModuleCatalogue;
import io.margay.module.ModuleReceiver;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Optional;
import org.osgi.framework.BundleContext;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;

/** Which installation of a language counts, and which pools work with one. On the control loop. */
final class ModuleInstaller {

    /**
     * A language as it is installed now.
     *
     * @param revision names the installation
     */
    record Module(Language language, int revision) {
    }

    private final BundleContext context;
    private final ModuleReceiver receiver;
    private final Map<Object, Integer> users = new IdentityHashMap<>();

    ModuleInstaller(BundleContext context, ModuleReceiver receiver) {
        this.context = context;
        this.receiver = receiver;
    }

    /** Whether a pool works with an installation. */
    boolean uses(int revision) {
        return users.containsValue(revision);
    }

    /** What is installed on this machine. */
    ModuleCatalogue catalogue() {
        return ModuleCatalogue.fromConf(receiver.catalogue());
    }

    /** The language of a configured type. */
    Optional<Module> module(String type) {
        String word = ModuleCatalogue.word(type);
        try {
            return context.getServiceReferences(Language.class, null).stream().flatMap(reference ->
                    module(reference).stream())
                .filter(module -> module.language().type().equals(word))
                .max(Comparator.comparingInt(Module::revision));
        } catch (InvalidSyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private Optional<Module> module(ServiceReference<Language> reference) {
        if (reference.getBundle() == null || !receiver.counts(reference.getBundle())) {
            return Optional.empty();
        }
        return Optional.ofNullable(context.getService(reference)).map(language ->
            new Module(language, receiver.revision(reference.getBundle())));
    }

    /** A pool works with an installation from now on. */
    void use(Object pool, int revision) {
        users.put(pool, revision);
    }

    /** A pool has ended. */
    void release(Object pool) {
        users.remove(pool);
        receiver.sweep();
    }
}
