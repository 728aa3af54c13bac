// SPDX-License-Identifier: Apache-2.0
package io.margay.isolation;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.margay.conf.Conf;
import io.margay.posix.Fd;
import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** A server without privileges: credential namespace, all others in it, rootfs, holder. */
class RootlessTest {

    private static final List<String> EXPECTED = List.of(
        "setid false chroot false",
        "1000", "1001", "sh", "proc tmp usr", "NoNewPrivs:\t1",
        "1000", "2", "holder 0",
        "unshare() failed for \"test\" prototype (1: Operation not permitted)",
        "failed to write proc map (/proc/PID/uid_map) (1: Operation not permitted)",
        "\"test\" prototype failed to start",
        "still 65534");

    @Test
    void everythingAsNobody() throws Exception {
        Privileges.assumeRoot();
        Privileges.assumeUserNamespaces();
        Path directory = Files.createTempDirectory("rootless");
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
        try (Launch launch = Launch.of("jvm")) {
            String classPath = copies(directory);
            List<String> command = List.of("java", "-Xshare:auto", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED", "-Djava.io.tmpdir=" + directory, "-cp", classPath,
                Rootless.class.getName());
            launch.plan().program(Path.of(System.getProperty("java.home"), "bin", "java").toString(), command)
                .directory("/").environment("PATH", "/usr/bin:/bin")
                .identity(new Identity("nobody", 65534, 65534, Optional.of(new int[] {65534})));
            try (Fd standardError = Fd.own(2).duplicate()) {
                launch.plan().descriptor(2, standardError);
                List<String> lines = new ArrayList<>(launch.run().lines());
                assertEquals(EXPECTED, lines);
            }
        } finally {
            remove(directory);
        }
    }

    /** The class path of the rootless JVM, where nobody may read it. */
    private static String copies(Path directory) throws IOException, URISyntaxException {
        List<Path> copies = new ArrayList<>();
        for (Class<?> type : List.of(LaunchPlan.class, Rootless.class, Fd.class, Conf.class)) {
            Path from = Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
            Path to = directory.resolve("classes" + copies.size());
            try (var files = Files.walk(from)) {
                for (Path file : files.toList()) {
                    Files.copy(file, to.resolve(from.relativize(file).toString()));
                }
            }
            copies.add(to);
        }
        try (var files = Files.walk(directory)) {
            for (Path file : files.toList()) {
                file.toFile().setReadable(true, false);
                file.toFile().setExecutable(true, false);
            }
        }
        return copies.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator));
    }

    private static void remove(Path directory) throws IOException {
        try (var files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
