// SPDX-License-Identifier: Apache-2.0
package io.margay.credential;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.margay.posix.Credentials;
import io.margay.posix.Errno;
import io.margay.posix.PosixException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PrivilegesTest {
    @ParameterizedTest
    @CsvSource({
        // euid, capabilities in hexadecimal, setid, chroot
        "0,     0,                true,  true",
        "1000,  0,                false, false",
        "1000,  40,               false, false",
        "1000,  80,               false, false",
        "1000,  c0,               true,  false",
        "1000,  40000,            false, true",
        "1000,  400c0,            true,  true",
        "1000,  ffffffffffffff3f, false, true",
        "1000,  fffffffffffbffff, true,  false",
        "-1,    0,                false, false",
    })
    void byUserOrCapabilities(int euid, String capabilities, boolean setid, boolean chroot) {
        assertEquals(new Privileges(setid, chroot),
            Privileges.of(euid, () -> Long.parseUnsignedLong(capabilities, 16)));
    }

    @Test
    void failedQuery() {
        AccountException e = assertThrows(AccountException.class, () -> Privileges.of(1, () -> {
            throw new PosixException("open", Errno.ENOENT);
        }));
        assertEquals("failed to get process capabilities: (2: No such file or directory)", e.getMessage());
    }

    @Test
    void rootDoesNotAsk() {
        assertEquals(new Privileges(true, true), Privileges.of(0, () -> {
            throw new AssertionError("asked");
        }));
    }

    @Test
    void ofThisProcess() {
        Privileges now = Privileges.current();
        assertEquals(Privileges.of(Credentials.effectiveUid(), Credentials::effectiveCapabilities), now);
    }
}
