// SPDX-License-Identifier: Apache-2.0
package io.margay.console.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.log.ErrorLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UserFileTest {
    @TempDir
    private Path state;
    private final List<String> lines = new ArrayList<>();
    private final ErrorLog log = (level, text) -> lines.add(text);

    @Test
    void theFirstStartMakesAPasswordThatIsShownOnceAndKeptAsAHash() throws IOException {
        UserFile users = new UserFile(state, log);
        users.prepare();
        String password = lines.getFirst().replaceAll(".* is (\\w{24}) .*", "$1");
        UserFile.Entry admin = users.find("admin").orElseThrow();
        assertTrue(admin.writes() && admin.hash().fits(password));
        assertFalse(admin.hash().fits(password + "x") || admin.hash().fits(""));
        Path file = state.resolve("console.users");
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
        assertFalse(Files.readString(file).contains(password));
        UserFile again = new UserFile(state, log);
        again.prepare();
        assertEquals(1, lines.size());
        assertTrue(again.find("admin").orElseThrow().hash().fits(password));
    }

    @Test
    void aPlainPasswordBecomesAHashAndWhatIsWrongStays() throws IOException {
        Path file = state.resolve("console.users");
        Files.writeString(file, "eve read plain:two words\nbad line\nbob root plain:x\n");
        UserFile users = new UserFile(state, log);
        users.prepare();
        UserFile.Entry eve = users.find("eve").orElseThrow();
        assertTrue(!eve.writes() && eve.hash().fits("two words"));
        assertTrue(users.find("bob").isEmpty() && users.find("bad").isEmpty());
        String text = Files.readString(file);
        assertTrue(text.contains("eve read pbkdf2-sha256$") && text.contains("bad line"));
        assertFalse(text.contains("two words"));
        assertEquals(2, lines.size());
    }

    @Test
    void aChangeOfTheFileIsSeen() throws IOException {
        UserFile users = new UserFile(state, log);
        users.prepare();
        Path file = state.resolve("console.users");
        Files.writeString(file, "eve write " + PasswordHash.of("p").text() + "\n");
        Files.setLastModifiedTime(file, FileTime.fromMillis(1));
        assertTrue(users.find("eve").isPresent() && users.find("admin").isEmpty());
        Files.delete(file);
        assertTrue(users.find("eve").isEmpty());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "pbkdf2-sha256$1$AA==$AA==", "md5$210000$AAAA$AAAA",
        "pbkdf2-sha256$9999999$AAAA$AAAA", "pbkdf2-sha256$210000$AAAA$AAAA", "pbkdf2-sha256$210000$!!$AAAA"})
    void malformedHashes(String text) {
        assertThrows(IllegalArgumentException.class, () -> PasswordHash.parse(text));
    }
}
