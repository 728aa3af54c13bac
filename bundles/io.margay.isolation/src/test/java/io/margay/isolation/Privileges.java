// SPDX-License-Identifier: Apache-2.0
package io.margay.isolation;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.margay.posix.Credentials;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What tests need of the machine; they are skipped with the reason where it is missing. */
final class Privileges {

    private static final int CAP_SYS_ADMIN = 21;

    private Privileges() {
    }

    /** Root that may make namespaces and mounts, which root of a plain container may not. */
    static void assumeRoot() {
        assumeTrue(Credentials.effectiveUid() == 0, "needs root");
        assumeTrue((Credentials.effectiveCapabilities() >> CAP_SYS_ADMIN & 1) != 0, "needs CAP_SYS_ADMIN");
    }

    /** User namespaces for everybody, which some systems forbid. */
    static void assumeUserNamespaces() throws IOException {
        assumeTrue(!is("apparmor_restrict_unprivileged_userns", "1"), "AppArmor restricts user namespaces");
        assumeTrue(!is("unprivileged_userns_clone", "0"), "no user namespaces without privileges");
    }

    private static boolean is(String setting, String value) throws IOException {
        Path file = Path.of("/proc/sys/kernel", setting);
        return Files.exists(file) && Files.readString(file).strip().equals(value);
    }
}
