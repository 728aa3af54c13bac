// SPDX-License-Identifier: Apache-2.0
package io.margay.credential.internal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.margay.credential.AccountException;
import io.margay.credential.Accounts;
import io.margay.credential.Credential;
import io.margay.posix.Errno;
import io.margay.posix.PosixException;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SystemAccountsTest {
    private final Accounts real = new SystemAccounts();
    private final Accounts fake = new SystemAccounts(new Fake());

    @Test
    void rootOfThisSystem() throws AccountException {
        Credential root = real.resolve("root", "");
        assertEquals(0, root.uid());
        assertEquals(0, root.gid());
        assertEquals(0, root.groups()[0]);
        assertEquals(root, real.resolve("root", "root"));
        assertEquals(0, real.uid("root"));
        assertEquals(0, real.gid("root"));
    }

    @ParameterizedTest
    @CsvSource({"no-such-user", "'0'", "''"})
    void unknownUserOfThisSystem(String name) {
        assertEquals("getpwnam(\"" + name + "\") failed, user \"" + name + "\" not found",
            assertThrows(AccountException.class, () -> real.resolve(name, "")).getMessage());
        assertEquals("getpwnam_r(\"" + name + "\", ...) failed (0: Success) (User not found)",
            assertThrows(AccountException.class, () -> real.uid(name)).getMessage());
    }

    @ParameterizedTest
    @CsvSource({"no-such-group", "'0'"})
    void unknownGroupOfThisSystem(String name) {
        assertEquals("getgrnam(\"" + name + "\") failed, group \"" + name + "\" not found",
            assertThrows(AccountException.class, () -> real.resolve("root", name)).getMessage());
        assertEquals("getgrnam_r(\"" + name + "\", ...) failed (0: Success) (Group not found)",
            assertThrows(AccountException.class, () -> real.gid(name)).getMessage());
    }

    @Test
    void nameIsNotCutAtItsNul() {
        assertThrows(AccountException.class, () -> real.resolve("root\0x", ""));
        assertThrows(AccountException.class, () -> real.resolve("root", "root\0x"));
    }

    @Test
    void groupReplacesTheBase() throws AccountException {
        assertEquals(new Credential("alice", 1000, 100, new int[] {100, 7}), fake.resolve("alice", ""));
        assertEquals(new Credential("alice", 1000, 50, new int[] {50, 7}), fake.resolve("alice", "staff"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "broken | '' | getpwnam(\"broken\") failed (5: Input/output error)",
        "alice | broken | getgrnam(\"broken\") failed (5: Input/output error)",
        "listless | '' | getgrouplist(\"listless\", 1, ...) failed (12: Cannot allocate memory)"})
    void failingDatabase(String user, String group, String text) {
        assertEquals(text, assertThrows(AccountException.class, () -> fake.resolve(user, group)).getMessage());
    }

    @Test
    void failingDatabaseForOwners() {
        assertEquals("getpwnam_r(\"broken\", ...) failed (5: Input/output error) (User not found)",
            assertThrows(AccountException.class, () -> fake.uid("broken")).getMessage());
        assertEquals("getgrnam_r(\"broken\", ...) failed (5: Input/output error) (Group not found)",
            assertThrows(AccountException.class, () -> fake.gid("broken")).getMessage());
    }

    @Test
    void credentialKeepsItsGroups() {
        int[] groups = {1, 2};
        Credential credential = new Credential("a", 1, -2, groups);
        groups[0] = 9;
        credential.groups()[1] = 9;
        assertArrayEquals(new int[] {1, 2}, credential.groups());
        assertEquals("a (uid: 1, gid: 4294967294, groups: [1, 2])", credential.toString());
        assertEquals(credential.hashCode(), new Credential("a", 1, -2, new int[] {1, 2}).hashCode());
    }

    private static final class Fake implements Database {
        private static final Map<String, User> USERS =
            Map.of("alice", new User(1000, 100), "listless", new User(1, 1));

        @Override
        public Optional<User> user(String name) throws LookupException {
            if (name.equals("broken")) {
                throw new LookupException(Errno.EIO);
            }
            return Optional.ofNullable(USERS.get(name));
        }

        @Override
        public Optional<Integer> group(String name) throws LookupException {
            if (name.equals("broken")) {
                throw new LookupException(Errno.EIO);
            }
            return name.equals("staff") ? Optional.of(50) : Optional.empty();
        }

        @Override
        public int[] groups(String user, int gid) {
            if (user.equals("listless")) {
                throw new PosixException("getgrouplist(\"listless\", 1, ...)", Errno.ENOMEM);
            }
            return new int[] {gid, 7};
        }
    }
}
