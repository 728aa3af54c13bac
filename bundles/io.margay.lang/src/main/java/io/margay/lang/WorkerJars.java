// SPDX-License-Identifier: Apache-2.0
package io.margay.lang;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * The class path of a worker that is a JVM: the runner, then the jars that the bundle carries in its directory
 * {@code jars}.
 *
 * @param owner a class of the bundle
 * @param runner package of the runner, as {@code io.margay.lang.java.runner}
 * @param classes names of the runner's classes, without the package
 * @param list name of a resource beside the owner: a jar in each line, without its ending
 */
public record WorkerJars(Class<?> owner, String runner, List<String> classes, String list) {

    private static final String JARS = "/jars/";

    /** Copies the list. */
    public WorkerJars {
        classes = List.copyOf(classes);
    }

    /**
     * Gives the jars to a worker as descriptors, so no file of the server has to exist inside the application's root.
     * They are read anew for each start, since starts are rare and main is small.
     *
     * @param first number of the first descriptor
     * @return the class path
     */
    public String place(Launch.Builder launch, int first) {
        List<String> classpath = new ArrayList<>();
        place(launch, "runner", packed(), first, classpath);
        String names = new String(ShimSource.read(owner, list), StandardCharsets.US_ASCII);
        for (String name : names.lines().filter(line -> !line.startsWith("#")).toList()) {
            place(launch, name, ShimSource.read(owner, JARS + name + ".jar"), first, classpath);
        }
        return String.join(":", classpath);
    }

    private static void place(Launch.Builder launch, String name, byte[] jar, int first, List<String> classpath) {
        int number = first + classpath.size();
        launch.place(name, number).resource(name, jar);
        classpath.add("/proc/self/fd/" + number);
    }

    /** The runner's classes as a jar, not compressed. */
    public byte[] packed() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            zip.setLevel(0);
            for (String name : classes) {
                String path = "/" + runner.replace('.', '/') + "/" + name + ".class";
                ZipEntry entry = new ZipEntry(path.substring(1));
                entry.setTime(0);
                zip.putNextEntry(entry);
                zip.write(ShimSource.read(owner, path));
                zip.closeEntry();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }
}
