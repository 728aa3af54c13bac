// SPDX-License-Identifier: Apache-2.0
package io.margay.router.internal;

import io.margay.dispatch.AppPools;
import io.margay.dispatch.WireFactory;
import io.margay.lang.Language;
import io.margay.lang.ModuleCatalogue;
import io.margay.module.ModuleReceiver;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;

/** Which installation of a language or a wire counts, and who works with one. On the control loop. */
final class ModuleInstaller {

    /**
     * A service as it is installed now.
     *
     * @param revision names the installation
     */
    record Module<T>(T service, int revision) {
    }

    private final BundleContext context;
    private final ModuleReceiver receiver;
    private final Map<Object, Set<Integer>> users = new IdentityHashMap<>();

    ModuleInstaller(BundleContext context, ModuleReceiver receiver) {
        this.context = context;
        this.receiver = receiver;
    }

    /** Whether somebody works with an installation. */
    boolean uses(int revision) {
        return users.values().stream().anyMatch(revisions -> revisions.contains(revision));
    }

    /** What is installed on this machine. */
    ModuleCatalogue catalogue() {
        return ModuleCatalogue.fromConf(receiver.catalogue());
    }

    /** How long what is replaced is kept ready for a way back. */
    long parkMillis() {
        return receiver.parkMillis();
    }

    /** What is kept ready for a way back goes. */
    void unpark() {
        ServiceReference<AppPools> pools = context.getServiceReference(AppPools.class);
        if (pools != null) {
            Optional.ofNullable(context.getService(pools)).ifPresent(AppPools::unpark);
            context.ungetService(pools);
        }
    }

    /** The language of a configured type. */
    Optional<Module<Language>> language(String type) {
        String word = ModuleCatalogue.word(type);
        return newest(Language.class, language -> language.type().equals(word));
    }

    /** The wire of a name. */
    Optional<Module<WireFactory>> wire(String name) {
        return newest(WireFactory.class, wire -> wire.name().equals(name));
    }

    private <T> Optional<Module<T>> newest(Class<T> type, Predicate<T> wanted) {
        return Offers.of(context, type).stream()
            .flatMap(reference -> module(type, reference).stream())
            .filter(module -> wanted.test(module.service()))
            .max(Comparator.comparingInt(Module::revision));
    }

    private <T> Optional<Module<T>> module(Class<T> type, ServiceReference<T> reference) {
        Bundle bundle = reference.getBundle();
        if (bundle == null || !receiver.counts(bundle)) {
            return Optional.empty();
        }
        // A service that cannot be made, or has gone meanwhile, is none.
        return Optional.ofNullable(Offers.get(context, type, reference)).map(service ->
            new Module<>(service, receiver.revision(bundle)));
    }

    /** Somebody works with these installations from now on. */
    void use(Object user, Set<Integer> revisions) {
        users.put(user, Set.copyOf(revisions));
    }

    /** It has ended. */
    void release(Object user) {
        users.remove(user);
        receiver.sweep();
    }
}
