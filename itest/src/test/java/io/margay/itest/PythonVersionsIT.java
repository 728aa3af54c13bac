// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Interpreters installed side by side. The server runs in a mount namespace where {@code /usr/local/bin} has those of
 * pyenv, and where everybody may reach them.
 */
@Timeout(120)
class PythonVersionsIT {
    private static final Path HOME = Path.of(System.getProperty("user.home"));
    private static final Path VERSIONS = Path.of(".pyenv/versions");
    private static final Pattern INTERPRETER = Pattern.compile("python3\\.(\\d+)");
    /** Arguments: a directory, that of the user, the program with its options. */
    private static final String BESIDE = """
        set -e
        mount --make-rprivate /
        mkdir "$0/versions"
        mount --bind "$1/.pyenv/versions" "$0/versions"
        mount -t tmpfs -o mode=755 none "$1"
        mkdir -p "$1/.pyenv/versions"
        mount --move "$0/versions" "$1/.pyenv/versions"
        mount --bind "$0/bin" /usr/local/bin
        shift
        exec "$@"
        """;

    private static final Map<Integer, Path> FOUND = new TreeMap<>();
    private static Path links;
    private static TestServer server;
    private static int port;

    @BeforeAll
    static void start() throws Exception {
        assumeTrue("root".equals(System.getProperty("user.name")), "needs root");
        assumeTrue(Files.isDirectory(HOME.resolve(VERSIONS)), "needs interpreters of pyenv");
        assumeTrue(!Distribution.HOME.toRealPath().startsWith(HOME), "needs a distribution outside of " + HOME);
        links = TestServer.directory();
        Files.createDirectory(links.resolve("bin"));
        try (Stream<Path> programs = Files.find(HOME.resolve(VERSIONS), 3,
            (path, attributes) -> INTERPRETER.matcher(path.getFileName().toString()).matches())) {
            for (Path program : programs.sorted().toList()) {
                Matcher matcher = INTERPRETER.matcher(program.getFileName().toString());
                if (matcher.matches() && FOUND.putIfAbsent(Integer.parseInt(matcher.group(1)), program) == null) {
                    Files.createSymbolicLink(links.resolve("bin").resolve(program.getFileName()), program);
                }
            }
        }
        server = TestServer.through(List.of("unshare", "-m", "bash", "-c", BESIDE, links.toString(), HOME.toString()));
        port = Distribution.freePorts(1).getFirst();
        server.control().apply("/config", """
            {"listeners": {"127.0.0.1:%d": {"pass": "applications/who"}}, "applications": {"who": %s}}"""
            .formatted(port, server.python("python", "who")));
    }

    @AfterAll
    static void stop() throws IOException {
        if (server != null) {
            server.close();
            TestServer.delete(links);
        }
    }

    private static String answer(String type, String... members) throws IOException {
        StringBuilder conf = new StringBuilder("{\"type\": \"" + type + "\", \"module\": \"who\", \"path\": \""
            + server.app("python") + "\"");
        for (String member : members) {
            conf.append(", ").append(member);
        }
        server.control().apply("/config/applications/who", conf.append('}').toString());
        Response response = Http.get(port, "/");
        assertEquals(200, response.status(), server.log());
        return response.text();
    }

    @Test
    void eachIsFoundAndChosenByItsVersion() throws IOException {
        String modules = server.control().get("/status/modules/python").text();
        for (int minor : FOUND.keySet()) {
            if (minor < 8) {
                assertTrue(!modules.contains("\"3." + minor + "."), modules);
                Response refused = server.control().put("/config/applications/old",
                    "{\"type\": \"python 3." + minor + "\", \"module\": \"who\"}");
                assertEquals(400, refused.status());
                continue;
            }
            assertTrue(modules.contains("\"3." + minor + "."), modules);
            for (String callable : List.of("application", "asgi")) {
                String member = "\"callable\": \"" + callable + "\"";
                assertTrue(answer("python 3." + minor, member).startsWith("3." + minor + "."));
                assertTrue(answer("python3." + minor, member, "\"threads\": 2").startsWith("3." + minor + "."));
            }
        }
        int newest = FOUND.keySet().stream().mapToInt(Integer::intValue).max().orElseThrow();
        assertTrue(newest < 11 || answer("python").startsWith("3." + newest + "."));
    }

    @Test
    void theHomeDecides() throws Exception {
        for (Map.Entry<Integer, Path> entry : FOUND.entrySet()) {
            String version = "3." + entry.getKey() + ".";
            if (entry.getKey() < 8) {
                continue;
            }
            Path home = server.base().resolve("home" + entry.getKey());
            assertEquals(0, Distribution.run(server.base(), Map.of(), entry.getValue().toString(), "-m", "venv",
                "--without-pip", home.toString()).code());
            Files.writeString(home.resolve("lib/python3." + entry.getKey()
                + "/site-packages/only_in_the_environment.py"), "NAME = 'environment'\n");
            String text = answer("python", "\"home\": \"" + home + "\"");
            assertTrue(text.startsWith(version) && text.contains(" environment "), text);
            // An installation is a home as well, of whatever version.
            text = answer("python", "\"home\": \"" + entry.getValue().getParent().getParent() + "\"");
            assertTrue(text.startsWith(version) && text.contains(" - "), text);
        }
        if (FOUND.containsKey(8)) {
            answer("python 3", "\"home\": \"" + server.base().resolve("home8") + "\"");
            assertTrue(!server.log().contains("\"home\" has Python"), server.log());
            answer("python 3.11", "\"home\": \"" + server.base().resolve("home8") + "\"");
            server.awaitLog("\\[warn\\] .*\"home\" has Python 3\\.8\\.\\d+, and that runs the application of type "
                + "\"python 3\\.11\"");
        }
    }
}
