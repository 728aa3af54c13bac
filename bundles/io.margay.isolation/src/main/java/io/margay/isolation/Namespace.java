// SPDX-License-Identifier: Apache-2.0
package io.margay.isolation;

import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Optional;

/** A kind of Linux namespace, by its name in {@code isolation.namespaces} (spec/isolation.md §4). */
public enum Namespace {
    /** Users and capabilities. First, since it gives the right to make or enter the others. */
    CREDENTIAL("credential", "CLONE_NEWUSER", 0x10000000, "user"),
    /** Process numbers. */
    PID("pid", "CLONE_NEWPID", 0x20000000, "pid"),
    /** Network devices, addresses and ports. */
    NETWORK("network", "CLONE_NEWNET", 0x40000000, "net"),
    /** Mount points. */
    MOUNT("mount", "CLONE_NEWNS", 0x00020000, "mnt"),
    /** Host and domain name. */
    UNAME("uname", "CLONE_NEWUTS", 0x04000000, "uts"),
    /** The root of the control group tree. */
    CGROUP("cgroup", "CLONE_NEWCGROUP", 0x02000000, "cgroup");

    private final String option;
    private final String constant;
    private final int flag;
    private final String file;

    Namespace(String option, String constant, int flag, String file) {
        this.option = option;
        this.constant = constant;
        this.flag = flag;
        this.file = file;
    }

    /** The member of {@code isolation.namespaces}. */
    public String option() {
        return option;
    }

    /** The name of the kernel's flag. */
    public String constant() {
        return constant;
    }

    /** The flag of {@code unshare} and {@code setns}. */
    public int flag() {
        return flag;
    }

    /** The name below {@code /proc/<pid>/ns}. */
    public String file() {
        return file;
    }

    /** Whether this kernel has it. */
    public boolean supported() {
        return Files.exists(Path.of("/proc/self/ns", file), LinkOption.NOFOLLOW_LINKS);
    }

    /** The namespace of that option, empty for an unknown name. */
    public static Optional<Namespace> of(String option) {
        for (Namespace namespace : values()) {
            if (namespace.option.equals(option)) {
                return Optional.of(namespace);
            }
        }
        return Optional.empty();
    }
}
