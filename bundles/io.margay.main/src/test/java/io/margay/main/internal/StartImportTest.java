// SPDX-License-Identifier: Apache-2.0
package io.margay.main.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.log.ErrorLog;
import io.margay.port.LargePayload;
import io.margay.port.NamedContents;
import io.margay.posix.Fd;
import io.margay.store.StateDirectory;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(20)
class StartImportTest {
    private final List<String> lines = new ArrayList<>();

    @TempDir
    private Path folder;
    private Path directory;
    private StateDirectory state;

    @BeforeEach
    void prepare() throws IOException {
        directory = Files.createDirectory(folder.resolve("import"));
        state = new StateDirectory(Files.createDirectory(folder.resolve("state")).toString(), "1.35.0", lines::add);
        state.prepare();
    }

    private ErrorLog journal() {
        return (ErrorLog) Proxy.newProxyInstance(ErrorLog.class.getClassLoader(), new Class<?>[] {ErrorLog.class},
            (proxy, method, arguments) -> {
                lines.add(method.getName() + " " + arguments[0].toString().replace(folder.toString(), "F"));
                return null;
            });
    }

    private StartImport startImport() {
        return new StartImport(Optional.of(directory.toString()), state, journal());
    }

    /** Names and lengths, in order. */
    private static List<String> read(Optional<Fd> memory) {
        try (Fd fd = memory.orElseThrow()) {
            Map<String, byte[]> files = NamedContents.decode(LargePayload.content(fd,
                io.margay.posix.Files.status(fd.number()).size(), "import", LargePayload.MAX_SIZE));
            return files.entrySet().stream().map(file -> file.getKey() + " " + file.getValue().length).toList();
        }
    }

    @Test
    void certificatesThenScriptsThenConfigurationsByName() throws IOException {
        for (String name : List.of("b.json", "a.json", "z.pem", "y.js", "a.sh", ".hidden", "B.pem")) {
            Files.writeString(directory.resolve(name), "x".repeat(name.length()));
        }
        assertEquals(List.of("B.pem 5", "z.pem 5", "y.js 4", "a.json 6", "b.json 6"), read(startImport().memory()));
        assertEquals(List.of("warn import: \"a.sh\" is passed over, it ends with none of [.pem, .js, .json]"), lines);
    }

    @Test
    void onlyRegularFilesOfBoundedSizeAreRead() throws Exception {
        new ProcessBuilder("mkfifo", directory.resolve("fifo.json").toString()).start().waitFor();
        Files.createSymbolicLink(directory.resolve("device.json"), Path.of("/dev/zero"));
        Files.createSymbolicLink(directory.resolve("loop.json"), directory.resolve("loop.json"));
        Files.createDirectory(directory.resolve("directory.json"));
        try (RandomAccessFile large = new RandomAccessFile(directory.resolve("large.pem").toFile(), "rw")) {
            large.setLength(1L << 30);
        }
        Path elsewhere = Files.writeString(folder.resolve("elsewhere"), "{}");
        Files.createSymbolicLink(directory.resolve("link.json"), elsewhere);
        assertEquals(List.of("link.json 2"), read(startImport().memory()));
        List<String> refused = lines.stream().map(line -> line.replaceAll("read\\(\\d+\\)", "read")).toList();
        assertEquals(List.of("error import: \"large.pem\" cannot be read: read of at most 4194304 bytes failed "
                + "(27: File too large)",
            "error import: \"device.json\" is no regular file", "error import: \"directory.json\" is no regular file",
            "error import: \"fifo.json\" is no regular file"), refused.subList(0, 4));
        assertTrue(refused.get(4).startsWith("error import: \"loop.json\" cannot be read: "), refused.get(4));
        // The temporary directory warns of links that lead out of it.
        Files.delete(directory.resolve("device.json"));
    }

    @Test
    void nothingIsImportedBesideAState() throws IOException {
        Files.writeString(directory.resolve("a.json"), "{}");
        for (String file : List.of("conf.json", "certs/a", "scripts/a")) {
            Path stored = Files.writeString(folder.resolve("state").resolve(file), "");
            assertTrue(startImport().memory().isEmpty(), file);
            assertEquals(List.of("notice \"F/import\" is not imported: the state directory \"F/state\" is not empty"),
                lines);
            lines.clear();
            Files.delete(stored);
        }
        assertEquals(List.of("a.json 2"), read(startImport().memory()));
    }

    @Test
    void onceOnly() throws IOException {
        Files.writeString(directory.resolve("a.json"), "{}");
        StartImport startImport = startImport();
        assertEquals(List.of("a.json 2"), read(startImport.memory()));
        assertEquals(List.of("a.json 2"), read(startImport.memory()), "the first controller has died");
        startImport.done();
        assertTrue(startImport.memory().isEmpty());
    }

    @Test
    void aDirectoryThatIsNotThere() {
        StartImport startImport = new StartImport(Optional.of(folder + "/none"), state, journal());
        assertTrue(startImport.memory().isEmpty());
        assertEquals(List.of("alert \"F/none\" cannot be imported: F/none"), lines);
        assertTrue(new StartImport(Optional.empty(), state, journal()).memory().isEmpty());
    }
}
