// SPDX-License-Identifier: Apache-2.0
package io.margay.filter.auth;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;

/**
 * A file that is read again when it has changed.
 *
 * @param <T> what its content is
 */
final class SmallFile<T> implements Source.Loader<T> {
    private static final int MOST = 8 << 20;

    private final Path path;
    private final Function<byte[], T> parser;
    private volatile String seen = "";

    /**
     * Prepares.
     *
     * @param parser throws {@link IllegalArgumentException} for what is malformed
     * @throws IOException if the path is none
     */
    SmallFile(String path, Function<byte[], T> parser) throws IOException {
        try {
            this.path = Path.of(path);
        } catch (InvalidPathException e) {
            throw new IOException(e.getMessage(), e);
        }
        this.parser = parser;
    }

    @Override
    public Optional<T> load() throws IOException {
        BasicFileAttributes facts = Files.readAttributes(path, BasicFileAttributes.class);
        if (!facts.isRegularFile()) {
            // A pipe would be waited for.
            throw new IOException("\"" + path + "\" is no file");
        }
        String state = facts.lastModifiedTime() + " " + facts.size() + " " + facts.fileKey();
        if (Objects.equals(state, seen)) {
            return Optional.empty();
        }
        byte[] content;
        try (InputStream in = Files.newInputStream(path)) {
            content = in.readNBytes(MOST + 1);
        }
        if (content.length > MOST) {
            throw new IOException("\"" + path + "\" is larger than " + MOST + " bytes");
        }
        T value;
        try {
            value = parser.apply(content);
        } catch (IllegalArgumentException e) {
            throw new IOException("\"" + path + "\": " + e.getMessage(), e);
        }
        seen = state;
        return Optional.of(value);
    }
}
