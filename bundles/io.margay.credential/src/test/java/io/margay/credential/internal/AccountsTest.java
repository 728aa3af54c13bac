// SPDX-License-Identifier: Apache-2.0
package io.margay.credential.internal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.margay.credential.AccountException;
import io.margay.credential.Accounts;
import io.margay.credential.Credential;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Against the accounts of the machine; its files tell what to expect. */
class AccountsTest {
    private static final String MISSING = "margay-nobody-has-this";
    private final Accounts accounts = new SystemAccounts();

    static List<String[]> users() throws IOException {
        return fields("/etc/passwd").stream().filter(line -> List.of("root", "nobody", "daemon").contains(line[0]))
            .toList();
    }

    @ParameterizedTest
    @MethodSource("users")
    void primaryGroup(String name, String password, String uid, String gid) {
        for (Optional<String> group : List.of(Optional.<String>empty(), Optional.of(""))) {
            Credential found = accounts.resolve(name, group);
            assertEquals(name, found.user());
            assertEquals(Integer.parseUnsignedInt(uid), found.uid());
            assertEquals(Integer.parseUnsignedInt(gid), found.gid());
            assertEquals(found.gid(), found.groups()[0]);
        }
        assertEquals(OptionalInt.of(Integer.parseUnsignedInt(uid)), accounts.uid(name));
    }

    @Test
    void namedGroupReplacesThePrimaryOne() throws IOException {
        for (String[] line : fields("/etc/group").stream().limit(5).toList()) {
            int gid = Integer.parseUnsignedInt(line[2]);
            Credential found = accounts.resolve("nobody", Optional.of(line[0]));
            assertEquals(gid, found.gid());
            assertEquals(gid, found.groups()[0]);
            assertEquals(OptionalInt.of(gid), accounts.gid(line[0]));
        }
    }

    @Test
    void supplementaryGroups() throws IOException {
        List<String> users = fields("/etc/passwd").stream().map(line -> line[0]).toList();
        Optional<String> member = fields("/etc/group").stream().filter(line -> line.length > 3)
            .flatMap(line -> Arrays.stream(line[3].split(","))).filter(users::contains).findFirst();
        assumeTrue(member.isPresent(), "no user with supplementary groups here");
        int[] expected = fields("/etc/group").stream()
            .filter(line -> line.length > 3 && List.of(line[3].split(",")).contains(member.get()))
            .mapToInt(line -> Integer.parseUnsignedInt(line[2])).sorted().toArray();
        Credential found = accounts.resolve(member.get(), Optional.empty());
        int[] groups = Arrays.stream(found.groups()).skip(1).sorted().toArray();
        assertArrayEquals(Arrays.stream(expected).filter(gid -> gid != found.gid()).toArray(), groups);
    }

    @ParameterizedTest
    @ValueSource(strings = {MISSING, "", "0", "65534", "root ", "ROOT", "root:x", "gr\u00f6\u00dfe", "%s%n", "../root"})
    void missing(String name) {
        assertEquals("getpwnam(\"" + name + "\") failed, user \"" + name + "\" not found",
            message(name, Optional.empty()));
        assertEquals(OptionalInt.empty(), accounts.uid(name));
        assertEquals(OptionalInt.empty(), accounts.gid(name));
        if (!name.isEmpty()) {
            assertEquals("getgrnam(\"" + name + "\") failed, group \"" + name + "\" not found",
                message("root", Optional.of(name)));
        }
    }

    static List<String[]> oddNames() {
        return List.of(new String[] {"root\0", "root?"}, new String[] {"root\0x", "root?x"},
            new String[] {"\0", "?"}, new String[] {"a\nb", "a?b"}, new String[] {"\u001b[2Jroot", "?[2Jroot"},
            new String[] {"\ud800", "\ud800"}, new String[] {"x".repeat(3000), "x".repeat(1024)});
    }

