// SPDX-License-Identifier: Apache-2.0
package io.margay.launcher;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Finds out what the boot cache is to hold: a real server starts in a directory of its own, is configured, serves
 * requests of each kind and is stopped, while each of its JVMs writes down the classes that it loads and the call sites
 * that it links. {@code bin/margay-aot} runs it; it is never part of a server.
 *
 * <p>The lists of all processes become one, since one cache whose pages all share takes less memory than one for each.
 */
public final class Training {
    private static final List<String> KINDS = List.of("main", "controller", "router");
    private static final String CLASSES = ".classes";
    private static final String OPTIONS = "MARGAY_JAVA_OPTS";
    private static final long SECONDS = 180;
    private static final long STOP_SECONDS = 30;

    /** What is done with a server while it runs. */
    private interface Visit {
        void accept(TrainingRequests server) throws IOException;
    }

    private final Path home;
    private final Path directory;

    private Training(Path home, Path directory) {
        this.home = home;
        this.directory = directory;
    }

    /**
     * Trains.
     *
     * @param arguments the file for the list of classes, the file for what the cache depends on, and the directory
     *     for the notes of the bundles of each kind; or the cache of the console, which main itself makes on top of the
     *     other one, and the file for its notes
     */
    public static void main(String[] arguments) throws Exception {
        Path home = Path.of(System.getProperty("margay.home")).toAbsolutePath().normalize();
        Path directory = Files.createTempDirectory("margay-aot-");
        try {
            Training training = new Training(home, directory);
            if (arguments.length == 2) {
                training.console(Path.of(arguments[0]), Path.of(arguments[1]));
                return;
            }
            // What a start does with notes is another thing than what it does without.
            training.run("-D" + BundleNotesWriter.FILE + "=", BundleNotes.SUFFIX, server ->
                server.await(KINDS.stream().map(kind -> training.file(kind, BundleNotes.SUFFIX)).toList()));
            training.run("-XX:DumpLoadedClassList=", CLASSES, TrainingRequests::run);
            Files.write(Path.of(arguments[0]), training.classes());
            new BootCache(home).writeKey(Path.of(arguments[1]));
            training.copyNotes(Path.of(arguments[2]));
        } finally {
            remove(directory);
        }
    }

    /** A server runs once, with an option for each kind that names a file of its own. */
    private void run(String option, String suffix, Visit visit) throws IOException, InterruptedException {
        Map<String, String> options = new LinkedHashMap<>();
        for (String kind : KINDS) {
            String notes = suffix.equals(CLASSES)
                ? " -D" + BundleNotes.FILE + "=" + file(kind, BundleNotes.SUFFIX) : "";
            options.put(kind, option + file(kind, suffix) + notes);
        }
        run(options, List.of(), visit);
    }

    /** Main writes down what it has besides when it ends, after somebody has seen some pages. */
    private void console(Path cache, Path notes) throws IOException, InterruptedException {
        Path file = file(BootCache.CONSOLE, BundleNotes.SUFFIX);
        run(Map.of("main", "-XX:ArchiveClassesAtExit=" + cache + " -D" + BundleNotesWriter.FILE + "=" + file),
            List.of("--console", "unix:" + directory.resolve(TrainingRequests.CONSOLE)), TrainingRequests::console);
        Files.copy(file, notes);
    }

    private void run(Map<String, String> options, List<String> arguments, Visit visit)
            throws IOException, InterruptedException {
        Process server = start(options, arguments);
        // Whatever hangs ends with the server.
        Thread watch = Thread.ofPlatform().daemon().name("deadline").start(() -> {
            try {
                if (!server.waitFor(SECONDS, TimeUnit.SECONDS)) {
                    server.destroyForcibly();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        try {
            visit.accept(new TrainingRequests(directory, server));
            server.destroy();
            if (!server.waitFor(STOP_SECONDS, TimeUnit.SECONDS) || server.exitValue() != 0) {
                throw new IOException("the server did not stop in order");
            }
        } catch (IOException e) {
            throw new IOException(e.getMessage() + "\n" + Files.readString(directory.resolve("log")), e);
        } finally {
            server.destroyForcibly().waitFor();
            watch.interrupt();
        }
    }

    private Collection<String> classes() throws IOException {
        Map<String, List<String>> lists = new LinkedHashMap<>();
        for (String kind : KINDS) {
            lists.put(kind, Files.readAllLines(file(kind, CLASSES)));
        }
        return merge(lists.values());
    }

    private void copyNotes(Path to) throws IOException {
        for (String kind : KINDS) {
            Files.copy(file(kind, BundleNotes.SUFFIX), to.resolve(kind + BundleNotes.SUFFIX));
        }
    }

    /** With options for the JVM of each kind, and arguments for the server. */
    private Process start(Map<String, String> options, List<String> arguments) throws IOException {
        for (String name : new String[] {"state", "tmp"}) {
            Files.createDirectories(directory.resolve(name));
        }
        List<String> command = new ArrayList<>(List.of(home.resolve("bin/unitd").toString(), "--no-daemon",
            "--control", "unix:" + directory.resolve(TrainingRequests.CONTROL), "--pid",
            directory.resolve("pid").toString(), "--log", directory.resolve("log").toString(),
            "--statedir", directory.resolve("state").toString(), "--tmpdir", directory.resolve("tmp").toString(),
            // There need be no other account, and this one may read the directory.
            "--user", System.getProperty("user.name"), "--group", ""));
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command);
        Map<String, String> environment = builder.environment();
        environment.keySet().removeIf(name -> name.startsWith("MARGAY_") || name.startsWith("LISTEN_"));
        environment.remove("NGINX");
        environment.put("MARGAY_JAVA", System.getProperty("java.home"));
        options.forEach((kind, words) -> environment.put(OPTIONS + "_" + kind.toUpperCase(Locale.ROOT), words));
        File output = directory.resolve("log").toFile();
        return builder.redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
            .redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.appendTo(output)).start();
    }

    private Path file(String kind, String suffix) {
        return directory.resolve("tmp").resolve(kind + suffix);
    }

    /**
     * One list of several, each line once. Numbers, which tell the classes of one process apart, are left out, and so
     * are classes of other loaders than those of the JVM: modules may be replaced, their classes do not belong here.
     */
    static Collection<String> merge(Collection<List<String>> lists) throws IOException {
        Collection<String> merged = new LinkedHashSet<>();
        for (List<String> list : lists) {
            if (list.isEmpty()) {
                throw new IOException("a process told no classes");
            }
            for (String line : list) {
                if (!line.startsWith("#") && !line.contains(" source: ")) {
                    int id = line.startsWith("@") ? -1 : line.indexOf(" id: ");
                    merged.add(id < 0 ? line : line.substring(0, id));
                }
            }
        }
        return merged;
    }

    private static void remove(Path tree) throws IOException {
        try (Stream<Path> files = Files.walk(tree)) {
            files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
        }
    }
}
