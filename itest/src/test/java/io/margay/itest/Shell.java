// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/** Runs a line of the shell, for what only foreign programs can show. */
final class Shell {
    private static final long PATIENCE_SECONDS = 120;

    private Shell() {
    }

    /**
     * Runs a program that must succeed. It gets no standard input of this JVM: node makes a pipe that it inherits
     * non-blocking while it lives, and a JVM that is given its test classes through that pipe ends at once.
     */
    static void succeeds(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("it does not end: " + String.join(" ", command));
        }
        assertEquals(0, process.exitValue(), String.join(" ", command) + ": " + text);
    }

    /** {@return what it writes to standard output} */
    static String run(String line) throws IOException, InterruptedException {
        Process process = new ProcessBuilder("sh", "-c", line).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        process.getOutputStream().close();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("it does not end: " + line);
        }
        return text;
    }
}
