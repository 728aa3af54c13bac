// SPDX-License-Identifier: Apache-2.0
package io.margay.certificate;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Keys and certificates made as administrators make them. */
final class OpenSsl {
    private final Path directory;

    OpenSsl(Path directory) {
        this.directory = directory;
    }

    /** Runs a command of blank-separated words in the directory. */
    void run(String command) throws Exception {
        List<String> words = new ArrayList<>(List.of(command.split(" ")));
        words.addFirst("openssl");
        Path output = directory.resolve("output");
        Process process = new ProcessBuilder(words).directory(directory.toFile()).redirectErrorStream(true)
            .redirectInput(new File("/dev/null")).redirectOutput(output.toFile()).start();
        if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
            process.destroyForcibly();
            throw new AssertionError("openssl " + command + "\n" + Files.readString(output));
        }
    }

    /** The files of these names one after the other. */
    byte[] join(String... names) throws Exception {
        StringBuilder all = new StringBuilder();
        for (String name : names) {
            all.append(Files.readString(directory.resolve(name)));
        }
        return all.toString().getBytes(StandardCharsets.UTF_8);
    }
}
