// SPDX-License-Identifier: Apache-2.0
package io.margay.isolation;

import io.margay.posix.Errno;
import io.margay.posix.Fd;
import io.margay.posix.Files;
import io.margay.posix.PosixException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Joins processes to control groups, in main, while they wait (spec/isolation.md §9 and §12).
 *
 * <p>The group is made below the unified hierarchy wherever that is mounted. Main's own group and its parents are
 * never removed.
 */
public final class Cgroups {

    private static final int MODE = 0777;

    private final Path proc;

    /** For this machine. */
    public Cgroups() {
        this(Path.of("/proc"));
    }

    Cgroups(Path proc) {
        this.proc = proc;
    }

    /**
     * A group that a process has joined.
     *
     * @param directory its directory
     * @param root directory of the whole hierarchy
     * @param own main's own group
     */
    public record Joined(Path directory, Path root, Path own) {

        /** Removes the group and its parents as far as they are empty; call it when the last process has ended. */
        public void leave() {
            for (Path path = directory; removable(path); path = path.getParent()) {
                try {
                    Files.rmdir(path.toString());
                } catch (PosixException used) {
                    // Not empty, or removed by somebody else with all that is above it: both end the clean-up.
                    return;
                }
            }
        }

        private boolean removable(Path path) {
            return path != null && path.startsWith(root) && !own.startsWith(path) && !path.equals(root);
        }
    }

    /**
     * Makes the group where it is missing and moves the process into it.
     *
     * @param pid the process, by the kernel's credentials of its message
     * @param path absolute: below the root of the hierarchy; relative: below the group of the process
     * @throws IsolationException when the kernel refuses; what was made is removed again
     */
    public Joined join(int pid, String path) {
        String target = path;
        Path directory = null;
        try {
            Hierarchy hierarchy = Hierarchy.read(proc);
            Path base = path.startsWith("/") ? hierarchy.directory() : hierarchy.groupOf(proc.resolve(pid + "/cgroup"));
            directory = base.resolve(path.replaceFirst("^/+", "")).normalize();
            target = directory.toString();
            if (!directory.startsWith(hierarchy.directory())) {
                throw new PosixException("cgroup", Errno.EINVAL);
            }
            Joined joined = new Joined(directory, hierarchy.directory(),
                hierarchy.groupOf(proc.resolve("self/cgroup")));
            enter(pid, joined);
            return joined;
        } catch (PosixException failure) {
            throw new IsolationException(Severity.ALERT, "cgroup: failed to add process " + pid + " to " + target
                + " " + PosixException.describe(failure.errno()));
        }
    }

    private static void enter(int pid, Joined joined) {
        try {
            make(joined.directory(), joined.root());
            String file = joined.directory().resolve("cgroup.procs").toString();
            try (Fd procs = Files.open(file, Files.O_WRONLY, 0)) {
                byte[] line = (pid + "\n").getBytes(StandardCharsets.US_ASCII);
                Files.writeAll(procs.number(), line);
            }
        } catch (PosixException failure) {
            joined.leave();
            throw failure;
        }
    }

    private static void make(Path directory, Path root) {
        List<Path> missing = new ArrayList<>();
        for (Path path = directory; !path.equals(root); path = path.getParent()) {
            missing.addFirst(path);
        }
        for (Path path : missing) {
            try {
                Files.mkdir(path.toString(), MODE);
            } catch (PosixException failure) {
                if (failure.errno() != Errno.EEXIST) {
                    throw failure;
                }
            }
        }
    }
}
