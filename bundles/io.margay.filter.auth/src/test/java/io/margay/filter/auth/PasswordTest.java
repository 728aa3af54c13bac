// SPDX-License-Identifier: Apache-2.0
package io.margay.filter.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Hashes that crypt(3), openssl and PHP have made, and files of them. */
class PasswordTest {
    private static final String BCRYPT = "$2y$04$abcdefghijklmnopqrstuuWPyT3zuK3JxmyXx5UFcdTiysSm3GF5K";

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @CsvSource({"pässwort, " + BCRYPT,
        "pässwort, $2y$04$YUyCFxbwrSPOFopr3L266uQoLST85kggFG5sICz7T.Yyvv/CALiH.",
        "pässwort, $2a$04$YUyCFxbwrSPOFopr3L266uQoLST85kggFG5sICz7T.Yyvv/CALiH.",
        "pässwort, $2b$04$YUyCFxbwrSPOFopr3L266uQoLST85kggFG5sICz7T.Yyvv/CALiH.",
        "pässwort, $apr1$saltsalt$.OP1yZfYgQMWOu/p/7yrF.",
        "pässwort, $5$saltsalt$zztp1YlH3lc3kTL.h9arh5xhdbQrdaMO0Ka8d/NAv3/",
        "pässwort, $6$saltsalt$F6Fd30ZGBua4VcDcOYGIGgNadgKeaXGqESCWXzghPh7k5LmaRWeokOz7o6q0DjZRlMlGbrsEUBII1bpUuCMgD.",
        "pw, $6$rounds=1000$saltsalt$nII71HJmawaDYdXrUHYtoWV/pe6ZN/eQzrZXdKjhrcMU0onLRg6A5m38udZu.lA6f53rIQturF4FMx1X99"
            + "KF/0",
        "pässwort, {SHA}BR7+Bvi0sQeKBhFeAnvx2QNiUqA="})
    void hashes(String text, String hash) {
        Password password = Password.of(hash);
        assertTrue(password.matches(bytes(text)));
        assertTrue(password.matches(bytes(text)), "a second time");
        for (String other : new String[] {"", "x", text + "x", text + "\0", text.toUpperCase()}) {
            assertFalse(password.matches(bytes(other)), other);
        }
    }

    /** As everywhere bcrypt looks at 72 bytes. */
    @Test
    void longPasswords() {
        Password password = Password.of("$2y$04$abcdefghijklmnopqrstuuBzzIgyKkz7xMWYSzkIjUSnxEQFQ0WNe");
        assertTrue(password.matches(bytes("a".repeat(80))));
        assertTrue(password.matches(bytes("a".repeat(72))));
        assertFalse(password.matches(bytes("a".repeat(71))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "secret", "rqXexS6ZhobKA", "$1$saltsalt$qJH7.N4xYta3aEG/dfqo/0", "{SHA}abc", "{SHA}%",
        "{SSHA}BR7+Bvi0sQeKBhFeAnvx2QNiUqA=", "$2y$03$abcdefghijklmnopqrstuuWPyT3zuK3JxmyXx5UFcdTiysSm3GF5K",
        "$2y$17$abcdefghijklmnopqrstuuWPyT3zuK3JxmyXx5UFcdTiysSm3GF5K", BCRYPT + "x",
        "$2x$04$abcdefghijklmnopqrstuuWPyT3zuK3JxmyXx5UFcdTiysSm3GF5K", "$5$saltsalt$zz",
        "$apr1$$.OP1yZfYgQMWOu/p/7yrF.",
        "$5$rounds=1000001$saltsalt$zztp1YlH3lc3kTL.h9arh5xhdbQrdaMO0Ka8d/NAv3/"})
    void others(String hash) {
        assertThrows(IllegalArgumentException.class, () -> Password.of(hash));
    }

    @Test
    void files() {
        Users users = Users.parse(bytes("# who\n\n  ann:" + BCRYPT
            + "\r\nbob:{SHA}BR7+Bvi0sQeKBhFeAnvx2QNiUqA=:Bob\n"));
        assertEquals("ann", users.check(AsciiString.of("ann"), bytes("pässwort")).orElseThrow().toString());
        assertTrue(users.check(AsciiString.of("bob"), bytes("pässwort")).isPresent());
        assertTrue(users.check(AsciiString.of("ANN"), bytes("pässwort")).isEmpty(), "names have letter case");
        assertTrue(users.check(AsciiString.of("eve"), bytes("pässwort")).isEmpty(), "the password of another");
        assertTrue(users.check(AsciiString.of("ann"), bytes("passwort")).isEmpty());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        ''               | there is no user
        # nobody         | there is no user
        ann              | line 1 is not NAME:HASH
        #~:x             | line 2 is not NAME:HASH
        #~ann:secret     | the hash in line 2 is no hash that is known
        """)
    void badFiles(String file, String text) {
        String told = assertThrows(IllegalArgumentException.class, () -> Users.parse(bytes(file.replace('~', '\n'))))
            .getMessage();
        assertTrue(told.contains(text), told);
    }
}
