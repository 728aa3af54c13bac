// SPDX-License-Identifier: Apache-2.0
package io.margay.isolation;

/** A processor for which there is a runner. */
public enum Architecture {
    /** AMD and Intel, 64 bits. */
    X86_64(62, 0x10000, 0x20000),
    /** ARM, 64 bits. */
    AARCH64(183, 0x4000, 0x8000);

    private final int machine;
    private final int directory;
    private final int noFollow;

    Architecture(int machine, int directory, int noFollow) {
        this.machine = machine;
        this.directory = directory;
        this.noFollow = noFollow;
    }

    /** The architecture of this JVM. */
    public static Architecture current() {
        String name = System.getProperty("os.arch");
        return switch (name) {
            case "amd64", "x86_64" -> X86_64;
            case "aarch64", "arm64" -> AARCH64;
            default -> throw new UnsupportedOperationException("no start runner for " + name);
        };
    }

    /** The machine number of an ELF header. */
    int machine() {
        return machine;
    }

    /** {@code O_DIRECTORY}, which differs between the two. */
    int directory() {
        return directory;
    }

    /** {@code O_NOFOLLOW}. */
    int noFollow() {
        return noFollow;
    }
}
