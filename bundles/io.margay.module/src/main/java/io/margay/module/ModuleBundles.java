// SPDX-License-Identifier: Apache-2.0
package io.margay.module;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.ServiceReference;

/**
 * Extension bundles in main's own framework. All are installed there, so that the framework reads their manifests;
 * started are those that main itself runs. During an update two installations of one bundle are there, so each has a
 * place of its own. Methods may block; for any thread, one at a time.
 */
final class ModuleBundles {

    /** How the locations begin of what comes from the modules directory. */
    static final String LOCATION = "margay-module:";

    private final BundleContext context;
    private final SealedJars jars = new SealedJars();
    private final AtomicInteger counter = new AtomicInteger();
    private final CoreParts core;
    private final PartJars parts;

    ModuleBundles(BundleContext context, CoreParts core) {
        this.context = context;
        this.core = core;
        this.parts = new PartJars(core);
    }

    SealedJars jars() {
        return jars;
    }

    BundleContext context() {
        return context;
    }

    /** Removes what an end without warning has left in the framework's store. */
    void clean() {
        for (Bundle bundle : context.getBundles()) {
            if (isOwn(bundle)) {
                remove(bundle);
            }
        }
    }

    static boolean isOwn(Bundle bundle) {
        return bundle.getLocation().startsWith(LOCATION);
    }

    /**
     * Installs a jar; nothing of it runs.
     *
     * @param jar is released with the revision, or at once when it is refused
     * @throws ModuleException with the reason; nothing stays behind
     */
    ModuleRevision install(SealedJar jar) {
        int number = counter.incrementAndGet();
        Optional<ModuleRevision> part;
        try {
            part = parts.find(jar).map(found -> new ModuleRevision(number, found, jar));
        } catch (ModuleException e) {
            jars.release(jar);
            throw e;
        }
        return part.isPresent() ? part.get() : install(number, jar);
    }

    private ModuleRevision install(int number, SealedJar jar) {
        Bundle bundle;
        try (InputStream in = Files.newInputStream(Path.of(jar.path()))) {
            bundle = context.installBundle(LOCATION + number, in);
        } catch (BundleException | IOException | RuntimeException e) {
            jars.release(jar);
            throw new ModuleException(reason(e), e);
        }
        try {
            return new ModuleRevision(number, bundle, checked(bundle), jar, false);
        } catch (ModuleException e) {
            remove(bundle);
            jars.release(jar);
            throw e;
        }
    }

    /**
     * Installs a jar, if it may come; nothing of it runs.
     *
     * @param name that it has to have; empty for any
     * @throws ModuleException with the reason; nothing stays behind
     */
    ModuleRevision install(SealedJar jar, String name, ModulePolicy policy) {
        ModuleRevision module = install(jar);
        try {
            if (!name.isEmpty() && !module.name().equals(name)) {
                throw new ModuleException("the bundle is \"" + module.name() + "\", not \"" + name + "\"");
            }
            policy.check(module);
            return module;
        } catch (ModuleException e) {
            uninstall(module);
            throw e;
        }
    }

    /**
     * Takes a bundle that somebody else has installed.
     *
     * @throws ModuleException with the reason
     */
    ModuleRevision adopt(Bundle bundle) {
        List<Extension> extensions = checked(bundle);
        return new ModuleRevision(counter.incrementAndGet(), bundle, extensions, jars.read(bundle), true);
    }

    /**
     * Puts an installation of main's own, of the bytes that are kept, in the place of one that somebody else has taken
     * away, stopped or changed, and that processes use. Nothing is done when it is as it should be.
     *
     * @throws ModuleException when that does not start either
     */
    void substitute(ModuleRevision module) {
        if (module.part().isPresent() || module.isWhole()) {
            return;
        }
        Bundle bundle = null;
        try (InputStream in = Files.newInputStream(Path.of(module.jar().path()))) {
            bundle = context.installBundle(LOCATION + counter.incrementAndGet(), in);
            if (module.runsInMain()) {
                bundle.start();
            }
            module.standsAs(bundle);
        } catch (BundleException | IOException | RuntimeException e) {
            if (bundle != null) {
                remove(bundle);
            }
            throw new ModuleException(reason(e), e);
        }
    }

    /** Whether the framework stops, and with it all bundles. */
    boolean isEnding() {
        return context.getBundle(0).getState() == Bundle.STOPPING;
    }

    private static List<Extension> checked(Bundle bundle) {
        if (bundle.getSymbolicName() == null) {
            throw new ModuleException("it is no OSGi bundle: its manifest has no Bundle-SymbolicName");
        }
        return Extension.of(bundle);
    }

    /**
     * Starts what main runs, and sees that it offers what it says; a part of the server is put where its processes find
     * it.
     *
     * @throws ModuleException with the reason
     */
    void start(ModuleRevision module) {
        if (module.part().isPresent()) {
            core.prepare(module);
        }
        if (!module.runsInMain()) {
            return;
        }
        if (isOwn(module.bundle())) {
            try {
                module.bundle().start();
            } catch (BundleException | RuntimeException e) {
                throw new ModuleException(reason(e), e);
            }
        }
        module.extensions().stream().filter(extension -> extension.kind().main() == ExtensionKind.Use.RUN)
            .forEach(extension -> requireService(context, module.bundle(), extension));
    }

    /** What says that it is there has to be there: a component that is not satisfied registers nothing. */
    static void requireService(BundleContext context, Bundle bundle, Extension extension) {
        ServiceReference<?>[] references = bundle.getRegisteredServices();
        for (ServiceReference<?> reference : references == null ? new ServiceReference<?>[0] : references) {
            if (List.of((String[]) reference.getProperty("objectClass")).contains(extension.kind().service())) {
                if (context.getService(reference) == null) {
                    throw new ModuleException("bundle " + bundle.getSymbolicName() + " cannot make its service "
                        + extension.kind().service());
                }
                context.ungetService(reference);
                return;
            }
        }
        throw new ModuleException("bundle " + bundle.getSymbolicName() + " registers no service "
            + extension.kind().service() + ", although it says that it adds " + extension.reader());
    }

    /** Takes a bundle away; one of somebody else stays where it is. */
    void uninstall(ModuleRevision module) {
        try {
            if (module.part().isPresent()) {
                core.discard(module);
            } else if (isOwn(module.bundle()) && module.bundle().getState() != Bundle.UNINSTALLED) {
                module.bundle().uninstall();
            }
        } catch (BundleException | IllegalStateException e) {
            throw new ModuleException(reason(e), e);
        } finally {
            jars.release(module.jar());
        }
    }

    private static void remove(Bundle bundle) {
        try {
            bundle.uninstall();
        } catch (BundleException | IllegalStateException e) {
            // It is in the way of nobody: each installation has a place of its own.
            return;
        }
    }

    /** The framework's text names the missing package, its cause a fault in the bundle; the log has one line for it. */
    static String reason(Throwable e) {
        Throwable deepest = e;
        while (deepest.getCause() instanceof BundleException cause) {
            deepest = cause;
        }
        Throwable cause = deepest.getCause();
        String text = (deepest.getMessage() == null ? deepest.toString() : deepest.getMessage())
            + (cause == null ? "" : " (" + cause + ")");
        return text.replaceAll("\\s+", " ");
    }
}
