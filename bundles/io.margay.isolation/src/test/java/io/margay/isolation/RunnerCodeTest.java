// SPDX-License-Identifier: Apache-2.0
package io.margay.isolation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The bytes are those of the instructions beside them, and the file around them is what the kernel wants. */
class RunnerCodeTest {

    @TempDir
    Path directory;

    private static Optional<String> tool(Architecture architecture, String name) {
        String prefix = architecture == Architecture.X86_64 ? "x86_64-linux-gnu-" : "aarch64-linux-gnu-";
        return Stream.of(prefix + name, architecture == Architecture.current() ? name : prefix + name)
            .map(file -> "/usr/bin/" + file).filter(file -> Files.isExecutable(Path.of(file))).findFirst();
    }

    private void execute(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String text = new String(process.getInputStream().readAllBytes());
        assertEquals(0, process.waitFor(), text);
    }

    @ParameterizedTest
    @EnumSource(Architecture.class)
    void bytesAreTheInstructions(Architecture architecture) throws Exception {
        Optional<String> as = tool(architecture, "as");
        Optional<String> objcopy = tool(architecture, "objcopy");
        assumeTrue(as.isPresent() && objcopy.isPresent(), "no binutils for " + architecture);
        String source = RunnerCode.listing(architecture).lines()
            .map(line -> line.substring(line.indexOf('|') + 1))
            .map(line -> line.indexOf(';') < 0 ? line : line.substring(0, line.indexOf(';')))
            .collect(Collectors.joining("\n", architecture == Architecture.X86_64
                ? ".intel_syntax noprefix\n" : "", "\n"));
        Path text = Files.writeString(directory.resolve("runner.s"), source);
        Path object = directory.resolve("runner.o");
        Path binary = directory.resolve("runner.bin");
        execute(as.get(), "-o", object.toString(), text.toString());
        execute(objcopy.get(), "-O", "binary", "-j", ".text", object.toString(), binary.toString());
        assertEquals(HexFormat.of().formatHex(Files.readAllBytes(binary)),
            HexFormat.of().formatHex(RunnerCode.bytes(architecture)));
    }

    @Test
    void constantsOfTheCodeAreThoseOfTheTable() {
        String first = "lea ebx, [rbp + " + (Assembly.TABLE + Assembly.ROUTINE * Assembly.STEP) + "]";
        assertTrue(RunnerCode.X86_64.contains(first));
        assertTrue(RunnerCode.X86_64.contains("mov ebp, 0x" + Long.toHexString(Assembly.DATA)));
        assertTrue(RunnerCode.X86_64.contains("add rbx, " + Assembly.STEP));
        assertTrue(RunnerCode.X86_64.contains("lea ebx, [rbp + " + Assembly.TABLE + "]"));
        assertTrue(RunnerCode.AARCH64.contains("add x19, x19, #" + Assembly.STEP));
        assertTrue(RunnerCode.AARCH64.contains("add x19, x21, #" + Assembly.TABLE));
    }

    @ParameterizedTest
    @EnumSource(Architecture.class)
    void noSegmentIsWritableAndExecutable(Architecture architecture) {
        byte[] data = {1, 2, 3};
        ByteBuffer file = ByteBuffer.wrap(Elf.image(architecture, data)).order(ByteOrder.LITTLE_ENDIAN);
        assertEquals(0x464c457f, file.getInt(0));
        int segments = file.getShort(56);
        assertEquals(3, segments);
        List<Integer> flags = Stream.of(0, 1, 2).map(n -> file.getInt(64 + n * 56 + 4)).toList();
        assertEquals(List.of(5, 6, 6), flags);
        long offset = file.getLong(64 + 56 + 8);
        long address = file.getLong(64 + 56 + 16);
        assertEquals(Assembly.DATA, address);
        assertEquals(0, (address - offset) % 0x10000, "congruent for the largest page");
        assertEquals(data.length, file.getLong(64 + 56 + 32));
        assertEquals(offset + data.length, file.capacity());
        long entry = file.getLong(24);
        assertEquals(RunnerCode.bytes(architecture)[0], file.get((int) (entry - file.getLong(64 + 16))));
    }

    @Test
    void smallEnoughToRead() {
        for (Architecture architecture : Architecture.values()) {
            assertTrue(RunnerCode.bytes(architecture).length < 200, architecture.toString());
        }
    }
}
