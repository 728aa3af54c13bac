// SPDX-License-Identifier: Apache-2.0
package io.margay.lang.java.internal;

import io.margay.lang.Launch;
import io.margay.lang.ShimSource;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** What a worker's class path is made of: the runner, then the jars that the bundle carries. */
final class ContainerJars {

    /** The runner's classes; a test compares them with what was compiled. */
    static final List<String> RUNNER = List.of("ClientFacts", "ClientFacts$Named", "ClientFacts$Told",
        "ClientFacts$Told$1", "Container", "Failures", "Main", "RunnerOptions");

    private static final String PACKAGE = "/io/margay/lang/java/runner/";
    private static final String JARS = "/jars/";

    private ContainerJars() {
    }

    /** Read anew for each start, since starts are rare and main is small. */
    static List<Launch.Resource> read() {
        List<Launch.Resource> jars = new ArrayList<>();
        jars.add(new Launch.Resource("runner", runner()));
        String list = new String(ShimSource.read(JavaModule.class, "container.txt"), StandardCharsets.US_ASCII);
        for (String name : list.lines().filter(line -> !line.startsWith("#")).toList()) {
            jars.add(new Launch.Resource(name, ShimSource.read(JavaModule.class, JARS + name + ".jar")));
        }
        return jars;
    }

    /** The classes as a jar, not compressed. */
    static byte[] runner() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            zip.setLevel(0);
            for (String name : RUNNER) {
                String path = PACKAGE + name + ".class";
                ZipEntry entry = new ZipEntry(path.substring(1));
                entry.setTime(0);
                zip.putNextEntry(entry);
                zip.write(ShimSource.read(JavaModule.class, path));
                zip.closeEntry();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }
}
