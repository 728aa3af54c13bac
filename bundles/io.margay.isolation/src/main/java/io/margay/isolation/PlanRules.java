// SPDX-License-Identifier: Apache-2.0
package io.margay.isolation;

import io.margay.posix.Fd;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;

/** What holds for every {@link LaunchPlan}. A violation is a programming error: configurations are checked before. */
final class PlanRules {

    /** Highest number of a descriptor in the process: gaps below it are closed one by one at each start. */
    static final int LAST_DESCRIPTOR = 255;
    /** The kernel's BPF_MAXINSNS of 8 bytes each. */
    private static final int LARGEST_FILTER = 4096 * 8;

    private PlanRules() {
    }

    static void check(LaunchPlan.Mode mode, String executable, List<String> arguments, Map<String, String> variables) {
        boolean holder = mode == LaunchPlan.Mode.HOLDER;
        require(holder == executable.isEmpty(), "a holder has no program, all others have one");
        require(!arguments.isEmpty(), "no argument vector");
        text("executable", executable);
        arguments.forEach(argument -> text("argument", argument));
        variables.forEach((name, value) -> {
            text("environment", name + value);
            require(!name.isEmpty() && name.indexOf('=') < 0, "environment name \"" + name + "\"");
        });
    }

    static void checkDescriptors(SortedMap<Integer, Fd> descriptors, Optional<Handshake> handshake) {
        if (!descriptors.isEmpty()) {
            require(descriptors.firstKey() >= 0 && descriptors.lastKey() <= LAST_DESCRIPTOR,
                "descriptor out of 0 to " + LAST_DESCRIPTOR);
        }
        handshake.ifPresent(exchange -> require(
            descriptors.containsKey(exchange.main()) && descriptors.containsKey(exchange.own()),
            "the ports of the handshake are no descriptors of the process"));
    }

    static void checkRoot(Optional<String> root, List<Mount> mounts, Set<Namespace> namespaces) {
        root.ifPresent(path -> require(path.length() > 1 && path.startsWith("/"), "root " + path));
        require(root.isPresent() || mounts.isEmpty(), "mounts without a root");
        for (Mount mount : mounts) {
            text("mount", mount.source() + mount.target() + mount.data());
            require(mount.target().startsWith("/") && !("/" + mount.target() + "/").contains("/../"),
                "mount target " + mount.target());
            boolean ofHost = mount.type() == Mount.Type.BIND || mount.type() == Mount.Type.FILE;
            require(!ofHost || mount.source().startsWith("/"), "mount source " + mount.source());
        }
        require(namespaces.stream().allMatch(Namespace::supported), "namespace that this kernel lacks");
    }

    static void checkPaths(Optional<String> directory, Optional<String> stdout, Optional<String> stderr,
        Optional<String> root) {
        directory.ifPresent(path -> text("directory", path));
        stdout.ifPresent(path -> text("stdout", path));
        stderr.ifPresent(path -> text("stderr", path));
        root.ifPresent(path -> text("root", path));
    }

    static void checkSeccomp(byte[] filter, boolean newPrivileges) {
        require(filter.length % 8 == 0 && filter.length <= LARGEST_FILTER, "seccomp filter of " + filter.length);
        require(filter.length == 0 || !newPrivileges,
            "a seccomp filter of an unprivileged process needs no_new_privs");
    }

    private static void text(String what, String value) {
        require(value.indexOf('\0') < 0, what + " with a null character");
    }

    private static void require(boolean condition, String otherwise) {
        if (!condition) {
            throw new IllegalArgumentException(otherwise);
        }
    }
}
