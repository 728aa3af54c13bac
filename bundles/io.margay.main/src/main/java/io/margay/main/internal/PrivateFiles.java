// SPDX-License-Identifier: Apache-2.0
package io.margay.main.internal;

import io.margay.posix.Credentials;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * Removes the private directory of a child that is gone, as it may not have done so itself. What the child has started
 * may still change the tree meanwhile, and main may be root: every step is relative to an open directory, so that no
 * path is looked up twice.
 */
final class PrivateFiles {

    /** Far deeper than what a framework makes. */
    private static final int MAX_DEPTH = 64;

    private PrivateFiles() {
    }

    /** Removes the tree; links are removed, never followed. */
    static void remove(Path directory) {
        Path absolute = directory.toAbsolutePath();
        try (DirectoryStream<Path> parent = Files.newDirectoryStream(absolute.getParent())) {
            remove((SecureDirectoryStream<Path>) parent, absolute, 0);
        } catch (NoSuchFileException e) {
            // The child has cleaned up after itself.
            return;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void remove(SecureDirectoryStream<Path> parent, Path path, int depth) throws IOException {
        Path name = path.getFileName();
        if (depth > MAX_DEPTH) {
            throw new IOException("directories are nested too deeply");
        }
        if (!parent.getFileAttributeView(name, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
            .readAttributes().isDirectory()) {
            parent.deleteFile(name);
            return;
        }
        if (Credentials.effectiveUid() != 0) {
            takeBack(path);
        }
        try (SecureDirectoryStream<Path> directory = parent.newDirectoryStream(name, LinkOption.NOFOLLOW_LINKS)) {
            for (Path entry : directory) {
                remove(directory, path.resolve(entry.getFileName()), depth + 1);
            }
        }
        parent.deleteDirectory(name);
    }

    /**
     * Makes a directory main's again, which lives on capabilities and not on being root. Nobody else can replace what
     * is in it from then on, so the path of what is below stays true.
     */
    private static void takeBack(Path path) throws IOException {
        int self = Credentials.effectiveUid();
        if (!Files.getAttribute(path, "unix:uid", LinkOption.NOFOLLOW_LINKS).equals(self)) {
            Files.setAttribute(path, "unix:uid", self, LinkOption.NOFOLLOW_LINKS);
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwx------"));
        }
    }
}
