// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** The accessibility checker axe-core, from the npm registry. */
final class AxeCore {
    private static final String VERSION = "4.14.1";
    private static final Path NPM = Path.of("/usr/bin/npm");

    private AxeCore() {
    }

    static boolean isThere() {
        return Files.isExecutable(NPM);
    }

    /** {@return the script, fetched once for all tests of this build} */
    static synchronized String script() throws IOException, InterruptedException {
        Path folder = Path.of("target/axe").toAbsolutePath();
        Path archive = folder.resolve("axe-core-" + VERSION + ".tgz");
        if (!Files.exists(archive)) {
            Files.createDirectories(folder);
            run(folder, NPM.toString(), "pack", "--silent", "axe-core@" + VERSION);
        }
        return run(folder, "tar", "-xzOf", archive.toString(), "package/axe.min.js");
    }

    private static String run(Path folder, String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).directory(folder.toFile())
            .redirectError(ProcessBuilder.Redirect.DISCARD).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!process.waitFor(2, TimeUnit.MINUTES) || process.exitValue() != 0) {
            throw new IOException(String.join(" ", command) + " failed: " + output);
        }
        return output;
    }
}
