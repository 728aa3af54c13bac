// SPDX-License-Identifier: Apache-2.0
package io.margay.launcher;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;

/**
 * The archive of loaded classes with which all roles boot in half the time ({@code lib/aot}). It fits one JVM and one
 * set of jars and flags; {@code bin/margay-aot} makes it, and a JVM silently goes without one that does not fit.
 */
final class BootCache {
    /** Begins the names of what a main process with a console has besides. */
    static final String CONSOLE = "console";

    private final Path home;

    BootCache(Path home) {
        this.home = home;
    }

    /** {@return the archive, shared by all roles so that its pages are in memory once} */
    static Path file(Path home) {
        return home.resolve("lib/aot/margay.aot");
    }

    /** {@return what the archive depends on; another text means another archive} */
    String key() throws IOException {
        StringBuilder key = new StringBuilder();
        key.append("java ").append(System.getProperty("java.vm.version")).append(' ')
            .append(System.getProperty("java.home")).append('\n');
        for (String directory : new String[] {"lib", "lib/unitctl", "system", "console", "config/jvm",
            "features"}) {
            File[] files = home.resolve(directory).toFile().listFiles(File::isFile);
            if (files == null) {
                throw new IOException("cannot list \"" + home.resolve(directory) + "\"");
            }
            Arrays.sort(files);
            for (File file : files) {
                key.append(directory).append('/').append(file.getName()).append(' ').append(file.length()).append(' ')
                    .append(file.lastModified() / 1000).append('\n');
            }
        }
        return key.toString();
    }

    /** {@return whether the archive was made for this JVM and these files} */
    boolean fits() throws IOException {
        Path key = home.resolve("lib/aot/key");
        return Files.exists(file(home)) && Files.exists(key) && Files.readString(key).equals(key());
    }

    /** {@return whether this JVM has the archive in its memory} */
    boolean isUsed() throws IOException {
        String name = file(home).toString();
        try (Stream<String> mappings = Files.lines(Path.of("/proc/self/maps"), StandardCharsets.ISO_8859_1)) {
            return mappings.anyMatch(line -> line.endsWith(name));
        }
    }

    /** Writes down what the archive being made depends on. */
    void writeKey(Path file) throws IOException {
        Files.writeString(file, key());
    }

    /** Makes a new archive in the background when this one does not fit and the distribution may be written to. */
    void refresh() throws IOException {
        Path directory = home.resolve("lib/aot");
        if (Files.isWritable(directory) && !fits()) {
            new ProcessBuilder(home.resolve("bin/margay-aot").toString(), "--background")
                .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        }
    }

    /** Makes the cache of a distribution anew where it does not fit; who waits for nothing hears why it stays. */
    static void refresh(Path home) {
        try {
            new BootCache(home).refresh();
        } catch (IOException e) {
            System.err.println("margay: the boot cache stays as it is: " + e.getMessage());
        }
    }
}
