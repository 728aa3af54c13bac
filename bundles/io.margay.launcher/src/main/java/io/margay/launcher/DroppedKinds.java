// SPDX-License-Identifier: Apache-2.0
package io.margay.launcher;

import io.margay.process.ProcessKind;
import io.margay.process.ProcessType;
import io.margay.process.StartException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import org.osgi.framework.Constants;

/**
 * Bundles in the modules directory that bring a kind of process. The kinds are frozen when main starts, so it looks at
 * them before its framework runs; what comes later counts with the next start.
 */
final class DroppedKinds {

    private static final String PATTERN = "*.jar";
    private static final Pattern KIND
        = Pattern.compile("io\\.margay\\.extension\\s*;[^,]*\\bkind\\s*=\\s*\"?process\\b");

    /**
     * One of them.
     *
     * @param jar the file
     * @param bundle its symbolic name
     * @param type the kind
     */
    record Dropped(Path jar, String bundle, ProcessType type) {

        /**
         * The framework of its process: what its own feature file says, and the bundle itself.
         *
         * @throws IOException when the jar cannot be read or has no such file; the message names both
         */
        Feature feature() throws IOException {
            String path = GuestBundles.FEATURES + type.feature().orElseThrow() + ".json";
            try (JarFile file = new JarFile(jar.toFile())) {
                ZipEntry entry = file.getEntry(path);
                if (entry == null) {
                    throw new IOException("\"" + jar + "\" has no \"" + path + "\", which its kind of process needs");
                }
                try (InputStream in = file.getInputStream(entry)) {
                    return Feature.parse(in.readAllBytes(), jar + "!/" + path);
                }
            } catch (StartException e) {
                throw new IOException(e.getMessage(), e);
            }
        }
    }

    private DroppedKinds() {
    }

    /** {@return those of a directory, by file name; files that are no such bundle are for others to refuse} */
    static List<Dropped> in(Path directory) throws IOException {
        List<Path> jars = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, PATTERN)) {
            files.forEach(jars::add);
        } catch (NoSuchFileException | NotDirectoryException e) {
            return List.of();
        }
        jars.sort(null);
        List<Dropped> found = new ArrayList<>();
        for (Path jar : jars) {
            read(jar).ifPresent(found::add);
        }
        return found;
    }

    /** {@return the bundle in a jar, if it brings a kind that can be read} */
    static Optional<Dropped> read(Path jar) {
        try (JarFile file = new JarFile(jar.toFile())) {
            Manifest manifest = file.getManifest();
            String path = manifest == null ? null : manifest.getMainAttributes().getValue(ProcessKind.HEADER);
            ZipEntry entry = path == null ? null : file.getEntry(path.strip());
            String name = manifest == null ? null
                : manifest.getMainAttributes().getValue(Constants.BUNDLE_SYMBOLICNAME);
            if (entry == null || name == null || !isExtension(manifest)) {
                return Optional.empty();
            }
            try (InputStream in = file.getInputStream(entry)) {
                return Optional.of(new Dropped(jar, name.split(";")[0].strip(), ProcessType.parse(in.readAllBytes())))
                    .filter(dropped -> dropped.type().feature().isPresent());
            }
        } catch (IOException | IllegalArgumentException e) {
            // Not a jar, or not a kind: main says so when it reads the directory.
            return Optional.empty();
        }
    }

    /** Without the capability main refuses the jar, as it does any other that is no extension. */
    private static boolean isExtension(Manifest manifest) {
        String provided = manifest.getMainAttributes().getValue(Constants.PROVIDE_CAPABILITY);
        return provided != null && KIND.matcher(provided).find();
    }
}
