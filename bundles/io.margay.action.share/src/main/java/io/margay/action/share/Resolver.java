// SPDX-License-Identifier: Apache-2.0
package io.margay.action.share;

import io.margay.http.Exchange;
import io.margay.posix.Errno;
import io.margay.posix.Files;
import io.margay.route.Template;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Opens paths within the limits of {@code chroot}, {@code follow_symlinks} and {@code traverse_mounts}. */
final class Resolver {
    private final Optional<Template> chroot;
    private final int limits;

    Resolver(Optional<Template> chroot, int limits) {
        this.chroot = chroot;
        this.limits = limits;
    }

    /** Whether there are no limits. */
    boolean isPlain() {
        return chroot.isEmpty() && limits == 0;
    }

    /** The confinement of a request; empty if there is none. */
    AsciiString root(Exchange exchange) {
        return chroot.isPresent() ? chroot.get().evaluate(exchange) : AsciiString.EMPTY_STRING;
    }

    /** A path for calls and messages. */
    static String text(AsciiString path) {
        return new String(path.array(), path.arrayOffset(), path.length(), StandardCharsets.UTF_8);
    }

    /** Opens the path for reading; a descriptor or the negative errno. */
    int open(AsciiString path, AsciiString root) {
        return open(path, root, Files.O_RDONLY | Files.O_NONBLOCK);
    }

    /** The same with other flags. */
    int open(AsciiString path, AsciiString root, int flags) {
        if (root.isEmpty()) {
            return Files.openAt2(Files.AT_FDCWD, path.toByteArray(), flags, 0, limits);
        }
        int rest = inside(path, root);
        if (rest < 0) {
            return -Errno.EACCES;
        }
        int directory = Files.openAt2(Files.AT_FDCWD, root.toByteArray(), Files.O_PATH | Files.O_DIRECTORY, 0, 0);
        if (directory < 0) {
            return directory;
        }
        try (io.margay.posix.Fd owned = io.margay.posix.Fd.own(directory)) {
            return Files.openAt2(owned.number(), path.toByteArray(rest, path.length()), flags, 0,
                limits | Files.RESOLVE_IN_ROOT);
        }
    }

    /** Where the path goes on after the root; repeated slashes do not count. -1 if it is not inside. */
    private static int inside(AsciiString path, AsciiString root) {
        int end = root.length();
        while (end > 0 && root.byteAt(end - 1) == '/') {
            end--;
        }
        int p = 0;
        for (int r = 0; r < end; r++) {
            byte c = root.byteAt(r);
            if (p == path.length() || path.byteAt(p) != c) {
                return -1;
            }
            p++;
            if (c == '/') {
                while (p < path.length() && path.byteAt(p) == '/') {
                    p++;
                }
                while (r + 1 < end && root.byteAt(r + 1) == '/') {
                    r++;
                }
            }
        }
        if (p == path.length() || path.byteAt(p) != '/') {
            return -1;
        }
        while (p < path.length() && path.byteAt(p) == '/') {
            p++;
        }
        return p < path.length() ? p : -1;
    }
}
