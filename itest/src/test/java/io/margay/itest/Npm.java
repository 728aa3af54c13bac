// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Packages of the npm registry that tests use. */
final class Npm {
    private static final Path PROGRAM = Path.of("/usr/bin/npm");

    private Npm() {
    }

    static boolean isThere() {
        return Files.isExecutable(PROGRAM);
    }

    /** Fetches the archive of a package into a folder. */
    static void pack(Path folder, String name) throws IOException, InterruptedException {
        run(folder, PROGRAM.toString(), "pack", "--silent", name);
    }

    /** Puts packages, and what they need, into the {@code node_modules} of a folder; none of their scripts runs. */
    static void install(Path folder, String... packages) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(PROGRAM.toString(), "install", "--ignore-scripts", "--no-audit",
            "--no-fund", "--silent", "--prefix", folder.toString()));
        command.addAll(List.of(packages));
        run(folder, command.toArray(String[]::new));
    }

    /** {@return what the command printed} */
    static String run(Path folder, String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).directory(folder.toFile())
            .redirectError(ProcessBuilder.Redirect.DISCARD).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!process.waitFor(2, TimeUnit.MINUTES) || process.exitValue() != 0) {
            throw new IOException(String.join(" ", command) + " failed: " + output);
        }
        return output;
    }
}
