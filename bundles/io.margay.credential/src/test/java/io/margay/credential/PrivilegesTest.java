// SPDX-License-Identifier: Apache-2.0
package io.margay.credential;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.margay.posix.Credentials;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PrivilegesTest {
    @ParameterizedTest
    @CsvSource({"0, 0, true, true", "1000, 0, false, false", "1000, C0, true, false", "1000, 40, false, false",
        "1000, 80, false, false", "1000, 40000, false, true", "1000, 1FFFFFFFFFF, true, true"})
    void rules(int uid, String capabilities, boolean setid, boolean chroot) {
        assertEquals(new Privileges(setid, chroot), Privileges.of(uid, Long.parseLong(capabilities, 16)));
    }

    @Test
    void thisProcess() throws AccountException {
        assertEquals(Privileges.of(Credentials.effectiveUid(), Credentials.effectiveCapabilities()),
            Privileges.query());
    }
}
