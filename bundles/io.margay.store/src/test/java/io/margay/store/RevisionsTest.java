// SPDX-License-Identifier: Apache-2.0
package io.margay.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.conf.ConfObject;
import io.margay.posix.PosixException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RevisionsTest {
    private static final ChangeNote NOTE = new ChangeNote("PUT", "/config",
        ConfObject.builder().put("uid", 4_294_967_295L).put("gid", 3).put("pid", 4).put("secret", "x").build());

    private final List<String> alerts = new ArrayList<>();

    @TempDir
    private Path folder;

    private Revisions revisions(int count, long bytes) {
        return new Revisions(folder + "/revisions", new Revisions.Limits(count, bytes), alerts::add);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static List<Long> numbers(Revisions revisions) {
        return revisions.list().stream().map(entry -> entry.integer("number", 0)).toList();
    }

    private String mode(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    @Test
    void eachIsAFileForItsOwnerAlone() throws IOException {
        Revisions revisions = revisions(10, 1000);
        assertEquals(List.of(), revisions.list());
        assertEquals(OptionalLong.empty(), revisions.find(bytes("{}")));
        assertEquals(1, revisions.add(NOTE, bytes("{}")));
        assertEquals(2, revisions.add(NOTE, bytes("{\"routes\":[]}")));
        Path directory = folder.resolve("revisions");
        assertEquals(List.of("rwx------", "rw-------"), List.of(mode(directory), mode(directory.resolve("1.jsonl"))));
        String line = new String(revisions.read(2).orElseThrow(), StandardCharsets.UTF_8);
        assertTrue(line.matches("\\{\"number\":2,\"time\":\"\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ\","
            + "\"method\":\"PUT\",\"path\":\"/config\","
            + "\"peer\":\\{\"uid\":4294967295,\"gid\":3,\"pid\":4},\"bytes\":13}\n"
            + "\\{\"routes\":\\[]}"), line);
        assertEquals(List.of(1L, 2L), numbers(revisions));
        assertEquals(OptionalLong.of(2), revisions.find(bytes("{\"routes\":[]}")));
        assertEquals(OptionalLong.of(1), revisions.find(bytes("{}")));
        assertEquals(OptionalLong.empty(), revisions.find(bytes("}")));
        assertTrue(revisions.read(3).isEmpty());
        assertEquals(List.of(), alerts);
    }

    @Test
    void numbersGoOn() {
        assertEquals(1, revisions(2, 1000).add(NOTE, bytes("1")));
        Revisions later = revisions(2, 1000);
        assertEquals(2, later.add(NOTE, bytes("2")));
        assertEquals(3, later.add(NOTE, bytes("3")));
        later.remove(3);
        assertEquals(3, revisions(2, 1000).add(NOTE, bytes("4")));
        assertEquals(List.of(2L, 3L), numbers(later));
        assertEquals(OptionalLong.of(3), later.find(bytes("4")));
    }

    @ParameterizedTest
    @CsvSource({"3,100000,3 4 5", "100,500,4 5", "1,1,5", "0,0,5"})
    void countAndSizeAreBoundedAndTheNewestStays(int count, long size, String kept) {
        Revisions revisions = revisions(count, size);
        for (int i = 1; i <= 5; i++) {
            revisions.add(NOTE, bytes("x".repeat(100)));
        }
        assertEquals(kept, String.join(" ", numbers(revisions).stream().map(String::valueOf).toList()));
    }

    /** What a crash or a hand may leave in the directory. */
    @Test
    void foreignFilesDoNoHarm() throws IOException {
        Revisions revisions = revisions(3, 100_000);
        revisions.add(NOTE, bytes("{}"));
        Path directory = folder.resolve("revisions");
        Files.writeString(directory.resolve("2.jsonl.tmp"), "{\"num");
        Files.writeString(directory.resolve("0.jsonl"), "x");
        Files.writeString(directory.resolve("99999999999999999999.jsonl"), "x");
        Files.writeString(directory.resolve("notes.txt"), "x");
        assertEquals(2, revisions.add(NOTE, bytes("2")));
        Files.writeString(directory.resolve("3.jsonl"), "no line");
        Files.copy(directory.resolve("2.jsonl"), directory.resolve("4.jsonl"));
        Files.writeString(directory.resolve("5.jsonl"), Files.readString(directory.resolve("2.jsonl")) + "x");
        Files.createSymbolicLink(directory.resolve("6.jsonl"), directory.resolve("2.jsonl"));
        Files.writeString(directory.resolve("7.jsonl"), "{}\n{}");
        Files.createDirectory(directory.resolve("8.jsonl"));
        assertEquals(List.of(1L, 2L), numbers(revisions));
        assertEquals(6, alerts.size(), alerts::toString);
        assertEquals(9, revisions.add(NOTE, bytes("9")));
        assertTrue(numbers(revisions).contains(9L));
    }

    @Test
    void aMissingStateDirectoryIsAFailure() {
        Revisions revisions = new Revisions(folder + "/none/revisions", Revisions.Limits.DEFAULT, alerts::add);
        assertThrows(PosixException.class, () -> revisions.add(NOTE, bytes("{}")));
        assertEquals(List.of(), revisions.list());
    }

    @Test
    void notesTravelInFrontOfTheConfiguration() {
        ChangeNote note = new ChangeNote("PUT", "/config/\u00e4\n" + "x".repeat(2000),
            ConfObject.builder().put("address", "/[::1]:3").put("pid", "1").build());
        assertEquals("/config/??" + "x".repeat(1011) + "...", note.path());
        ChangeNote.Noted noted = ChangeNote.parse(note.before(bytes("{\n}")));
        assertEquals(note, noted.note());
        assertEquals("{\"address\":\"/[::1]:3\"}", io.margay.conf.ConfWriter.compactText(noted.note().peer()));
        assertArrayEquals(bytes("{\n}"), noted.configuration());
        for (String bad : new String[] {"", "{}", "x\n{}", "[]\n{}", " ".repeat(9000) + "{}\n{}"}) {
            assertThrows(IllegalArgumentException.class, () -> ChangeNote.parse(bytes(bad)));
        }
    }
}
