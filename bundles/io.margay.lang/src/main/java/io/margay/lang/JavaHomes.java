// SPDX-License-Identifier: Apache-2.0
package io.margay.lang;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The Java runtimes of this machine, for languages whose processes are JVMs. */
public final class JavaHomes {

    /** Variables that would change the JVM of everybody; an application may have its own. */
    public static final Set<String> VARIABLES = Set.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS",
        "CLASSPATH");
    /** What has to be in an own root: who inherits a socket opens the first, who needs a random number the others. */
    public static final List<String> DEVICES = List.of("/dev/null", "/dev/random", "/dev/urandom");

    private static final Path JVMS = Path.of("/usr/lib/jvm");
    private static final Path MAPS = Path.of("/proc/self/maps");
    private static final Pattern PROGRAM = Pattern.compile("java");
    private static final Pattern VERSION = Pattern.compile("JAVA_VERSION=\"((\\d{1,4})[0-9._]{0,40})\"");
    private static final Pattern LIBRARY = Pattern.compile(".* (/(?:usr/)?lib[^ ]*)/[^/ ]*\\.so[^/ ]*");
    private static final int OLDEST = 17;
    private static final int DEPTH = 4;
    /** Says what it was told when the runtime runs. */
    private static final String SCRIPT = "\"$1\" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -version >/dev/null 2>&1 && "
        + "printf '%s\\n' \"$2\"";

    private final Path jvms;
    private final Path own;

    /** Searches the usual directories. */
    public JavaHomes() {
        this(JVMS, Path.of(System.getProperty("java.home")));
    }

    /**
     * Searches others.
     *
     * @param jvms where runtimes are installed; need not exist
     * @param own the home of the one that runs the server
     */
    public JavaHomes(Path jvms, Path own) {
        this.jvms = jvms;
        this.own = own;
    }

    /** One for each runtime that is new enough, for a language whose version is that of the runtime. */
    public List<Probe> probes(String type) {
        List<Path> places = new ArrayList<>();
        for (Path home : installed()) {
            places.add(home.resolve("bin"));
        }
        places.add(own.resolve("bin"));
        List<Probe> probes = new ArrayList<>();
        for (Path program : Interpreters.find(places, PROGRAM)) {
            Path home = program.getParent().getParent();
            version(home).ifPresent(version -> probes.add(probe(type, version, program)));
        }
        return probes;
    }

    /** For a language that has a version of its own and runs in the runtime of the server. */
    public Probe own(String type, String version) {
        return probe(type, version, own.resolve("bin/java"));
    }

    private static Probe probe(String type, String version, Path program) {
        return new Probe(type, List.of("/bin/sh", "-c", SCRIPT, "probe", program.toString(), new String(
            ConfWriter.compact(answer(version, program, program.getParent().getParent())), StandardCharsets.UTF_8)));
    }

    private List<Path> installed() {
        try (Stream<Path> homes = Files.list(jvms)) {
            return homes.sorted().toList();
        } catch (IOException | UncheckedIOException e) {
            // There are none, or none that this account may see.
            return List.of();
        }
    }

    /** The version that the runtime's own file tells, if it is one that can run applications. */
    static Optional<String> version(Path home) {
        try {
            Matcher found = VERSION.matcher(Files.readString(home.resolve("release"), StandardCharsets.ISO_8859_1));
            return found.find() && Integer.parseInt(found.group(2)) >= OLDEST ? Optional.of(found.group(1))
                : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static ConfObject answer(String version, Path program, Path home) {
        Set<Path> places = new TreeSet<>(libraries());
        places.add(home);
        try {
            // Other names of the same directory would not lead there.
            places.add(home.toRealPath());
            places.addAll(linked(home));
        } catch (IOException | UncheckedIOException e) {
            // What is not there is missed when the application starts.
            places.add(home);
        }
        List<Conf> mounts = new ArrayList<>();
        Path last = Path.of("/nowhere");
        for (Path place : places) {
            // What lies below a directory that is mounted already comes with it.
            if (!place.startsWith(last) && Files.isDirectory(place)) {
                last = place;
                mounts.add(ConfObject.builder().put("src", real(place)).put("dst", place.toString()).build());
            }
        }
        return ConfObject.builder().put("version", version).put("file", program.toString())
            .put("mounts", new ConfArray(mounts)).build();
    }

    private static String real(Path place) {
        try {
            return place.toRealPath().toString();
        } catch (IOException e) {
            return place.toString();
        }
    }

    /** Directories of the links' targets: distributions keep the settings of a runtime in /etc. */
    private static Set<Path> linked(Path home) throws IOException {
        Set<Path> targets = new TreeSet<>();
        try (Stream<Path> files = Files.walk(home.resolve("conf").toRealPath(), DEPTH)) {
            for (Path link : files.filter(Files::isSymbolicLink).toList()) {
                Path target = Files.readSymbolicLink(link);
                if (target.isAbsolute()) {
                    targets.add(target.getParent());
                }
            }
        }
        return targets;
    }

    /** Where the libraries of the system are: this JVM uses the same. */
    private static Set<Path> libraries() {
        Set<Path> places = new TreeSet<>();
        try {
            for (String line : Files.readAllLines(MAPS, StandardCharsets.ISO_8859_1)) {
                Matcher found = LIBRARY.matcher(line);
                if (found.matches() && !Path.of(found.group(1)).startsWith(JVMS)) {
                    places.add(Path.of(found.group(1)));
                }
            }
        } catch (IOException e) {
            // Without /proc there is less to see.
            return places;
        }
        // The loader is asked for by the name in the program, which may lead through a link of the root.
        places.add(Path.of("/lib64"));
        for (Path place : List.copyOf(places)) {
            if (place.startsWith("/usr/lib") && Files.exists(place.resolve("libc.so.6"))) {
                places.add(Path.of(place.toString().substring("/usr".length())));
            }
        }
        return places;
    }
}
