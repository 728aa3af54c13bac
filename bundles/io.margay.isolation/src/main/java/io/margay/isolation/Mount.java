// SPDX-License-Identifier: Apache-2.0
package io.margay.isolation;

import java.util.Set;
import java.util.TreeSet;

/**
 * A mount below the root directory of an application (spec/isolation.md §7).
 *
 * @param type kind of file system
 * @param source what is mounted: an absolute path of the host for a bind or file, else a name
 * @param target absolute path inside the new root; what is missing of it is made
 * @param flags options
 * @param data options of the file system, may be empty
 */
public record Mount(Type type, String source, String target, Set<Flag> flags, String data) {

    /** Copies and orders the flags. */
    public Mount {
        flags = Set.copyOf(flags);
    }

    /** The directory of the host at the same place inside the root, with all mounts below it. */
    public static Mount bind(String directory) {
        return new Mount(Type.BIND, directory, directory, Set.of(), "");
    }

    /** The kernel's flag bits. */
    public int bits() {
        int bits = type == Type.BIND ? Kernel.MS_BIND | Kernel.MS_REC : 0;
        for (Flag flag : flags) {
            bits |= flag.bit;
        }
        return bits;
    }

    /** The flags, for messages. */
    String flagText() {
        StringBuilder text = new StringBuilder(type == Type.BIND ? "MS_BIND|MS_REC" : "");
        for (Flag flag : new TreeSet<>(flags)) {
            text.append(text.isEmpty() ? "" : "|").append("MS_").append(flag.name());
        }
        return text.isEmpty() ? "0" : text.toString();
    }

    /** In the order in which they are mounted. */
    public enum Type {
        /** The process file system. */
        PROC("proc"),
        /** Files in memory. */
        TMPFS("tmpfs"),
        /** A directory of the host, recursively. */
        BIND("bind"),
        /** A file of the host that is no directory, as a device. */
        FILE("bind");

        private final String fileSystem;

        Type(String fileSystem) {
            this.fileSystem = fileSystem;
        }

        /** The kernel's name of the file system. */
        public String fileSystem() {
            return fileSystem;
        }
    }

    /** Mount options. */
    public enum Flag {
        /** Not writable. */
        RDONLY(0x1),
        /** Set-user-id bits have no effect. */
        NOSUID(0x2),
        /** Device files have no effect. */
        NODEV(0x4),
        /** No file may be executed. */
        NOEXEC(0x8),
        /** No access times. */
        NOATIME(0x400),
        /** Access times only after a change. */
        RELATIME(0x200000);

        private final int bit;

        Flag(int bit) {
            this.bit = bit;
        }
    }
}
