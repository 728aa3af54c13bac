// SPDX-License-Identifier: Apache-2.0
package io.margay.unitctl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class ImportExportTest {
    @TempDir
    private Path directory;
    private Path source;

    @BeforeEach
    void files() throws IOException {
        source = Files.createDirectory(directory.resolve("source"));
    }

    private Path socket() {
        return directory.resolve("s");
    }

    private void file(String name, String text) throws IOException {
        Path file = source.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    @Test
    void certificatesAndScriptsComeBeforeTheConfiguration() throws IOException {
        file("a.json", "{\"a\": 1}");
        file("b/z.js", "export default {}");
        file("c/snake oil.pem", "PEM");
        file("js_modules/plain", "export default 1");
        file("certificates/other", "PEM2");
        file("certificates/described.json", "{}");
        file("read.me", "no");
        file(".hidden.json", "no");
        try (FakeServer server = FakeServer.at(socket(), seen -> FakeServer.ok("{}"))) {
            Run run = new Run();
            assertEquals(0, run.on(socket(), "import", source.toString()), run.err());
            assertEquals(List.of("PUT /certificates/snake%20oil.pem", "PUT /certificates/other",
                "PUT /js_modules/z.js", "PUT /js_modules/plain", "PUT /config"),
                server.whats());
            assertEquals("{\"a\": 1}", server.seen().getLast().body());
            assertTrue(run.out().contains("Imported " + source.resolve("a.json") + " -> /config\n"), run.out());
            assertTrue(run.out().endsWith("Imported 5 files\n"), run.out());
            assertTrue(run.err().contains("read.me") && run.err().contains("described.json"), run.err());
        }
    }

    @Test
    void twoConfigurationsAreOneTooMany() throws IOException {
        file("a.json", "{}");
        file("b.yaml", "x: 1");
        assertEquals(2, new Run().on(socket(), "import", source.toString()));
    }

    @Test
    void aRefusalEndsTheImport() throws IOException {
        file("a.pem", "PEM");
        file("b.json", "{}");
        try (FakeServer server = FakeServer.at(socket(),
            seen -> FakeServer.answer(400, "{\"error\": \"Invalid certificate.\"}"))) {
            assertEquals(1, new Run().on(socket(), "import", source.toString()));
            assertEquals(List.of("PUT /certificates/a.pem"), server.whats());
        }
    }

    @Test
    void anExistingCertificateIsReplacedOnceTheNewOneIsKnownToBeGood() throws IOException {
        file("a.pem", "PEM");
        boolean[] exists = {true};
        try (FakeServer server = FakeServer.at(socket(), seen -> {
            if (seen.what().equals("PUT /certificates/a.pem") && exists[0]) {
                return FakeServer.answer(400, "{\"error\": \"Certificate already exists.\"}");
            }
            exists[0] &= !seen.what().equals("DELETE /certificates/a.pem");
            return FakeServer.ok("{}");
        })) {
            assertEquals(0, new Run().on(socket(), "import", source.toString()));
            assertEquals(List.of("PUT /certificates/a.pem", "PUT /certificates/a.pem.unitctl-trial",
                "DELETE /certificates/a.pem.unitctl-trial", "DELETE /certificates/a.pem", "PUT /certificates/a.pem"),
                server.whats());
        }
    }

    @Test
    void theSameScriptIsLeftAlone() throws IOException {
        file("a.js", "same");
        try (FakeServer server = FakeServer.at(socket(), seen -> seen.what().startsWith("GET")
            ? FakeServer.ok("\"same\"") : FakeServer.answer(400, "{\"error\": \"JS module already exists.\"}"))) {
            assertEquals(0, new Run().on(socket(), "import", source.toString()));
            assertEquals(List.of("PUT /js_modules/a.js", "GET /js_modules/a.js"), server.whats());
        }
    }

    @Test
    void aDryRunChangesNothing() throws IOException {
        file("a.pem", "PEM");
        file("b.yml", "x: 1");
        try (FakeServer server = FakeServer.at(socket(), seen -> FakeServer.ok("{}"))) {
            Run run = new Run();
            assertEquals(0, run.on(socket(), "import", source.toString(), "--dry-run"));
            assertEquals(List.of("GET /control/revisions", "PUT /config?dry-run"), server.whats());
            assertTrue(run.out().startsWith("Would import " + source.resolve("a.pem")), run.out());
        }
    }

    private static Map<String, String> entries(byte[] tar) throws IOException {
        Map<String, String> entries = new LinkedHashMap<>();
        try (TarArchiveInputStream in = new TarArchiveInputStream(new ByteArrayInputStream(tar))) {
            for (TarArchiveEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                entries.put(entry.getName(), new String(in.readAllBytes(), StandardCharsets.UTF_8));
            }
        }
        return entries;
    }

    @Test
    void anExportHoldsAllAndNoNameEscapes() throws IOException {
        String name = "n".repeat(150);
        Map<String, String> answers = Map.of("GET /config", FakeServer.ok("{\"a\": 1.0}"),
            "GET /certificates", FakeServer.ok("{\"..\": {\"key\": \"RSA\"}}"),
            "GET /js_modules", FakeServer.ok("{\"" + name + "\": \"export default '\u00e9'\", \"../x\": \"y\"}"));
        try (FakeServer server = FakeServer.of(socket(), answers)) {
            Path tar = directory.resolve("x.tar");
            Run run = new Run();
            assertEquals(0, run.on(socket(), "export", "-f", tar.toString()), run.err());
            Map<String, String> expected = Map.of("certificates/%2e%2e.json", "{\n  \"key\": \"RSA\"\n}\n",
                "js_modules/" + name, "export default '\u00e9'", "js_modules/..%2fx", "y",
                "config.json", "{\n  \"a\": 1.0\n}\n");
            assertEquals(expected, entries(Files.readAllBytes(tar)));
            assertEquals("rw-------", java.nio.file.attribute.PosixFilePermissions.toString(
                Files.getPosixFilePermissions(tar)));
            Run piped = new Run();
            assertEquals(0, piped.on(socket(), "export", "-f", "-"));
            assertEquals(expected, entries(piped.bytes()));
            assertEquals(6, server.seen().size());
        }
    }

    @Test
    void aServerWithoutCertificatesIsExportedToo() throws IOException {
        try (FakeServer server = FakeServer.of(socket(), Map.of("GET /config", FakeServer.ok("{}")))) {
            Run run = new Run();
            assertEquals(0, run.on(socket(), "export", "-f", "-"), run.err());
            assertEquals(Map.of("config.json", "{}\n"), entries(run.bytes()));
            assertEquals(3, server.seen().size());
        }
    }

    @Test
    void aFailedExportWritesNothing() throws IOException {
        Path tar = directory.resolve("x.tar");
        assertEquals(3, new Run().on(socket(), "export", "-f", tar.toString()));
        assertEquals(false, Files.exists(tar));
    }
}
