// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;

/** What tests of foreign containers share: where the server puts its files, and what must be gone at its end. */
final class Guests {
    /** Three cold JVMs, and all bundles of a console, on busy cores. */
    static final Duration START = Duration.ofSeconds(120);
    /** Flags without which a JVM warns of native access. */
    static final List<String> FLAGS = List.of("--enable-native-access=ALL-UNNAMED",
        "--sun-misc-unsafe-memory-access=allow");

    private static final String HELLO = """
        def application(environ, start_response):
            start_response("200 OK", [("Content-Type", "text/plain")])
            return [b"hello"]
        """;

    private Guests() {
    }

    /** {@return containers that the build has fetched} */
    static Path container(String file) {
        return Path.of(System.getProperty("margay.containers", "target/containers")).resolve(file).toAbsolutePath();
    }

    /** {@return a directory for the files of a server, in which every account may read} */
    static Path directory() throws IOException {
        Path base = Files.createTempDirectory("margay-guest-");
        Files.setPosixFilePermissions(base, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.setPosixFilePermissions(Files.createDirectory(base.resolve("tmp")),
            PosixFilePermissions.fromString("rwxrwxrwx"));
        Files.setPosixFilePermissions(Files.createDirectory(base.resolve("app")),
            PosixFilePermissions.fromString("rwxr-xr-x"));
        Path module = Files.writeString(base.resolve("app/hello.py"), HELLO);
        Files.setPosixFilePermissions(module, PosixFilePermissions.fromString("rw-r--r--"));
        return base;
    }

    /** {@return the configuration of a server in that directory} */
    static Map<String, String> options(Path base) {
        return new TreeMap<>(Map.of("control", "unix:" + base.resolve("control.sock"),
            "pid", base.resolve("unit.pid").toString(), "log", base.resolve("unit.log").toString(),
            "modulesdir", base.toString(), "statedir", base.resolve("state").toString(),
            "tmpdir", base.resolve("tmp").toString()));
    }

    static Control control(Path base) {
        return new Control(base.resolve("control.sock"));
    }

    /** Waits until a server answers. */
    static void answers(Path base) {
        Await.until("the control socket answers", START, () -> {
            try {
                return Files.exists(base.resolve("control.sock")) && control(base).get("/config").status() == 200;
            } catch (IOException e) {
                // Its file is there before the one that accepts has a name.
                return false;
            }
        });
    }

    /** Configures a route and an application, and asks both. */
    static void serve(Path base, int port) throws IOException {
        control(base).apply("/config", """
            {"listeners": {"127.0.0.1:%d": {"pass": "routes"}},
             "routes": [{"match": {"uri": "/python"}, "action": {"pass": "applications/hello"}},
                        {"action": {"return": 204}}],
             "applications": {"hello": {"type": "python", "path": "%s", "module": "hello"}}}
            """.formatted(port, base.resolve("app")));
        int status = Http.get(port, "/").status();
        String text = Http.get(port, "/python").text();
        if (status != 204 || !text.equals("hello")) {
            throw new AssertionError("answers " + status + " and " + text);
        }
    }

    /** Waits until nothing is left of a server. */
    static void gone(Path base, ProcessHandle host) {
        Await.until("all of the server is gone", START, () -> left(base, host).isEmpty());
    }

    /** {@return what is left of a server} */
    static String left(Path base, ProcessHandle host) throws IOException {
        StringBuilder left = new StringBuilder();
        host.descendants().forEach(child -> left.append("process ").append(child.pid()).append(' '));
        for (String name : List.of("control.sock", "control.sock.tmp", "unit.pid")) {
            if (Files.exists(base.resolve(name))) {
                left.append(name).append(' ');
            }
        }
        try (Stream<Path> files = Files.list(base.resolve("tmp"))) {
            files.forEach(file -> left.append(file).append(' '));
        }
        return left.toString();
    }

    /**
     * Makes a bundle of classes of these tests.
     *
     * @param headers of its manifest
     * @param entries names and texts of further entries
     */
    static Path bundle(Path file, Map<String, String> headers, Map<String, String> entries, Class<?>... classes)
            throws IOException {
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().putValue("Bundle-ManifestVersion", "2");
        headers.forEach(manifest.getMainAttributes()::putValue);
        Path made = file.resolveSibling(file.getFileName() + ".new");
        try (OutputStream out = Files.newOutputStream(made); JarOutputStream jar = new JarOutputStream(out, manifest)) {
            for (Class<?> type : classes) {
                String name = type.getName().replace('.', '/') + ".class";
                jar.putNextEntry(new ZipEntry(name));
                try (InputStream in = type.getResourceAsStream("/" + name)) {
                    in.transferTo(jar);
                }
            }
            for (Map.Entry<String, String> entry : entries.entrySet()) {
                jar.putNextEntry(new ZipEntry(entry.getKey()));
                jar.write(entry.getValue().getBytes(StandardCharsets.UTF_8));
            }
        }
        // Whole or not at all, for containers that watch the folder.
        return Files.move(made, file, StandardCopyOption.ATOMIC_MOVE);
    }

    static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
