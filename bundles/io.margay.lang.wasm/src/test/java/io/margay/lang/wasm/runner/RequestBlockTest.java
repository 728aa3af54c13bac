// SPDX-License-Identifier: Apache-2.0
package io.margay.lang.wasm.runner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.dylibso.chicory.runtime.ByteArrayMemory;
import com.dylibso.chicory.runtime.Memory;
import com.dylibso.chicory.wasm.types.MemoryLimits;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RequestBlockTest {

    private static final int ADDRESS = 64;
    private static final List<byte[]> TEXTS = Stream.of("PUT", "HTTP/1.1", "/p", "", "1.2.3.4", "::1", "80", "h")
        .map(text -> text.getBytes(StandardCharsets.US_ASCII)).toList();

    private final Memory memory = new ByteArrayMemory(new MemoryLimits(520, 520));

    private String text(int slot) {
        return memory.readString(ADDRESS + memory.readInt(ADDRESS + slot), memory.readInt(ADDRESS + slot + 4));
    }

    @Test
    void everyMemberHasItsPlace() throws IOException {
        int begin = new RequestBlock(TEXTS, List.of(Map.entry("A", "b"), Map.entry("C", "\u00e4")), 5, true)
            .write(memory, ADDRESS);
        Body body = new Body(new ByteArrayInputStream("hello".getBytes(StandardCharsets.US_ASCII)), 5);
        assertEquals(5, body.read(memory, ADDRESS + begin, Abi.BLOCK - begin));
        RequestBlock.piece(memory, ADDRESS, begin, 5, 5, true);
        int slot = 0;
        for (String text : List.of("PUT", "HTTP/1.1", "/p", "", "1.2.3.4", "::1", "80", "h")) {
            assertEquals(text, text(slot));
            assertEquals(0, memory.read(ADDRESS + memory.readInt(ADDRESS + slot) + text.length()));
            slot += 8;
        }
        assertEquals(5, memory.readLong(ADDRESS + 64));
        assertEquals(5, memory.readLong(ADDRESS + 72));
        assertEquals(List.of(5, begin, begin + 5, 2, 1), Stream.of(80, 84, 88, 92, 96).map(offset ->
            memory.readInt(ADDRESS + offset)).toList());
        assertEquals("AbC", text(104) + text(112) + text(120));
        assertEquals((byte) 0xe4, memory.read(ADDRESS + memory.readInt(ADDRESS + 128)));
        assertEquals("hello", memory.readString(ADDRESS + begin, 5));
    }

    @Test
    void laterPiecesComeAlone() {
        RequestBlock.piece(memory, ADDRESS, RequestBlock.FIELDS, 7, 1L << 33, false);
        assertEquals(1L << 33, memory.readLong(ADDRESS + 72));
        assertEquals(List.of(7, 104, 7, 0), Stream.of(80, 84, 88, 92).map(offset -> memory.readInt(ADDRESS + offset))
            .toList());
    }

    @Test
    void aHeadThatDoesNotFitIsRefused() {
        RequestBlock many = new RequestBlock(TEXTS, Collections.nCopies(3_000_000, Map.entry("", "")), 0, false);
        assertEquals("WASM request buffer overflow at offset 48000104", assertThrows(AbiException.class,
            () -> many.write(memory, ADDRESS)).getMessage());
        RequestBlock large = new RequestBlock(TEXTS, List.of(Map.entry("A", "b".repeat(Abi.BLOCK))), 0, false);
        assertThrows(AbiException.class, () -> large.write(memory, ADDRESS));
    }

    @Test
    void aBodyThatEndsEarlyIsNone() {
        assertThrows(EOFException.class, () -> new Body(new ByteArrayInputStream(new byte[4]), 5).read(memory, 0, 9));
    }

    @ParameterizedTest
    @CsvSource({"/a%20b,/a b", "/a/../b,/b", "/a//b,/a/b", "/%2e%2e/x,/", "/100%,/100%", "/%c3%a4,/\u00c3\u00a4",
        "/a%2fb/./c,/a/b/c", "/%zz,/%zz"})
    void pathsAreDecodedAndNormal(String raw, String path) {
        assertEquals(path, ModuleHost.path(raw));
    }
}
