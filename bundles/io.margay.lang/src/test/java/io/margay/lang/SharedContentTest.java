// SPDX-License-Identifier: Apache-2.0
package io.margay.lang;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.posix.Fd;
import java.io.ByteArrayInputStream;
import java.io.FileNotFoundException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class SharedContentTest {

    private static Path path(Fd memory) {
        return Path.of("/proc/self/fd/" + memory.number());
    }

    @Test
    void allStartsGetTheSame() throws Exception {
        AtomicInteger made = new AtomicInteger();
        SharedContent shared = new SharedContent("jar", () -> {
            made.incrementAndGet();
            return new ByteArrayInputStream(new byte[] {1, 2, 3});
        });
        assertEquals(0, made.get(), "nobody has asked yet");
        try (Fd first = shared.open(); Fd second = shared.open()) {
            assertEquals(1, made.get());
            assertEquals(Files.getAttribute(path(first), "unix:ino"), Files.getAttribute(path(second), "unix:ino"));
            assertEquals(1_000_000_000_000L, Files.getLastModifiedTime(path(second)).toMillis());
            shared.close();
            assertArrayEquals(new byte[] {1, 2, 3}, Files.readAllBytes(path(second)), "who has it keeps it");
        }
        assertThrows(IllegalStateException.class, shared::open);
    }

    @Test
    void whatCannotBeReadIsSaid() {
        try (SharedContent shared = new SharedContent("jar", () -> {
            throw new FileNotFoundException("the bundle lacks it");
        })) {
            assertTrue(assertThrows(IllegalStateException.class, shared::open).getMessage()
                .contains("jar cannot be passed on: the bundle lacks it"));
        }
    }
}
