// SPDX-License-Identifier: Apache-2.0
package io.margay.lang.java.internal;

import io.margay.lang.AppSpec;
import io.margay.lang.InstalledModule;
import io.margay.lang.JavaHomes;
import io.margay.lang.Launch;
import io.margay.lang.PreparedContent;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.zip.CRC32;

/**
 * An archive of the container's classes, with which a runtime starts it in half of the time: one for each runtime and
 * version of this bundle. A program of this bundle makes it, which runs a small application. A runtime that finds that
 * an archive is not its own goes without, and is told not to speak of it.
 */
final class ClassArchive {

    /** From that version on an archive holds linked classes and what was learnt of their methods (JEP 514, 515). */
    private static final int LINKED = 25;
    private static final Map<String, String> ENVIRONMENT = Map.of("PATH", "/usr/bin:/bin", "LANG", "C.UTF-8");
    /** Training runs have no /tmp of their own. */
    private static final String QUIET = "-XX:-UsePerfData";

    private final Containers containers;

    ClassArchive(Containers containers) {
        this.containers = containers;
    }

    /**
     * Gives a worker the archive, or has it made; none if the application has something of its own.
     *
     * @param options the application's options of the runtime
     * @param first number of the container's first descriptor
     */
    void add(Launch.Builder launch, AppSpec app, InstalledModule module, List<String> options, int first) {
        if (options.stream().anyMatch(ClassArchive::decides) || JavaHomes.VARIABLES.stream().anyMatch(variable ->
            app.conf().object("environment").flatMap(all -> all.string(variable)).filter(ClassArchive::decides)
                .isPresent())) {
            return;
        }
        int number = containers.end(first);
        launch.prepared(made(module, first), number, linked(module)
            ? List.of("-XX:AOTCache=" + path(number), "-Xlog:aot*=off", "-Xlog:cds*=off")
            : List.of("-XX:SharedArchiveFile=" + path(number), "-Xlog:cds*=off"));
    }

    /** Whether a word is about archives, or can hold one that is. */
    static boolean decides(String word) {
        String small = word.toLowerCase(Locale.ROOT);
        return small.contains("share") || small.contains("aot") || small.contains("archive") || small.contains("@")
            || small.contains("-xx:flags") || small.contains("-xx:vmoptionsfile");
    }

    private static boolean linked(InstalledModule module) {
        return Integer.parseInt(module.version().split("\\D", 2)[0]) >= LINKED;
    }

    private static String path(int number) {
        return "/proc/self/fd/" + number;
    }

    private PreparedContent made(InstalledModule module, int first) {
        int result = containers.end(first);
        int scratch = result + 1;
        String name = "java-" + module.version().replaceAll("[^0-9.]", "-") + "-" + checksum(module);
        if (!linked(module)) {
            return new PreparedContent(name,
                List.of(step(module, first, true, "-XX:ArchiveClassesAtExit=" + path(result))));
        }
        String known = "-XX:AOTConfiguration=" + path(scratch);
        return new PreparedContent(name, List.of(step(module, first, true, "-XX:AOTMode=record", known),
            step(module, first, false, "-XX:AOTMode=create", known, "-XX:AOTCache=" + path(result))));
    }

    private Launch step(InstalledModule module, int first, boolean runs, String... words) {
        Launch.Builder launch = Launch.builder(ENVIRONMENT).prototype(Launch.Prototype.NONE)
            .readiness(Launch.Readiness.EXEC).argv(module.file()).argv(words).argv(QUIET);
        launch.argv("-cp", containers.place(launch, first));
        int result = containers.end(first);
        launch.place(PreparedContent.FILE, result).place(PreparedContent.SCRATCH, result + 1);
        if (runs) {
            launch.argv(Containers.RUNNER + ".ContainerTraining");
        }
        return launch.build();
    }

    /** Of what the archive is made from; the runtime itself knows the rest. */
    private String checksum(InstalledModule module) {
        CRC32 sum = new CRC32();
        Path home = Path.of(module.file()).getParent().getParent();
        try {
            sum.update(home.toRealPath().toString().getBytes(StandardCharsets.UTF_8));
            sum.update(Files.readAllBytes(home.resolve("release")));
        } catch (IOException e) {
            // It has no other name then; the runtime compares its own version.
            sum.update(module.file().getBytes(StandardCharsets.UTF_8));
        }
        return String.format("%08x-%08x", sum.getValue(), containers.checksum());
    }
}
