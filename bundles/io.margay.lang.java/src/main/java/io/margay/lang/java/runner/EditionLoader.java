// SPDX-License-Identifier: Apache-2.0
package io.margay.lang.java.runner;

import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;

/**
 * The jars of an edition that is not the one of the class path. Its own come first; of the parent there is what the
 * editions share, and not what each has in its own form.
 */
final class EditionLoader extends URLClassLoader {

    static {
        registerAsParallelCapable();
    }

    /** What is never in the jars of an edition. */
    private static final List<String> SHARED = List.of("java.", "jdk.", "sun.", "org.slf4j.", "org.objectweb.asm.",
        "org.eclipse.jdt.", "io.margay.lang.java.runner.");
    private static final List<String> OTHERS = List.of("jakarta.servlet.", "jakarta.websocket.", "jakarta.el.",
        "org.apache.", "org.eclipse.jetty.ee10.", "org.eclipse.jetty.apache.");
    private static final String SERVICES = "META-INF/services/";

    private EditionLoader(URL[] jars, ClassLoader parent) {
        super(jars, parent);
    }

    static EditionLoader of(List<Path> jars, ClassLoader parent) {
        URL[] addresses = new URL[jars.size()];
        for (int i = 0; i < addresses.length; i++) {
            try {
                addresses[i] = jars.get(i).toUri().toURL();
            } catch (MalformedURLException e) {
                throw new IllegalArgumentException(e);
            }
        }
        return new EditionLoader(addresses, parent);
    }

    private static boolean isShared(String name) {
        return SHARED.stream().anyMatch(name::startsWith);
    }

    private static boolean isOthers(String name) {
        return OTHERS.stream().anyMatch(name::startsWith);
    }

    /** Whether a resource of the parent belongs to its edition: a class, a page, or the name of a service. */
    private static boolean isOthersResource(String path) {
        String name = path.startsWith(SERVICES) ? path.substring(SERVICES.length()) : path.replace('/', '.');
        return isOthers(name);
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        if (isShared(name)) {
            return super.loadClass(name, resolve);
        }
        synchronized (getClassLoadingLock(name)) {
            Class<?> loaded = findLoadedClass(name);
            if (loaded == null) {
                loaded = find(name);
            }
            if (resolve) {
                resolveClass(loaded);
            }
            return loaded;
        }
    }

    private Class<?> find(String name) throws ClassNotFoundException {
        try {
            return findClass(name);
        } catch (ClassNotFoundException e) {
            if (isOthers(name)) {
                throw e;
            }
            return getParent().loadClass(name);
        }
    }

    @Override
    public URL getResource(String path) {
        URL own = findResource(path);
        return own != null || isOthersResource(path) ? own : getParent().getResource(path);
    }

    @Override
    public Enumeration<URL> getResources(String path) throws IOException {
        List<URL> found = new ArrayList<>(Collections.list(findResources(path)));
        if (!isOthersResource(path)) {
            found.addAll(Collections.list(getParent().getResources(path)));
        }
        return Collections.enumeration(found);
    }
}
