// SPDX-License-Identifier: Apache-2.0
package io.margay.main.internal;

import io.margay.credential.Credential;
import io.margay.posix.Errno;
import io.margay.posix.Files;
import io.margay.posix.PosixException;
import io.margay.process.StartException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Folders below {@code --tmpdir} in which a router writes request bodies: its account need not have any right there,
 * and what cannot work is said at the start instead of at the first large request.
 */
final class BodyFolders {

    private static final String PREFIX = "margay-bodies-";
    private static final int OWNER_ONLY = 0700;
    private static final int ATTEMPTS = 64;

    private final Path parent;
    private final int self;

    /**
     * Folders of one server.
     *
     * @param parent where they are made
     * @param self main's pid
     */
    BodyFolders(Path parent, int self) {
        this.parent = parent.toAbsolutePath();
        this.self = self;
    }

    /**
     * Makes one for a new router, and removes those of killed servers.
     *
     * @param owner the router's account, unless it is main's
     * @throws StartException with the reason
     */
    Path make(Optional<Credential> owner) {
        removeStale();
        for (int i = 1; i <= ATTEMPTS; i++) {
            Path folder = parent.resolve(PREFIX + self + "-" + i);
            try {
                Files.mkdir(folder.toString(), OWNER_ONLY);
                owner.ifPresent(account -> Files.chown(folder.toString(), account.uid(), account.gid()));
                return folder;
            } catch (PosixException e) {
                if (e.errno() != Errno.EEXIST) {
                    throw new StartException("no folder for request bodies can be made in \"" + parent
                        + "\" (option \"--tmpdir\"): " + e.getMessage(), e);
                }
            }
        }
        throw new StartException("\"" + parent + "\" (option \"--tmpdir\") is full of folders for request bodies");
    }

    private void removeStale() {
        try (DirectoryStream<Path> entries = java.nio.file.Files.newDirectoryStream(parent, this::stale)) {
            entries.forEach(PrivateFiles::remove);
        } catch (IOException | RuntimeException e) {
            // They are empty and do no harm; whether a folder can be made is what counts.
            return;
        }
    }

    /** Whether the server that made it is gone. */
    private boolean stale(Path entry) {
        String name = entry.getFileName().toString();
        if (!name.matches(PREFIX + "[0-9]{1,9}-[0-9]{1,4}")) {
            return false;
        }
        String pid = name.substring(PREFIX.length(), name.lastIndexOf('-'));
        return !pid.equals(Integer.toString(self)) && !java.nio.file.Files.exists(Path.of("/proc", pid));
    }
}
