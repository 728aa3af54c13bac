// SPDX-License-Identifier: Apache-2.0
package io.margay.console.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConsoleLoginsTest {
    private static final long SECOND = 1_000_000_000L;
    private static final ConsolePeer PEER = new ConsolePeer("10.0.0.1", false);

    @TempDir
    private Path state;
    private final AtomicLong now = new AtomicLong(5);
    private final List<String> lines = new ArrayList<>();
    private ConsoleLogins logins;
    private int written;

    @BeforeEach
    void start() throws IOException {
        users("eve read plain:one\nadam write plain:two\n");
        UserFile users = new UserFile(state, (level, text) -> lines.add(text));
        users.prepare();
        logins = new ConsoleLogins(users, new LoginThrottle(now::get), new ProvenLogins(now::get),
            (level, text) -> lines.add(text));
    }

    private void users(String text) throws IOException {
        Path file = state.resolve("console.users");
        Files.writeString(file, text);
        Files.setLastModifiedTime(file, FileTime.fromMillis(1_000L * ++written));
    }

    private String attempt(String name, String password) {
        ConsoleLogins.Outcome outcome = logins.attempt(name, password, PEER);
        return outcome.pause() > 0 ? "waits" : outcome.user().map(UserFile.Entry::name).orElse("nobody");
    }

    @Test
    void whatWasRightIsLoggedOnceInTenMinutes() {
        for (int i = 0; i < 3; i++) {
            assertEquals("eve", attempt("eve", "one"));
        }
        assertEquals(List.of("console: eve logged in from 10.0.0.1"), lines);
        now.addAndGet(601 * SECOND);
        assertEquals("eve", attempt("eve", "one"));
        assertEquals(2, lines.size());
    }

    @Test
    void whatWasRightHelpsNobodyElse() {
        assertEquals("eve", attempt("eve", "one"));
        assertEquals("nobody", attempt("eve", "two"));
        assertEquals("nobody", attempt("adam", "one"));
        assertEquals("nobody", attempt("eve\0", "one"));
    }

    @Test
    void anotherPasswordCountsAtOnce() throws IOException {
        assertEquals("eve", attempt("eve", "one"));
        users("eve read plain:three\n");
        assertEquals("nobody", attempt("eve", "one"));
        assertEquals("eve", attempt("eve", "three"));
        users("adam write plain:two\n");
        assertEquals("nobody", attempt("eve", "three"));
    }

    @Test
    void whoSendsWrongOnesWaitsThough() {
        assertEquals("eve", attempt("eve", "one"));
        for (int i = 0; i < 3; i++) {
            assertEquals("nobody", attempt("eve", "wrong"));
        }
        assertEquals("waits", attempt("eve", "one"));
        now.addAndGet(2 * SECOND);
        assertEquals("eve", attempt("eve", "one"));
        assertEquals("nobody", attempt("eve", "wrong"));
        assertEquals("eve", attempt("eve", "one"), "the right one has made the others forgotten");
        assertTrue(lines.stream().filter(line -> line.contains("logged in")).count() == 1, lines.toString());
    }
}
