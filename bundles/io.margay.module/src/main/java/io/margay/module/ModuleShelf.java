// SPDX-License-Identifier: Apache-2.0
package io.margay.module;

import io.margay.log.ErrorLog;
import io.margay.posix.PosixException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/**
 * The jars that were brought by hand, in the state directory, and the file that says which of them count. A jar is on
 * the disk before it is used, and counts for the next start when the file says so: whatever moment the power fails at,
 * the set is the one before or the one after. Calls wait for the disk; one thread at a time.
 */
final class ModuleShelf {

    /** How much of a digest stands in the name of a file. */
    private static final int SHORT = 12;
    /** Symbolic names and versions have no other characters. */
    private static final String OTHERS = "[^A-Za-z0-9._-]";

    private final ModuleStorage files;
    private final ErrorLog journal;

    ModuleShelf(ModuleStorage files, ErrorLog journal) {
        this.files = files;
        this.journal = journal;
    }

    /** What was decided; a file that cannot be read is told, kept aside and taken for nothing. */
    ModuleLock read() {
        Optional<byte[]> content = Optional.empty();
        try {
            content = files.lock();
            return content.map(ModuleLock::decode).orElse(ModuleLock.EMPTY);
        } catch (ModuleException | PosixException e) {
            journal.alert("the modules that were brought by hand are not used: \"" + ModuleStorage.LOCK
                + "\" of the state directory cannot be read: " + e.getMessage());
            content.ifPresent(this::keepAside);
            return ModuleLock.EMPTY;
        }
    }

    /** Whether parts of the server are in it; of what cannot be read {@link #read} tells. */
    boolean namesParts() {
        try {
            return files.lock().map(ModuleLock::decode).orElse(ModuleLock.EMPTY).entries().values().stream()
                .anyMatch(entry -> entry.jar().filter(ModuleLock.Jar::part).isPresent());
        } catch (ModuleException | PosixException e) {
            return false;
        }
    }

    private void keepAside(byte[] content) {
        try {
            files.keepRejected(content);
        } catch (PosixException e) {
            journal.alert("the unusable list of modules cannot be kept: " + e.getMessage());
        }
    }

    /**
     * Says which ones count from now on, and removes the jars that it does not name.
     *
     * @throws ModuleException when it is not safely on the disk; then the file is as before
     */
    void write(ModuleLock lock) {
        try {
            files.storeLock(lock.encode());
        } catch (PosixException e) {
            throw new ModuleException("the list of modules cannot be stored: " + e.getMessage(), e);
        }
        sweep(lock);
    }

    /** Removes jars that nothing names: of changes that were undone, or that a crash cut off. */
    void sweep(ModuleLock lock) {
        Set<String> wanted = lock.files();
        for (String name : files.list()) {
            if (!wanted.contains(name)) {
                delete(name);
            }
        }
    }

    private void delete(String name) {
        try {
            files.delete(name);
        } catch (PosixException e) {
            journal.warn("a module that is not used any more cannot be deleted: " + e.getMessage());
        }
    }

    /**
     * Keeps a jar.
     *
     * @return as the list names it
     * @throws ModuleException when it is not safely on the disk
     */
    ModuleLock.Jar keep(ModuleRevision module) {
        String file = (module.name() + "-" + module.version()).replaceAll(OTHERS, "_") + "-"
            + module.digest().substring(0, SHORT) + ".jar";
        try {
            if (!files.list().contains(file)) {
                files.store(file, module.jar().bytes());
            }
        } catch (PosixException e) {
            throw new ModuleException("the jar cannot be stored: " + e.getMessage(), e);
        }
        return new ModuleLock.Jar(module.version().toString(), module.digest(), file, module.part().isPresent());
    }

    /**
     * Installs a jar that was kept as sealed memory.
     *
     * @throws ModuleException when it is not there, or is another one
     */
    SealedJar load(ModuleLock.Jar jar, SealedJars jars) {
        if (jar.file().isEmpty() || !files.list().contains(jar.file())) {
            throw new ModuleException("it is not there any more");
        }
        SealedJar sealed = jars.read(Path.of(path(jar)));
        if (!sealed.digest().equals(jar.digest())) {
            jars.release(sealed);
            throw new ModuleException("its digest is not the one that " + ModuleStorage.LOCK + " names");
        }
        return sealed;
    }

    String path(ModuleLock.Jar jar) {
        return files.path(jar.file());
    }
}
