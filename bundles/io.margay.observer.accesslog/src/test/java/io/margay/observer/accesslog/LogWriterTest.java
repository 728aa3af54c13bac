// SPDX-License-Identifier: Apache-2.0
package io.margay.observer.accesslog;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.log.ErrorLog;
import io.margay.posix.Fd;
import io.margay.posix.PosixException;
import io.margay.testing.Await;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What becomes of lines when the disk is full, slow, or neither. */
@Timeout(60)
class LogWriterTest {
    private static final int SIZE = 64 * 1024;

    private static final Growth NO_GROWTH = new Growth(rotation -> CompletableFuture.completedStage(null));

    @TempDir
    private Path directory;
    private final List<String> lines = new CopyOnWriteArrayList<>();
    private final ErrorLog log = (level, text) -> lines.add(level.word() + " " + text);

    private static Fd open(Path path) {
        return io.margay.posix.Files.open(path.toString(), io.margay.posix.Files.O_WRONLY
            | io.margay.posix.Files.O_APPEND | io.margay.posix.Files.O_CREAT | io.margay.posix.Files.O_NONBLOCK, 0600);
    }

    /** A buffer with one line, which has as many bytes as said. */
    private static LineBuffer line(int size) {
        LineBuffer buffer = new LineBuffer();
        byte[] text = new byte[size];
        Arrays.fill(text, (byte) 'x');
        text[size - 1] = '\n';
        buffer.text(text);
        buffer.lineDone();
        return buffer;
    }

    private static void end(LogWriter writer) {
        writer.close().toCompletableFuture().orTimeout(30, TimeUnit.SECONDS).join();
    }

    @Test
    void linesLongerThanOneWriteAreWhole() throws IOException {
        Path path = directory.resolve("a");
        LogWriter writer = new LogWriter(open(path), "a", log, NO_GROWTH);
        writer.take(line(3 * SIZE + 5));
        writer.take(line(7));
        end(writer);
        assertEquals(3 * SIZE + 12, Files.size(path));
        assertEquals(2, Files.readString(path).lines().count());
        assertEquals(2, writer.written());
        assertEquals(0, writer.waiting());
        assertEquals(List.of(), lines);
    }

    /** A full disk: said once, counted, and said again with the number when it is over. */
    @Test
    void aFullDiskIsSaidOnce() throws IOException {
        LogWriter writer = new LogWriter(open(Path.of("/dev/full")), "a", log, NO_GROWTH);
        for (int i = 0; i < 5; i++) {
            writer.take(line(10));
        }
        Await.until("all were tried", () -> writer.lost() == 5);
        assertEquals(1, lines.size(), lines.toString());
        assertTrue(lines.getFirst().matches("error write to the access log \"a\" failed: write.*No space left on "
            + "device.*; lines are left out"), lines.toString());
        Path path = directory.resolve("a");
        writer.replace(open(path));
        writer.take(line(10));
        end(writer);
        assertEquals("xxxxxxxxx\n", Files.readString(path));
        assertEquals(1, writer.written());
        assertEquals("error 5 lines are missing in the access log \"a\"", lines.getLast());
        assertEquals(2, lines.size(), lines.toString());
    }

    /** A reader that does not read: a bounded amount waits, the rest is counted, and nobody is held up. */
    @Test
    void aSlowReaderHoldsNobodyUp() throws Exception {
        Path pipe = directory.resolve("pipe");
        assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
        CompletableFuture<InputStream> opening = CompletableFuture.supplyAsync(() -> {
            try {
                return Files.newInputStream(pipe);
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
        List<Fd> files = new ArrayList<>();
        Await.until("somebody reads", () -> tried(pipe, files));
        LogWriter writer = new LogWriter(files.getFirst(), "p", log, NO_GROWTH);
        int given = 2 * LogWriter.MOST / SIZE;
        for (int i = 0; i < given; i++) {
            writer.take(line(SIZE));
        }
        assertTrue(writer.lost() > 0);
        assertTrue(writer.waiting() <= LogWriter.MOST);
        Await.until("it is said", () -> lines.size() == 1);
        assertEquals("error the access log \"p\" takes no more lines at present; lines are left out",
            lines.getFirst());
        long lost = writer.lost();
        CompletableFuture<Integer> read = opening.thenApplyAsync(stream -> {
            try (stream) {
                return stream.readAllBytes().length;
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
        Await.until("what waited is written", () -> writer.waiting() == 0);
        end(writer);
        assertEquals(given, lost + writer.written());
        assertEquals(writer.written() * SIZE, read.get(30, TimeUnit.SECONDS).longValue());
        assertEquals("error " + lost + " lines are missing in the access log \"p\"", lines.getLast());
    }

    private static boolean tried(Path pipe, List<Fd> files) {
        try {
            return files.add(open(pipe));
        } catch (PosixException e) {
            return false;
        }
    }

    /** Nobody reads and nobody will: the end does not wait for ever. */
    @Test
    void aReaderThatNeverReadsDoesNotKeepTheWriter() throws Exception {
        Path pipe = directory.resolve("pipe");
        assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
        try (Fd reader = io.margay.posix.Files.open(pipe.toString(),
            io.margay.posix.Files.O_RDONLY | io.margay.posix.Files.O_NONBLOCK, 0)) {
            LogWriter writer = new LogWriter(open(pipe), "p", log, NO_GROWTH);
            writer.take(line(4 * SIZE));
            writer.take(line(10));
            end(writer);
            assertEquals(2, writer.lost());
            assertTrue(reader.isOpen());
        }
    }

    @Test
    void numbersAndEscapes() {
        LineBuffer buffer = new LineBuffer();
        buffer.digits(0, 1);
        buffer.digits(7, 3);
        buffer.digits(Long.MAX_VALUE, 3);
        buffer.absent();
        byte[] text = "a\u0001\"\\".getBytes(StandardCharsets.US_ASCII);
        buffer.put(text, 0, text.length);
        buffer.escape(true);
        buffer.put(text, 0, text.length);
        assertEquals("00079223372036854775807-a\\x01\"\\a\\u0001\\\"\\\\",
            new String(buffer.copy(), StandardCharsets.US_ASCII));
    }

    /** RFC 3629 §4; what is no UTF-8 stays visible, and the object JSON. */
    @ParameterizedTest
    @CsvSource({"c3a9, c3a9", "e282ac41, e282ac41", "f09f9880, f09f9880", "f48fbfbf, f48fbfbf", "efbfbf, efbfbf",
        "e9, 5c7530304539", "c3, 5c7530304333", "c0af, 5c75303043305c7530304146", "41c341, 415c753030433341",
        "eda080, 5c75303045445c75303041305c7530303830", "e08080, 5c75303045305c75303038305c7530303830",
        "f4908080, 5c75303046345c75303039305c75303038305c7530303830", "e282, 5c75303045325c7530303832",
        "f0808080, 5c75303046305c75303038305c75303038305c7530303830", "c3a9e9c3a9, c3a95c7530304539c3a9",
        "ff22, 5c75303046465c22", "80, 5c7530303830", "f5808080, 5c75303046355c75303038305c75303038305c7530303830"})
    void objectsAreUtf8(String sent, String written) {
        LineBuffer buffer = new LineBuffer();
        buffer.escape(true);
        byte[] text = HexFormat.of().parseHex(sent);
        buffer.put(text, 0, text.length);
        assertEquals(written, HexFormat.of().formatHex(buffer.copy()));
    }
}
