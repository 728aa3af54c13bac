// SPDX-License-Identifier: Apache-2.0
package io.margay.launcher;

import java.net.URL;
import java.util.Collections;
import java.util.Enumeration;
import java.util.Optional;
import org.osgi.framework.Bundle;
import org.osgi.framework.wiring.BundleWiring;

/**
 * Loads in a training run the classes that no rehearsal meets: a class that the boot cache has costs a start a tenth
 * of one that is read from its jar. But every JVM links all archived classes of the class path when it starts, and so
 * has a copy of each: what other projects bring along and no rehearsal meets is left out.
 */
final class TrainingClasses {
    private static final String SUFFIX = ".class";

    private TrainingClasses() {
    }

    /** Loads the classes of a bundle of this project; does nothing for others. */
    static void load(Bundle bundle) {
        String name = bundle.getSymbolicName();
        if (!name.startsWith("io.margay.") || name.equals("io.margay.jnr")) {
            return;
        }
        Enumeration<URL> files = Optional.ofNullable(bundle.findEntries("/", "*" + SUFFIX, true))
            .orElseGet(Collections::emptyEnumeration);
        ClassLoader loader = bundle.adapt(BundleWiring.class).getClassLoader();
        while (files.hasMoreElements()) {
            String path = files.nextElement().getPath();
            load(loader, path.substring(1, path.length() - SUFFIX.length()).replace('/', '.'));
        }
    }

    private static void load(ClassLoader loader, String name) {
        if (name.startsWith("META-INF.") || name.endsWith("-info")) {
            return;
        }
        try {
            Class.forName(name, false, loader);
        } catch (ClassNotFoundException | LinkageError e) {
            throw new IllegalStateException("cannot load " + name, e);
        }
    }
}
