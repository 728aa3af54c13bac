// SPDX-License-Identifier: Apache-2.0
package io.margay.posix;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Memory as a file: what seals forbid, what mappings share, and what stays when all is closed. */
class MemoryTest {
    private int[] before;

    @BeforeEach
    void count() {
        before = Descriptors.open();
    }

    @AfterEach
    void noDescriptorIsLeft() {
        assertArrayEquals(before, Descriptors.open());
    }

    private static final String[] SEALS = {"seal", "shrink", "grow", "write"};

    private static int seals(String names) {
        int seals = 0;
        for (int i = 0; i < SEALS.length; i++) {
            seals |= names.contains(SEALS[i]) ? 1 << i : 0;
        }
        return seals;
    }

    private static String attempt(Runnable call) {
        try {
            call.run();
            return "ok";
        } catch (PosixException e) {
            return PosixException.text(e.errno()).replace(" ", "-");
        }
    }

    /** Each set of seals and each thing that one may want to do. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        # seals               | write | grow | shrink | map to write | another seal
        ``                    | yes   | yes  | yes    | yes          | yes
        seal                  | yes   | yes  | yes    | yes          | no
        shrink                | yes   | yes  | no     | yes          | yes
        grow                  | yes   | no   | yes    | yes          | yes
        write                 | no    | yes  | yes    | no           | yes
        shrink grow           | yes   | no   | no     | yes          | yes
        grow write            | no    | no   | yes    | no           | yes
        shrink write          | no    | yes  | no     | no           | yes
        shrink grow write     | no    | no   | no     | no           | yes
        seal shrink           | yes   | yes  | no     | yes          | no
        seal write            | no    | yes  | yes    | no           | no
        seal shrink grow write | no   | no   | no     | no           | no
        """)
    void sealsForbid(String names, String write, String grow, String shrink, String map, String another) {
        try (Fd memory = Files.memfd("sealed", Files.MFD_ALLOW_SEALING)) {
            Files.writeAll(memory.number(), new byte[4_096]);
            int wanted = seals(names);
            Files.seal(memory, wanted);
            assertEquals(wanted, Files.seals(memory.number()));
            try (Fd again = Files.open("/proc/self/fd/" + memory.number(), Files.O_RDWR, 0)) {
                assertEquals(may(write), attempt(() -> Files.writeAll(again.number(), new byte[1])));
            }
            assertEquals(may(map), attempt(() -> Files.unmap(Files.map(memory.number(), 4_096, true))));
            assertEquals("ok", attempt(() -> Files.unmap(Files.map(memory.number(), 4_096, false))));
            assertEquals(may(grow), attempt(() -> Files.ftruncate(memory, 8_192)));
            assertEquals(may(shrink), attempt(() -> Files.ftruncate(memory, 100)));
            assertEquals(may(another), attempt(() -> Files.seal(memory, Files.F_SEAL_GROW)));
            assertEquals(may(another).equals("ok") ? wanted | Files.F_SEAL_GROW : wanted,
                Files.seals(memory.number()));
        }
    }

    private static String may(String word) {
        return word.equals("yes") ? "ok" : "Operation-not-permitted";
    }

    @Test
    void memoryThatWasNotMadeForSealsTakesNone() {
        try (Fd memory = Files.memfd("plain", 0)) {
            assertEquals(Files.F_SEAL_SEAL, Files.seals(memory.number()));
            assertEquals("fcntl(" + memory.number() + ", 1033) failed (1: Operation not permitted)",
                assertThrows(PosixException.class, () -> Files.seal(memory, Files.F_SEAL_WRITE)).getMessage());
        }
        try (Fd file = Files.open("/dev/null", Files.O_RDWR, 0)) {
            assertEquals(Errno.EINVAL, assertThrows(PosixException.class, () -> Files.seals(file.number())).errno());
        }
    }

    @Test
    void aMappingThatCanWriteKeepsTheSealAway() {
        try (Fd memory = Files.memfd("mapped", Files.MFD_ALLOW_SEALING)) {
            Files.ftruncate(memory, 4_096);
            MemorySegment mapping = Files.map(memory.number(), 4_096, true);
            assertEquals(Errno.EBUSY,
                assertThrows(PosixException.class, () -> Files.seal(memory, Files.F_SEAL_WRITE)).errno());
            Files.unmap(mapping);
            Files.seal(memory, Files.F_SEAL_WRITE);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 65_535, 65_536, 65_537, 1_000_000})
    void aStreamIsSealedAsItIs(int size) throws IOException {
        byte[] content = new byte[size];
        new Random(size).nextBytes(content);
        try (Fd memory = Files.sealedMemory("stream", new ByteArrayInputStream(content), size)) {
            assertEquals(Files.SEAL_ALL, Files.seals(memory.number()));
            assertArrayEquals(content, Files.readAll(memory.number(), size));
        }
        if (size > 0) {
            assertEquals("it is larger than " + (size - 1) + " bytes", assertThrows(IOException.class, () ->
                Files.sealedMemory("stream", new ByteArrayInputStream(content), size - 1)).getMessage());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 4_095, 4_096, 4_097, 1_000_000})
    void sealedMemoryHoldsItsContentForGood(int size) {
        byte[] content = new byte[size];
        new Random(size).nextBytes(content);
        try (Fd memory = Files.sealedMemory("content", content)) {
            assertEquals(Files.SEAL_ALL, Files.seals(memory.number()));
            assertEquals(size, Files.status(memory.number()).size());
            assertTrue(Descriptors.closeOnExec(memory.number()));
            try (Fd again = Files.open("/proc/self/fd/" + memory.number(), Files.O_RDONLY, 0)) {
                assertArrayEquals(content, Files.readAll(again.number(), size));
            }
            if (size > 0) {
                MemorySegment mapping = Files.map(memory.number(), size, false);
                assertTrue(mapping.isReadOnly());
                assertEquals(size, mapping.byteSize());
                assertArrayEquals(content, mapping.toArray(ValueLayout.JAVA_BYTE));
                Files.unmap(mapping);
            }
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        unit          | unit
        ``            | ``
        a b/c         | a b/c
        \u00e9        | \u00e9
        \u20ac\u20ac  | \u20ac\u20ac
        """)
    void namesAreForPeople(String name, String shown) throws IOException {
        try (Fd memory = Files.memfd(name, 0)) {
            assertEquals("/memfd:" + shown + " (deleted)",
                java.nio.file.Files.readSymbolicLink(Path.of("/proc/self/fd/" + memory.number())).toString());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "\u00e9", "\u20ac", "\ud83d\ude00"})
    void longNamesAreCutAndNotRefused(String letter) throws IOException {
        for (int count : new int[] {59, 60, 61, 62, 100, 1_000_000}) {
            try (Fd memory = Files.memfd(letter.repeat(count), 0)) {
                String shown = java.nio.file.Files.readSymbolicLink(Path.of("/proc/self/fd/" + memory.number()))
                    .toString();
                assertTrue(shown.startsWith("/memfd:" + letter.repeat(30)), shown);
                assertFalse(shown.contains("\ufffd"), "no character is cut in two");
            }
        }
    }

    @Test
    void mappingsOfOneMemoryAreOne() {
        Fd memory = Files.memfd("shared", 0);
        try (Fd other = memory.duplicate()) {
            Files.ftruncate(memory, 8_192);
            MemorySegment one = Files.map(memory.number(), 8_192, true);
            MemorySegment two = Files.map(other.number(), 8_192, true);
            for (int i = 0; i < 8_192; i += 512) {
                one.set(ValueLayout.JAVA_INT, i, i);
                assertEquals(i, two.get(ValueLayout.JAVA_INT, i));
                two.set(ValueLayout.JAVA_INT, i, -i);
                assertEquals(-i, one.get(ValueLayout.JAVA_INT, i));
            }
            memory.close();
            assertEquals(-512, two.get(ValueLayout.JAVA_INT, 512), "a mapping outlives its descriptor");
            Files.unmap(one);
            assertEquals(-512, two.get(ValueLayout.JAVA_INT, 512));
            Files.unmap(two);
        }
    }

    @Test
    void mappingsHaveTheirOwnFaults() {
        try (Fd memory = Files.memfd("faults", 0)) {
            Files.ftruncate(memory, 10);
            assertEquals("mmap(" + memory.number() + ", 0) failed (22: Invalid argument)",
                assertThrows(PosixException.class, () -> Files.map(memory.number(), 0, true)).getMessage());
            assertThrows(IllegalArgumentException.class, () -> {
                MemorySegment mapping = Files.map(memory.number(), 10, false);
                try {
                    mapping.set(ValueLayout.JAVA_BYTE, 0, (byte) 1);
                } finally {
                    Files.unmap(mapping);
                }
            });
        }
        assertEquals(Errno.EBADF, assertThrows(PosixException.class, () -> Files.map(9_999, 10, false)).errno());
        try (Fd file = Files.open("/proc/self/status", Files.O_RDONLY, 0)) {
            assertEquals(Errno.ENODEV,
                assertThrows(PosixException.class, () -> Files.map(file.number(), 10, false)).errno());
        }
        try (Fd file = Files.open("/dev/zero", Files.O_RDONLY, 0)) {
            assertEquals(Errno.EACCES,
                assertThrows(PosixException.class, () -> Files.map(file.number(), 10, true)).errno());
        }
    }

    /** Another process, which was given the memory, sees what it is told and can change nothing. */
    @Test
    void anotherProcessReadsSealedMemory() {
        byte[] content = "told once".getBytes(StandardCharsets.US_ASCII);
        try (Fd memory = Files.sealedMemory("given", content)) {
            String text = ProcessesTest.run(SpawnSpec.of("/bin/sh", java.util.List.of("sh", "-c",
                "cat /proc/self/fd/7; (echo x > /proc/self/fd/7) 2>/dev/null && echo written || echo ' refused'"))
                .withFd(7, memory.number()));
            assertEquals("told once refused", text);
        }
    }
}
