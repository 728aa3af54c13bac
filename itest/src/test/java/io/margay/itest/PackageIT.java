// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.margay.testing.SchemaFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The packages that are made of the distribution: Debian's, the image's file, the units of systemd. */
@Timeout(300)
class PackageIT {
    private static final Path REPOSITORY = SchemaFiles.bundles().getParent();

    @TempDir
    private Path directory;

    private String run(int code, String... command) throws IOException, InterruptedException {
        Path output = directory.resolve("output");
        Process process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile())
            .redirectInput(Path.of("/dev/null").toFile()).start();
        boolean ended = process.waitFor(280, TimeUnit.SECONDS);
        process.destroyForcibly();
        String said = Files.readString(output);
        assertTrue(ended, said);
        assertEquals(code, process.exitValue(), said);
        return said;
    }

    @Test
    void thePackageIsInstalledUpgradedUnderLoadRemovedAndPurged() throws IOException, InterruptedException {
        assumeTrue("root".equals(System.getProperty("user.name")), "not root: no copy of this system can be made");
        Path deb = Path.of(System.getProperty("margay.home") + "_all.deb");
        assumeTrue(Files.exists(deb), "no Debian package beside the distribution: Maven makes it");
        Path work = Files.createDirectory(directory.resolve("work"));
        String said = run(0, "unshare", "--mount", "--pid", "--fork",
            REPOSITORY.resolve("itest/src/test/packages/lifecycle").toString(), deb.toString(), work.toString());
        assumeTrue(!said.contains("skipped: "), said.strip());
        assertTrue(said.contains("passed: "), said);
    }

    /** Ready when the control socket answers; a socket that outlives a restart; a sandbox with room for isolation. */
    @Test
    void systemdRunsTheUnitsOfThePackage() throws IOException, InterruptedException {
        assumeTrue("root".equals(System.getProperty("user.name")), "not root: there can be no namespaces");
        Path deb = Path.of(System.getProperty("margay.home") + "_all.deb");
        assumeTrue(Files.exists(deb), "no Debian package beside the distribution: Maven makes it");
        Path work = Files.createDirectory(directory.resolve("work"));
        String said = run(0, REPOSITORY.resolve("itest/src/test/packages/systemd").toString(), deb.toString(),
            work.toString());
        assumeTrue(!said.contains("skipped: "), said.strip());
        assertTrue(said.contains("passed: "), said);
    }

    @Test
    void theSameFilesGiveTheSameBytes() throws IOException, InterruptedException {
        Path home = Files.createDirectory(directory.resolve("home"));
        for (String file : new String[] {"bin/unitd", "lib/java.sh", "lib/aot/margay.aot", "var/log/unit.log",
            "modules/b.jar", "modules/a.jar", "system/s.jar", "features/main.json", "guest/features.xml",
            "share/sbom/margay.cdx.json", "config/jvm/main.options", "config/framework.properties",
            "config/io.margay.main.cfg.json", "config/examples/a", "config/control-policy.example.json"}) {
            Files.createDirectories(home.resolve(file).getParent());
            Files.writeString(home.resolve(file), file);
        }
        assertTrue(home.resolve("bin/unitd").toFile().setExecutable(true));
        for (String what : new String[] {"tarball", "deb"}) {
            Path one = packed(what, home, "022");
            // Later, by somebody with another umask, in another order.
            Files.delete(home.resolve("modules/a.jar"));
            Files.writeString(home.resolve("modules/a.jar"), "modules/a.jar");
            Path other = packed(what, home, "077");
            assertEquals(-1, Files.mismatch(one, other), what);
            String listed = run(0, "tar", "-tvf", one.toString());
            assertTrue(listed.contains("2026-01-01 00:00") && listed.contains("modules/a.jar"), listed);
            assertTrue(!listed.contains("margay.aot") && !listed.contains("unit.log"), listed);
        }
    }

    private Path packed(String what, Path home, String umask) throws IOException, InterruptedException {
        Path out = directory.resolve(what + umask);
        run(0, "/bin/sh", "-c", "umask " + umask + "; exec \"$@\"", "sh",
            REPOSITORY.resolve("dist/src/package/pack").toString(), what, home.toString(), out.toString(),
            "2026-01-01T00:00:00Z");
        return out;
    }

    @Test
    void theUnitsOfSystemdAreUnderstood() throws IOException, InterruptedException {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/systemd-analyze")), "there is no systemd-analyze");
        // It wants the program where the unit says.
        Path unit = directory.resolve("margay.service");
        Files.writeString(unit, Files.readString(REPOSITORY.resolve("config/systemd/margay.service"))
            .replace("/usr/sbin/unitd", "/bin/true"));
        Files.copy(REPOSITORY.resolve("config/systemd/margay.socket"), directory.resolve("margay.socket"));
        String said = run(0, "systemd-analyze", "verify", "--man=no", unit.toString());
        assertTrue(said.lines().noneMatch(line -> line.contains("margay.s")), said);
    }

    @Test
    void theImageFileNamesWhatIsThere() throws IOException {
        List<String> steps = Files.readString(REPOSITORY.resolve("Containerfile"), StandardCharsets.UTF_8)
            .replace("\\\n", " ").lines().filter(line -> !line.isBlank() && !line.startsWith("#")).toList();
        List<String> words = List.of("FROM", "ARG", "RUN", "ADD", "COPY", "VOLUME", "STOPSIGNAL", "ENTRYPOINT");
        assertTrue(steps.getFirst().matches("FROM [a-z./-]+:[0-9][^ ]*"), "the base has a fixed version: " + steps);
        for (String step : steps) {
            String[] parts = step.strip().split("\\s+");
            assertTrue(words.contains(parts[0]), step);
            if (parts[0].equals("COPY")) {
                assertTrue(Files.exists(REPOSITORY.resolve(parts[1])), step);
            } else if (step.contains("apt-get install")) {
                assertTrue(step.contains("--no-install-recommends") && step.contains("rm -rf /var/lib/apt"), step);
            }
        }
        assertEquals("ENTRYPOINT [\"/usr/local/bin/unitd\", \"--no-daemon\", \"--import\", \"/docker-entrypoint.d\"]",
            steps.getLast());
    }
}