    @ParameterizedTest
    @MethodSource("oddNames")
    void refusesWhatIsNoName(String name, String printed) {
        assertEquals("getpwnam(\"" + printed + "\") failed, user \"" + printed + "\" not found",
            message(name, Optional.empty()));
        assertEquals("getgrnam(\"" + printed + "\") failed, group \"" + printed + "\" not found",
            message("root", Optional.of(name)));
        assertEquals(OptionalInt.empty(), accounts.uid(name));
        assertEquals(OptionalInt.empty(), accounts.gid(name));
    }

    /** Entries lie in one static buffer of the C library. */
    @Test
    void threadsDoNotMixEntries() throws Exception {
        int nobody = accounts.uid("nobody").orElseThrow();
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            Callable<Boolean> root = () -> many("root", 0);
            Callable<Boolean> other = () -> many("nobody", nobody);
            for (Future<Boolean> same : threads.invokeAll(List.of(root, other, root, other))) {
                assertEquals(true, same.get());
            }
        }
    }

    private boolean many(String name, int uid) {
        for (int i = 0; i < 300; i++) {
            if (accounts.uid(name).orElseThrow() != uid) {
                return false;
            }
        }
        return true;
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        // errno | text of a user's look-up
        "0   | getpwnam(\"x\") failed, user \"x\" not found",
        "1   | getpwnam(\"x\") failed, user \"x\" not found",
        "2   | getpwnam(\"x\") failed, user \"x\" not found",
        "3   | getpwnam(\"x\") failed, user \"x\" not found",
        "9   | getpwnam(\"x\") failed, user \"x\" not found",
        "4   | getpwnam(\"x\") failed (4: Interrupted system call)",
        "5   | getpwnam(\"x\") failed (5: Input/output error)",
        "12  | getpwnam(\"x\") failed (12: Cannot allocate memory)",
        "24  | getpwnam(\"x\") failed (24: Too many open files)",
    })
    void errors(int errno, String text) {
        NameService.Answer answer = NameService.Answer.nothing(errno);
        Accounts failing = new SystemAccounts(new Fixed(answer, answer));
        assertEquals(text, message(failing, "x", Optional.empty()));
    }

    @Test
    void errorOfAGroup() {
        Accounts failing = new SystemAccounts(
            new Fixed(NameService.Answer.entry(0, 0), NameService.Answer.nothing(24)));
        assertEquals("getgrnam(\"g\") failed (24: Too many open files)", message(failing, "root", Optional.of("g")));
        assertThrows(AccountException.class, () -> failing.gid("g"));
    }

    @ParameterizedTest
    @CsvSource({"4294967294, true", "2147483648, true", "4294967295, false"})
    void idsAreUnsigned(long id, boolean valid) {
        Accounts fixed = new SystemAccounts(
            new Fixed(NameService.Answer.entry((int) id, 1), NameService.Answer.entry(0, (int) id)));
        if (valid) {
            assertEquals(OptionalInt.of((int) id), fixed.uid("x"));
            assertEquals(OptionalInt.of((int) id), fixed.gid("x"));
        } else {
            assertEquals("getpwnam(\"x\") failed (22: Invalid argument)",
                assertThrows(AccountException.class, () -> fixed.uid("x")).getMessage());
            assertThrows(AccountException.class, () -> fixed.gid("x"));
        }
    }

    private record Fixed(NameService.Answer userAnswer, NameService.Answer groupAnswer) implements NameService {
        @Override
        public Answer user(String name) {
            return userAnswer;
        }

        @Override
        public Answer group(String name) {
            return groupAnswer;
        }
    }

    private String message(String user, Optional<String> group) {
        return message(accounts, user, group);
    }

    private static String message(Accounts accounts, String user, Optional<String> group) {
        return assertThrows(AccountException.class, () -> accounts.resolve(user, group)).getMessage();
    }

    private static List<String[]> fields(String file) throws IOException {
        return Files.readAllLines(Path.of(file)).stream().filter(line -> line.contains(":"))
            .map(line -> line.split(":")).toList();
    }
}
