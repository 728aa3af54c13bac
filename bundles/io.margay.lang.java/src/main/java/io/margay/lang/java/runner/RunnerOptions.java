// SPDX-License-Identifier: Apache-2.0
package io.margay.lang.java.runner;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The arguments of the runner, each of the form {@code name=value}.
 *
 * @param webapp directory or archive
 * @param classpath addresses of directories and jars
 * @param threads requests at a time
 * @param stackSize stack of a thread in bytes, 0 for what is usual
 */
record RunnerOptions(Path webapp, List<String> classpath, int threads, long stackSize) {

    static RunnerOptions parse(String[] args) throws IOException {
        Path webapp = Path.of("");
        List<String> classpath = new ArrayList<>();
        int threads = 1;
        long stackSize = 0;
        for (String arg : args) {
            int at = arg.indexOf('=');
            String value = arg.substring(at + 1);
            switch (arg.substring(0, at)) {
                case "webapp" -> webapp = Path.of(value);
                case "classpath" -> classpath.add(address(value));
                case "threads" -> threads = Integer.parseInt(value);
                case "stack" -> stackSize = Long.parseLong(value);
                default -> throw new IllegalArgumentException(arg);
            }
        }
        return new RunnerOptions(webapp, classpath, threads, stackSize);
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
}
