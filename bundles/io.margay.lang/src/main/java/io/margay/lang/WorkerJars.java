// SPDX-License-Identifier: Apache-2.0
package io.margay.lang;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;

/**
 * A class path of a worker that is a JVM: the runner, then jars that the bundle carries in its directory {@code jars}.
 * All workers share the memory in which they are, until the bundle goes. For any thread.
 */
public final class WorkerJars implements AutoCloseable {

    private static final String JARS = "/jars/";
    private static final int MOST = 1000;
    private static final String UNSIGNED = " unsigned";
    private static final Pattern SIGNATURE = Pattern.compile("META-INF/[^/]+\\.(SF|RSA|DSA|EC)",
        Pattern.CASE_INSENSITIVE);

    private final Class<?> owner;
    private final String runner;
    private final List<String> classes;
    private final Map<String, SharedContent> jars = new LinkedHashMap<>();

    /**
     * Reads only the list.
     *
     * @param owner a class of the bundle
     * @param runner package of the runner, as {@code io.margay.lang.java.runner}
     * @param classes names of the runner's classes, without the package
     * @param list name of a resource beside the owner: a jar in each line, without its ending; "unsigned" behind the
     *     name takes its signature away
     */
    public WorkerJars(Class<?> owner, String runner, List<String> classes, String list) {
        this.owner = owner;
        this.runner = runner;
        this.classes = List.copyOf(classes);
        jars.put(runner, new SharedContent(runner, () -> new ByteArrayInputStream(packed())));
        String names = new String(ShimSource.read(owner, list), StandardCharsets.US_ASCII);
        names.lines().filter(line -> !line.startsWith("#")).limit(MOST).forEach(line -> {
            String name = line.split(" ")[0];
            jars.put(name, new SharedContent(name, () -> line.endsWith(UNSIGNED) ? unsigned(name) : jar(name)));
        });
    }

    /** Runtimes archive no class of a signed jar, and take their time to check one; the build has checked it. */
    private InputStream unsigned(String name) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipInputStream from = new ZipInputStream(jar(name)); ZipOutputStream to = new ZipOutputStream(bytes)) {
            to.setLevel(0);
            for (ZipEntry entry; (entry = from.getNextEntry()) != null;) {
                if (!SIGNATURE.matcher(entry.getName()).matches()) {
                    ZipEntry copy = new ZipEntry(entry.getName());
                    copy.setTime(0);
                    to.putNextEntry(copy);
                    from.transferTo(to);
                    to.closeEntry();
                }
            }
        }
        return new ByteArrayInputStream(bytes.toByteArray());
    }

    private InputStream jar(String name) throws IOException {
        InputStream in = owner.getResourceAsStream(JARS + name + ".jar");
        if (in == null) {
            throw new IOException("the bundle lacks it");
        }
        return in;
    }

    /** Package of the runner. */
    public String runner() {
        return runner;
    }

    /** How many jars there are, and so descriptors. */
    public int size() {
        return jars.size();
    }

    /**
     * Gives the jars to a worker as descriptors, so no file of the server has to exist inside the application's root.
     *
     * @param first number of the first descriptor
     * @return the class path
     */
    public String place(Launch.Builder launch, int first) {
        int number = first;
        for (Map.Entry<String, SharedContent> jar : jars.entrySet()) {
            launch.place(jar.getKey(), number++).shared(jar.getKey(), jar.getValue());
        }
        return paths(first, names());
    }

    /** The names of all, in their order; the first is the runner's. */
    public List<String> names() {
        return List.copyOf(jars.keySet());
    }

    /**
     * The class path of some of them.
     *
     * @param first number of the first descriptor of all
     */
    public String paths(int first, List<String> some) {
        List<String> all = names();
        return some.stream().map(name -> "/proc/self/fd/" + (first + all.indexOf(name)))
            .collect(Collectors.joining(":"));
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

    /**
     * A checksum of all of them.
     *
     * @throws IllegalStateException when one cannot be read
     */
    public long checksum() {
        CRC32 sum = new CRC32();
        jars.forEach((name, jar) -> sum.update((name + jar.checksum()).getBytes(StandardCharsets.UTF_8)));
        return sum.getValue();
    }

    /** Lets the memory go. */
    @Override
    public void close() {
        jars.values().forEach(SharedContent::close);
    }
}
