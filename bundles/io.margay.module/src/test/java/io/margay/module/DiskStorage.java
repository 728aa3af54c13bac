// SPDX-License-Identifier: Apache-2.0
package io.margay.module;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Modules in two directories of the file system, without the care of the real one for power failures. */
record DiskStorage(Path state) implements ModuleStorage {

    private interface Work<T> {
        T run() throws IOException;
    }

    private static <T> T on(Work<T> disk) {
        try {
            return disk.run();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path jars() {
        return on(() -> Files.createDirectories(state.resolve("modules")));
    }

    @Override
    public String path(String name) {
        return jars().resolve(name).toString();
    }

    @Override
    public List<String> list() {
        return on(() -> {
            try (var files = Files.list(jars())) {
                return files.map(file -> file.getFileName().toString()).sorted().toList();
            }
        });
    }

    @Override
    public void store(String name, byte[] jar) {
        on(() -> Files.write(jars().resolve(name), jar));
    }

    @Override
    public void delete(String name) {
        on(() -> Files.deleteIfExists(jars().resolve(name)));
    }

    @Override
    public Optional<byte[]> lock() {
        Path file = state.resolve(LOCK);
        return on(() -> Files.exists(file) ? Optional.of(Files.readAllBytes(file)) : Optional.empty());
    }

    @Override
    public void storeLock(byte[] content) {
        on(() -> Files.write(state.resolve(LOCK), content));
    }

    @Override
    public void keepRejected(byte[] content) {
        on(() -> Files.write(state.resolve(LOCK + ".rejected"), content));
    }
}
