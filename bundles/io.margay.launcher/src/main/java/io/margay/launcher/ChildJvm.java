// SPDX-License-Identifier: Apache-2.0
package io.margay.launcher;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * How the JVM of another kind is started: the same flags and class path as {@code bin/unitd} uses for main. The parent
 * blocks the signals that the child reads as data.
 */
final class ChildJvm {
    /** The variable with the private directory of a child that gets its start data later. */
    static final String DIRECTORY = "MARGAY_DIRECTORY";

    /** The JVM suspends its threads by this signal, see {@code lib/java.sh}: the usual one is blocked. */
    static final String SUSPEND_SIGNAL = "60";

    /** What a service manager says to main alone. */
    private static final Set<String> SERVICE = Set.of("NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "LISTEN_FDS",
        "LISTEN_PID", "LISTEN_FDNAMES");
    private static final String OPTIONS = "MARGAY_JAVA_OPTS";
    /** Whose flags a kind has that brings none: a small process that runs little code. */
    private static final String USUAL = "controller";
    /**
     * With another first heap or collector a JVM refuses the boot cache, which holds objects too, and ends; one that is
     * to write down classes would not see those of the cache.
     */
    private static final Pattern UNCACHED = Pattern.compile("^-Xm[nsx]|^-XX:.*(Heap|New|Use.*GC|ClassList)");
    private static final String SAVED = "MARGAY_SAVED_";
    private static final String CHANGED = "MARGAY_CHANGED";
    private static final String ARENAS = "MALLOC_ARENA_MAX";

    private final Path home;
    private final String role;
    private final Map<String, String> environment;
    private final List<Path> parts;

    ChildJvm(Path home, String role, Map<String, String> environment) {
        this(home, role, environment, List.of());
    }

    /**
     * With newer jars.
     *
     * @param parts come before those of the distribution
     */
    ChildJvm(Path home, String role, Map<String, String> environment, List<Path> parts) {
        this.home = home;
        this.role = role;
        this.environment = environment;
        this.parts = parts;
    }

    /** {@return the absolute path of the java program: the one that runs this process} */
    String executable() {
        return System.getProperty("java.home") + "/bin/java";
    }

    /** {@return the arguments, the program first} */
    List<String> argv() {
        List<String> argv = new ArrayList<>();
        argv.add(executable());
        Path flags = home.resolve("config/jvm/" + role + ".options");
        argv.add("@" + (Files.exists(flags) ? flags : home.resolve("config/jvm/" + USUAL + ".options")));
        List<String> more = new ArrayList<>();
        words(environment.get(OPTIONS), more);
        words(environment.get(OPTIONS + "_" + role.toUpperCase(Locale.ROOT)), more);
        Path cache = BootCache.file(home);
        // The cache is one of exactly the jars of the distribution.
        if (parts.isEmpty() && more.stream().noneMatch(option -> UNCACHED.matcher(option).find())
                && Files.exists(cache)) {
            argv.add("-XX:AOTCache=" + cache);
        }
        String arch = System.getProperty("os.arch").equals("amd64") ? "x86_64" : "aarch64";
        Path natives = home.resolve("lib/native").resolve(arch);
        argv.add("-Djava.library.path=" + natives);
        argv.add("-Djffi.boot.library.path=" + natives);
        argv.add("-Dmargay.home=" + home);
        argv.add("-Dmargay.role=" + role);
        if (!parts.isEmpty()) {
            argv.add("-D" + NewerParts.PROPERTY + "=" + NewerParts.text(parts));
        }
        argv.addAll(more);
        argv.add("-cp");
        argv.add(NewerParts.classPath(parts, home.resolve("lib/launcher.jar")));
        argv.add(Home.class.getName());
        return argv;
    }

    /** {@return the environment of the child with these variables in it, its start data apart} */
    Map<String, String> environment(Map<String, String> more) {
        Map<String, String> child = new LinkedHashMap<>(environment);
        child.remove("MARGAY_STATUS_FD");
        child.put(ARENAS, "1");
        child.putAll(more);
        return child;
    }

    /**
     * Removes what a killed JVM leaves outside its private directory: the socket of the attach tools. An orderly exit
     * removes it by itself.
     *
     * @param pid of a child that was reaped
     */
    static void forget(int pid) {
        File socket = attachSocket(pid).toFile();
        if (socket.exists() && !socket.delete()) {
            System.err.println("margay: cannot remove \"" + socket + "\"");
        }
    }

    /** {@return where the JVM listens for the attach tools; the place is fixed there} */
    static Path attachSocket(long pid) {
        return Path.of("/tmp/.java_pid" + pid);
    }

    /**
     * {@return the environment in which the user called the server, as applications inherit it} What the start script
     * added for its own JVMs is gone again.
     */
    static Map<String, String> userEnvironment(Map<String, String> environment) {
        Map<String, String> user = new LinkedHashMap<>(environment);
        for (String name : environment.getOrDefault(CHANGED, "").strip().split(" ")) {
            String value = environment.get(SAVED + name);
            if (value == null) {
                user.remove(name);
            } else {
                user.put(name, value);
            }
        }
        user.keySet().removeIf(name -> name.startsWith("MARGAY_") || SERVICE.contains(name));
        return user;
    }

    private static void words(String options, List<String> argv) {
        if (options != null) {
            for (String word : options.strip().split("\\s+")) {
                if (!word.isEmpty()) {
                    argv.add(word);
                }
            }
        }
    }
}
