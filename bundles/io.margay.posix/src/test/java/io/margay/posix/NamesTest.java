// SPDX-License-Identifier: Apache-2.0
package io.margay.posix;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Against the files of the machine. */
class NamesTest {

    static List<String[]> users() throws IOException {
        return lines("/etc/passwd");
    }

    static List<String[]> groups() throws IOException {
        return lines("/etc/group");
    }

    private static List<String[]> lines(String file) throws IOException {
        List<String[]> lines = Files.readAllLines(Path.of(file)).stream().map(line -> line.split(":", -1))
            .filter(line -> line.length > 3 && line[2].matches("[0-9]+")).toList();
        assertFalse(lines.isEmpty());
        return lines;
    }

    @ParameterizedTest
    @MethodSource("users")
    void aUserHasItsIds(String name, String password, String uid, String gid) {
        assertEquals(Optional.of(new Names.User(Integer.parseUnsignedInt(uid), Integer.parseUnsignedInt(gid))),
            Names.user(name));
    }

    @ParameterizedTest
    @MethodSource("groups")
    void aGroupHasItsId(String name, String password, String gid) {
        assertEquals(Optional.of(Integer.parseUnsignedInt(gid)), Names.group(name));
    }

    @ParameterizedTest
    @ValueSource(strings = {"margay-nobody-has-this", "0", "root ", "%s%n"})
    void othersAreNotThere(String name) {
        assertEquals(Optional.empty(), Names.user(name));
        assertEquals(Optional.empty(), Names.group(name));
    }

    @Test
    void aNameWithANulIsNotCutShort() {
        assertEquals(Errno.EINVAL, assertThrows(PosixException.class, () -> Names.user("root\0x")).errno());
        assertEquals(Errno.EINVAL, assertThrows(PosixException.class, () -> Names.group("root\0x")).errno());
    }
}
