// SPDX-License-Identifier: Apache-2.0
package io.margay.router.internal;

import io.margay.dispatch.WireFactory;
import io.margay.lang.Language;
import io.margay.lang.ModuleCatalogue;
import io.margay.lang.ModuleReceiver;
import io.margay.port.Message;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntConsumer;
import org.osgi.framework.BundleContext;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;

/**
 * Takes the language modules that main passes: installs the same bytes, and remembers what they found on this
 * machine. A replaced one stays until the last pool that works with it has ended. On the control loop.
 */
final class ModuleInstaller {

    /**
     * A language as it is installed now.
     *
     * @param revision names the installation
     */
    record Module(Language language, int revision) {
    }

    /**
     * What a pool works with.
     *
     * @param revision the installation
     * @param tried the newest one that was tried for its application
     */
    private record Use(int revision, int tried) {
    }

    private final BundleContext context;
    private final ModuleReceiver receiver;
    private final Map<Object, Use> users = new IdentityHashMap<>();

    /**
     * Installs into a framework.
     *
     * @param released told the installations that are gone
     */
    ModuleInstaller(BundleContext context, IntConsumer released) {
        this.context = context;
        this.receiver = new ModuleReceiver(context, true).keep(revision ->
            users.values().stream().anyMatch(use -> use.revision() == revision), released);
    }

    /** What is installed on this machine. */
    ModuleCatalogue catalogue() {
        return receiver.catalogue();
    }

    /** The language of a configured type. */
    Optional<Module> module(String type) {
        String word = ModuleCatalogue.word(type);
        try {
            return context.getServiceReferences(Language.class, null).stream().flatMap(reference ->
                    module(reference).stream())
                .filter(module -> module.language().type().equals(word)
                    && (module.revision() == 0 || receiver.isCurrent(module.revision())))
                .max(Comparator.comparingInt(Module::revision));
        } catch (InvalidSyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The wire of that name. */
    Optional<WireFactory> wire(String name) {
        try {
            return context.getServiceReferences(WireFactory.class, null).stream().map(context::getService)
                .filter(wire -> wire != null && wire.name().equals(name)).findFirst();
        } catch (InvalidSyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private Optional<Module> module(ServiceReference<Language> reference) {
        return Optional.ofNullable(context.getService(reference)).map(language ->
            new Module(language, Optional.ofNullable(reference.getBundle()).map(receiver::revision).orElse(0)));
    }

    /** A pool works with an installation from now on. */
    void use(Object pool, int revision) {
        users.put(pool, new Use(revision, revision));
    }

    /** Whether there is no newer installation of a pool's language that was not tried for it. */
    boolean isCurrent(Object pool, String type) {
        int tried = users.getOrDefault(pool, new Use(0, 0)).tried();
        return module(type).map(module -> module.revision() == tried).orElse(true);
    }

    /** The present installation does not do for a pool's application, so that the pool stays as it is. */
    void stay(Object pool, String type) {
        module(type).ifPresent(module ->
            users.computeIfPresent(pool, (key, use) -> new Use(use.revision(), module.revision())));
    }

    /** A pool has ended. */
    void release(Object pool) {
        users.remove(pool);
        receiver.sweep();
    }

    /**
     * Takes one piece of news.
     *
     * @throws io.margay.port.PayloadException when it is malformed or the bundle cannot be used; the text is for
     * main's log
     */
    void accept(Message message) {
        receiver.accept(message);
    }
}
