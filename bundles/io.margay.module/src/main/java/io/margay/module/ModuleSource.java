// SPDX-License-Identifier: Apache-2.0
package io.margay.module;

import java.nio.file.Files;
import java.nio.file.Path;
import org.osgi.framework.Bundle;

/** Where an extension bundle comes from; its text names it in the log. */
sealed interface ModuleSource {

    /** Whether there is something. */
    boolean exists();

    /**
     * Installs what is there; nothing of it runs. May block.
     *
     * @throws ModuleException with the reason
     */
    ModuleRevision read(ModuleBundles bundles);

    /** Whether it is a jar of the modules directory. */
    default boolean isFile() {
        return false;
    }

    /** Whether an order has brought it into the state directory. */
    default boolean isStored() {
        return false;
    }

    /** {@code directory}, {@code store} or {@code framework}. */
    String origin();

    /** The path, or the number of the bundle. */
    String place();

    static ModuleSource file(Path file) {
        return new File(file, true);
    }

    static ModuleSource stored(String file) {
        return new File(Path.of(file), false);
    }

    static ModuleSource bundle(Bundle bundle) {
        return new Foreign(bundle);
    }

    /**
     * A jar.
     *
     * @param isFile whether it lies in the modules directory; else an order has brought it into the state directory
     */
    record File(Path path, boolean isFile) implements ModuleSource {

        @Override
        public boolean isStored() {
            return !isFile;
        }

        @Override
        public boolean exists() {
            return Files.isRegularFile(path);
        }

        @Override
        public ModuleRevision read(ModuleBundles bundles) {
            return bundles.install(bundles.jars().read(path));
        }

        @Override
        public String origin() {
            return isFile ? "directory" : "store";
        }

        @Override
        public String place() {
            return path.toString();
        }

        @Override
        public String toString() {
            return "\"" + path + "\"";
        }
    }

    /** A bundle that somebody else has installed in main's framework. */
    record Foreign(Bundle bundle) implements ModuleSource {

        @Override
        public boolean exists() {
            return ForeignBundles.counts(bundle);
        }

        @Override
        public ModuleRevision read(ModuleBundles bundles) {
            return bundles.adopt(bundle);
        }

        @Override
        public String origin() {
            return "framework";
        }

        @Override
        public String place() {
            return Long.toString(bundle.getBundleId());
        }

        @Override
        public String toString() {
            return "bundle " + bundle.getBundleId() + " (" + bundle.getSymbolicName() + ")";
        }
    }
}
