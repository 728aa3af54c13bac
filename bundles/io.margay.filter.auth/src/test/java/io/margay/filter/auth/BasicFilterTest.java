// SPDX-License-Identifier: Apache-2.0
package io.margay.filter.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.route.RouteException;
import io.margay.testing.RouteSite;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The option {@code auth_basic}. */
class BasicFilterTest {
    private static final String HASH = "{SHA}BR7+Bvi0sQeKBhFeAnvx2QNiUqA=";
    private static final String USERS = "'users': {'ann': '" + HASH + "'}";

    @TempDir
    private Path directory;

    private static String site(String options) {
        return "{'tell': 200, 'auth_basic': {" + options + "}}";
    }

    private static String basic(String credentials) {
        return "Authorization: Basic " + Base64.getEncoder().encodeToString(credentials.getBytes(
            StandardCharsets.UTF_8)) + "\r\n";
    }

    private static String status(String answer) {
        return answer.substring(9, 12);
    }

    @Test
    void whoIsRightPasses() {
        RouteSite site = AuthSite.of(site(USERS + ", 'user_header': 'X-User'"));
        String answer = site.ask("GET", "/", basic("ann:pässwort"), "X-User: root\r\n", "x_user: root\r\n",
            "X-USER: root\r\n", "X-Users: kept\r\n");
        assertEquals("200", status(answer), answer);
        assertTrue(answer.contains("\nX-User=ann\n"), answer);
        assertFalse(answer.contains("root"), answer);
        assertTrue(answer.contains("X-Users=kept") && answer.contains("Authorization=Basic"), answer);
        assertEquals("200", status(site.ask("GET", "/", "AUTHORIZATION: bAsIc  "
            + basic("ann:pässwort").substring(21))));
    }

    @Test
    void theyAreHidden() {
        String answer = AuthSite.of(site(USERS + ", 'hide_credentials': true")).ask("GET", "/", basic("ann:pässwort"));
        assertEquals("200", status(answer));
        assertFalse(answer.contains("Authorization"), answer);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Authorization: Basic\r\n", "Authorization: Basic \r\n",
        "Authorization: Bearer YTpi\r\n", "Authorization: Basic ====\r\n", "Authorization: Basic YW5u\r\n",
        "Authorization: Basic OnDDpHNzd29ydA==\r\n",
        "Authorization: Basic YW5uOg==\r\n", "Authorization: Basic %%%\r\n", "Authorization: Basic YW5uOnB3 YW5u\r\n"})
    void othersDoNot(String field) {
        String answer = AuthSite.of(site(USERS + ", 'realm': 'a \\\"b\\\"'")).ask("GET", "/", field);
        assertEquals("401", status(answer));
        assertEquals("Basic realm=\"a \\\"b\\\"\", charset=\"UTF-8\"", AuthSite.field(answer, "WWW-Authenticate"));
    }

    @Test
    void nothingButBlanksStandsAround() {
        String good = basic("ann:pässwort").strip();
        assertEquals("200", status(AuthSite.of(site(USERS)).ask("GET", "/", good + " \t\r\n")));
        assertEquals("401", status(AuthSite.of(site(USERS)).ask("GET", "/", good + "\u00a0\r\n")));
        assertEquals("401", status(AuthSite.of(site(USERS)).ask("GET", "/", good.replace("Basic ", "Basic \u0085")
            + "\r\n")));
    }

    @Test
    void twoAreNone() {
        assertEquals("401", status(AuthSite.of(site(USERS)).ask("GET", "/", basic("eve:x"), basic("ann:pässwort"))));
        assertEquals("401", status(AuthSite.of(site(USERS)).ask("GET", "/", basic("ann:pässwort"), basic("eve:x"))));
    }

    /** Also those who are refused cannot say who they are. */
    @Test
    void passwordsAreCheckedOnce() {
        AtomicInteger checks = new AtomicInteger();
        RouteSite site = AuthSite.of(site(USERS), work -> {
            checks.incrementAndGet();
            work.run();
        }, Runnable::run);
        for (int i = 0; i < 5; i++) {
            assertEquals("200", status(site.ask("GET", "/", basic("ann:pässwort"))));
        }
        assertEquals(1, checks.get());
        for (int i = 0; i < 3; i++) {
            assertEquals("401", status(site.ask("GET", "/", basic("ann:wrong"))));
        }
        assertEquals(4, checks.get());
    }

    @Test
    void whenTooManyWait() {
        RouteSite site = AuthSite.of(site(USERS), work -> {
            throw new RejectedExecutionException("full");
        }, Runnable::run);
        assertEquals("503", status(site.ask("GET", "/", basic("ann:pässwort"))));
        assertTrue(site.lines().stream().anyMatch(line -> line.contains("auth_basic: too many wait")),
            site.lines().toString());
        assertEquals("401", status(site.ask("GET", "/")), "who says nothing waits for nobody");
    }

    @Test
    void filesAreRead() throws IOException {
        Path file = directory.resolve("htpasswd");
        Files.writeString(file, "ann:" + HASH + "\n");
        RouteSite site = AuthSite.of(site("'file': '" + file + "'"));
        assertEquals("200", status(site.ask("GET", "/", basic("ann:pässwort"))));
        assertEquals("401", status(site.ask("GET", "/", basic("bob:pässwort"))));
        RouteException told = assertThrows(RouteException.class, () ->
            AuthSite.of(site("'file': '" + directory + "'")));
        assertEquals("/routes/0/action/auth_basic/file", told.pointer());
        assertTrue(told.getMessage().contains("is no file"), told.getMessage());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        'realm': 'x'                                 |                | must have either "users" or "file"
        'users': {'a': '{SHA}x'}, 'file': '/a'       |                | must have either "users" or "file"
        'users': {}                                  | /users         | must be an object that is not empty
        'users': 'ann'                               | /users         | must be an object that is not empty
        'users': {'ann': 'secret'}                   | /users/ann     | is no hash that is known
        'users': {'ann': 1}                          | /users/ann     | must be a string
        'users': {'a:b': '{SHA}x'}                   | /users/a:b     | without colons
        'file': '/does/not/exist'                    | /file          | cannot be read
        'file': 1                                    | /file          | must be a string
        USERS, 'realm': 'a\\nb'                      | /realm         | control characters
        USERS, 'user_header': 'Host'                 | /user_header   | is invalid
        USERS, 'user_header': 'X User'               | /user_header   | is invalid
        USERS, 'hide_credentials': 'no'              | /hide_credentials | must be a boolean
        USERS, 'passwords': {}                       | /passwords     | Unknown parameter "passwords".
        """, quoteCharacter = '`')
    void faults(String options, String pointer, String text) {
        RouteException told = assertThrows(RouteException.class, () ->
            AuthSite.of(site(options.replace("USERS", USERS))));
        assertEquals("/routes/0/action/auth_basic" + (pointer == null ? "" : pointer), told.pointer());
        assertTrue(told.getMessage().contains(text), told.getMessage());
    }
}
