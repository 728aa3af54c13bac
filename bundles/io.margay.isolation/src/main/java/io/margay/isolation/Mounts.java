// SPDX-License-Identifier: Apache-2.0
package io.margay.isolation;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/** The list of mounts of an application (spec/isolation.md §7 and §12). */
public final class Mounts {

    private static final Comparator<Mount> ORDER = Comparator.comparing(Mount::type)
        .thenComparing(mount -> mount.target().length()).thenComparing(Mount::target);

    private Mounts() {
    }

    /**
     * The mounts in the order in which they are made: by type, then length, then name of the destination.
     *
     * @param automount what is wanted
     * @param language what the language runtime needs; a bind whose source is missing is left out, and one of a file is
     *     made as such
     * @param log takes a warning for each that is left out or has flags without effect
     */
    public static List<Mount> of(Automount automount, List<Mount> language, Consumer<Notice> log) {
        List<Mount> mounts = new ArrayList<>();
        if (automount.language()) {
            language.stream().filter(mount -> usable(mount, log)).map(Mounts::kind).forEach(mounts::add);
        }
        if (automount.tmpfs()) {
            mounts.add(new Mount(Mount.Type.TMPFS, "tmpfs", "/tmp",
                Set.of(Mount.Flag.NOSUID, Mount.Flag.NODEV, Mount.Flag.NOEXEC, Mount.Flag.RELATIME),
                "size=1m,mode=1777"));
        }
        if (automount.procfs()) {
            mounts.add(new Mount(Mount.Type.PROC, "none", "/proc",
                Set.of(Mount.Flag.NOEXEC, Mount.Flag.NOSUID, Mount.Flag.RELATIME), ""));
        }
        mounts.sort(ORDER);
        return List.copyOf(mounts);
    }

    private static boolean usable(Mount mount, Consumer<Notice> log) {
        if (mount.type() != Mount.Type.BIND) {
            return true;
        }
        if (!mount.flags().isEmpty()) {
            log.accept(new Notice(Severity.WARN, "bind mount ignores additional flags"));
        }
        if (!exists(mount.source())) {
            log.accept(new Notice(Severity.WARN, "host path not found: " + mount.source()));
            return false;
        }
        return true;
    }

    private static Mount kind(Mount mount) {
        return mount.type() != Mount.Type.BIND || Files.isDirectory(Path.of(mount.source())) ? mount
            : new Mount(Mount.Type.FILE, mount.source(), mount.target(), mount.flags(), mount.data());
    }

    private static boolean exists(String path) {
        try {
            return Files.exists(Path.of(path));
        } catch (InvalidPathException notRepresentable) {
            return false;
        }
    }
}
