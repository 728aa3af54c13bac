// SPDX-License-Identifier: Apache-2.0
package io.margay.lang;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32;

/**
 * An archive of the classes of workers that are JVMs, with which a runtime starts in half of the time: one for each
 * runtime and version of a language's bundle. A program of the bundle makes it, which runs something small. A runtime
 * that finds that an archive is not its own goes without, and is told not to speak of it. For any thread.
 */
public final class ClassArchive {

    /** From that version on an archive holds linked classes and what was learnt of their methods (JEP 514, 515). */
    private static final int LINKED = 25;
    private static final Map<String, String> ENVIRONMENT = Map.of("PATH", "/usr/bin:/bin", "LANG", "C.UTF-8");
    /** Training runs have no /tmp of their own. */
    private static final String QUIET = "-XX:-UsePerfData";

    private final String name;
    private final List<WorkerJars> jars;
    private final List<String> options;
    private final String training;

    /**
     * Reads nothing yet.
     *
     * @param name of the language, which the names of the files begin with
     * @param jars those of the class path, then others that a worker has behind them
     * @param options of the runtime that all workers have
     * @param training the class that runs what is small; it takes no arguments and ends with 0 when all was well
     */
    public ClassArchive(String name, List<WorkerJars> jars, List<String> options, String training) {
        this.name = name;
        this.jars = List.copyOf(jars);
        this.options = List.copyOf(options);
        this.training = training;
    }

    /**
     * Gives a worker, which has its jars already, the archive, or has it made; none if the application has something of
     * its own.
     *
     * @param program the runtime
     * @param words the application's options of the runtime
     * @param first number of the first jar's descriptor
     */
    public void add(Launch.Builder launch, AppSpec app, String program, List<String> words, int first) {
        Path home = Path.of(program).getParent().getParent();
        Optional<String> version = JavaHomes.version(home);
        if (version.isEmpty() || words.stream().anyMatch(ClassArchive::decides)
            || JavaHomes.VARIABLES.stream().anyMatch(variable -> app.conf().object("environment")
                .flatMap(all -> all.string(variable)).filter(ClassArchive::decides).isPresent())) {
            return;
        }
        boolean linked = Integer.parseInt(version.get().split("\\D", 2)[0]) >= LINKED;
        int number = end(first);
        String file = name + "-" + version.get().replaceAll("[^0-9.]", "-") + "-" + checksum(home);
        launch.prepared(new PreparedContent(file, steps(program, linked, first)), number, linked
            ? List.of("-XX:AOTCache=" + path(number), "-Xlog:aot*=off", "-Xlog:cds*=off")
            : List.of("-XX:SharedArchiveFile=" + path(number), "-Xlog:cds*=off"));
    }

    /** Whether a word is about archives, or can hold one that is. */
    static boolean decides(String word) {
        String small = word.toLowerCase(Locale.ROOT);
        return small.contains("share") || small.contains("aot") || small.contains("archive") || small.contains("@")
            || small.contains("-xx:flags") || small.contains("-xx:vmoptionsfile");
    }

    private static String path(int number) {
        return "/proc/self/fd/" + number;
    }

    /** The number behind the last jar's. */
    private int end(int first) {
        return first + jars.stream().mapToInt(WorkerJars::size).sum();
    }

    private List<Launch> steps(String program, boolean linked, int first) {
        int result = end(first);
        if (!linked) {
            return List.of(step(program, first, true, "-XX:ArchiveClassesAtExit=" + path(result)));
        }
        String known = "-XX:AOTConfiguration=" + path(result + 1);
        return List.of(step(program, first, true, "-XX:AOTMode=record", known),
            step(program, first, false, "-XX:AOTMode=create", known, "-XX:AOTCache=" + path(result)));
    }

    private Launch step(String program, int first, boolean runs, String... words) {
        Launch.Builder launch = Launch.builder(ENVIRONMENT).prototype(Launch.Prototype.NONE)
            .readiness(Launch.Readiness.EXEC).argv(program).argv(words).argv(QUIET);
        options.forEach(launch::argv);
        List<String> paths = new ArrayList<>();
        int number = first;
        for (WorkerJars some : jars) {
            paths.add(some.place(launch, number));
            number += some.size();
        }
        launch.argv("-cp", paths.getFirst());
        launch.place(PreparedContent.FILE, number).place(PreparedContent.SCRATCH, number + 1);
        if (runs) {
            launch.argv(training);
        }
        return launch.build();
    }

    /** Of what the archive is made from; the runtime itself knows the rest. */
    private String checksum(Path home) {
        CRC32 sum = new CRC32();
        try {
            sum.update(home.toRealPath().toString().getBytes(StandardCharsets.UTF_8));
            sum.update(Files.readAllBytes(home.resolve("release")));
        } catch (IOException e) {
            // It has no other name then; the runtime compares its own version.
            sum.update(home.toString().getBytes(StandardCharsets.UTF_8));
        }
        return String.format("%08x-%08x", sum.getValue(), jars.getFirst().checksum());
    }
}
