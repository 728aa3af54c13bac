// SPDX-License-Identifier: Apache-2.0
package io.margay.lang.java.internal;

import io.margay.lang.AppSpec;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** Looks at an application before a JVM is started for it, so that who configures it learns what is wrong. */
final class Webapp {

    private static final List<byte[]> ARCHIVES = List.of(new byte[] {'P', 'K', 3, 4}, new byte[] {'P', 'K', 5, 6});
    private static final int MAGIC = 4;

    private Webapp() {
    }

    /**
     * Whether the path can be an application. One that is not absolute is left to the JVM, which knows its directory;
     * so is what cannot be read here, as the application has rights of its own.
     *
     * @throws IllegalStateException when it is neither directory nor archive
     */
    static void check(AppSpec app, String webapp) {
        Path file = app.onHost(webapp).orElse(null);
        if (file == null) {
            return;
        }
        if (Files.notExists(file)) {
            throw new IllegalStateException("Unable to determine code source archive from " + webapp);
        }
        if (Files.isRegularFile(file) && Files.isReadable(file) && !isArchive(file)) {
            throw new IllegalStateException("\"webapp\" " + webapp + " is neither a directory nor a .war file");
        }
    }

    private static boolean isArchive(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] begin = in.readNBytes(MAGIC);
            return ARCHIVES.stream().anyMatch(magic -> Arrays.equals(magic, begin));
        } catch (IOException e) {
            // The JVM tells what it sees.
            return true;
        }
    }
}
