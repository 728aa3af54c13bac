// SPDX-License-Identifier: Apache-2.0
package io.margay.lang.java.runner;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/**
 * Finds out the edition that an application is made for. What its classes refer to is certain, what its web.xml says is
 * not: some say what they said before they were migrated. Looked at are the classes, web.xml, and last the libraries,
 * of which some serve both.
 */
final class Archive {

    private static final String JAVAX = "javax/servlet/";
    private static final String JAKARTA = "jakarta/servlet/";
    private static final String CLASS = ".class";
    /** Nothing longer is looked at. */
    private static final int MOST = 4 << 20;
    private static final int MOST_CLASSES = 100_000;

    private boolean javax;
    private boolean jakarta;
    private int looked;

    private Archive() {
    }

    /** The edition of a directory or an archive; of what cannot be read the usual one, whose container says why. */
    static Edition edition(Path webapp) {
        Archive archive = new Archive();
        try {
            if (Files.isDirectory(webapp)) {
                return archive.look(webapp);
            }
            try (FileSystem zip = FileSystems.newFileSystem(webapp)) {
                return archive.look(zip.getRootDirectories().iterator().next());
            }
        } catch (IOException | RuntimeException e) {
            return Edition.EE10;
        }
    }

    private Edition look(Path root) throws IOException {
        Path hidden = root.resolve("WEB-INF");
        classes(hidden.resolve("classes"));
        WebXml xml = WebXml.read(hidden.resolve("web.xml"));
        if (!javax && !jakarta && (xml == WebXml.SILENT || xml == WebXml.JAVA)) {
            libraries(hidden.resolve("lib"));
        }
        if (jakarta || xml == WebXml.JAKARTA_9 || xml == WebXml.JAKARTA_10) {
            return xml == WebXml.JAKARTA_9 ? Edition.EE9 : Edition.EE10;
        }
        return javax || xml == WebXml.JAVA ? Edition.EE8 : Edition.EE10;
    }

    private boolean decided() {
        return jakarta || looked > MOST_CLASSES;
    }

    private void classes(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return;
        }
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : (Iterable<Path>) files.filter(path -> path.toString().endsWith(CLASS))::iterator) {
                if (decided()) {
                    return;
                }
                try (InputStream in = Files.newInputStream(file)) {
                    take(in);
                }
            }
        }
    }

    private void libraries(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return;
        }
        List<Path> jars;
        try (Stream<Path> files = Files.list(directory)) {
            jars = files.filter(path -> path.toString().endsWith(".jar")).sorted().toList();
        }
        for (Path jar : jars) {
            try (ZipInputStream zip = new ZipInputStream(Files.newInputStream(jar))) {
                for (ZipEntry entry; !decided() && (entry = zip.getNextEntry()) != null;) {
                    if (entry.getName().endsWith(CLASS)) {
                        take(zip);
                    }
                }
            }
        }
    }

    private void take(InputStream in) throws IOException {
        looked++;
        // Names are constants in the modified UTF-8 of class files, where these characters are themselves.
        String text = new String(in.readNBytes(MOST), StandardCharsets.ISO_8859_1);
        javax |= text.contains(JAVAX);
        jakarta |= text.contains(JAKARTA);
    }
}
