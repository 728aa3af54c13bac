// SPDX-License-Identifier: Apache-2.0
package io.margay.lang.java.runner;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The arguments of the runner, each of the form {@code name=value}.
 *
 * @param webapp directory or archive
 * @param classpath addresses of directories and jars
 * @param threads requests at a time
 * @param stackSize stack of a thread in bytes, 0 for what is usual
 * @param editions jars of those that are not on the class path
 */
public record RunnerOptions(Path webapp, List<String> classpath, int threads, long stackSize,
                            Map<Edition, List<Path>> editions) {

    private static final String CONTEXT_PATH = "nginx.unit.context.path";
    private static final String LISTENER = "nginx.unit.context.listener";

    static RunnerOptions parse(String[] args) throws IOException {
        Path webapp = Path.of("");
        List<String> classpath = new ArrayList<>();
        int threads = 1;
        long stackSize = 0;
        Map<Edition, List<Path>> editions = new EnumMap<>(Edition.class);
        for (String arg : args) {
            int at = arg.indexOf('=');
            String value = arg.substring(at + 1);
            switch (arg.substring(0, at)) {
                case "webapp" -> webapp = Path.of(value);
                case "classpath" -> classpath.add(address(value));
                case "threads" -> threads = Integer.parseInt(value);
                case "stack" -> stackSize = Long.parseLong(value);
                case "ee8" -> editions.put(Edition.EE8, paths(value));
                case "ee9" -> editions.put(Edition.EE9, paths(value));
                default -> throw new IllegalArgumentException(arg);
            }
        }
        return new RunnerOptions(webapp, classpath, threads, stackSize, editions);
    }

    private static List<Path> paths(String value) {
        return Stream.of(value.split(":")).map(Path::of).toList();
    }

    /** What has a colon is an address already; a path has to exist unless it is absolute. */
    private static String address(String entry) throws IOException {
        if (entry.indexOf(':') >= 0) {
            return entry;
        }
        Path path = Path.of(entry);
        try {
            return (path.isAbsolute() ? path : path.toRealPath()).toUri().toString();
        } catch (IOException e) {
            throw new IOException("realpath(" + entry + ") failed: " + e, e);
        }
    }

    /** The jars of an edition. */
    List<Path> jars(Edition edition) {
        return editions.getOrDefault(edition, List.of());
    }

    /** A leading slash and no trailing one. */
    public String contextPath() {
        String value = System.getProperty(CONTEXT_PATH, "");
        String path = value.startsWith("/") ? value : "/" + value;
        while (path.length() > 1 && path.endsWith("/")) {
            path = path.substring(0, path.length() - 1);
        }
        return path;
    }

    /** Name of a further listener; empty when there is none. */
    public String listener() {
        return System.getProperty(LISTENER, "");
    }
}
