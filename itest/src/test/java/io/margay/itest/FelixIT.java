// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Apache Felix as it is, with its folder of bundles: what README.md says about it, done by hand. */
@Timeout(300)
class FelixIT {
    private Path base;
    private Path felix;

    @BeforeEach
    void unpack() throws IOException {
        base = Guests.directory();
        felix = Files.createDirectory(base.resolve("felix"));
        for (String folder : List.of("bin", "bundle", "conf", "configuration/io/margay")) {
            Files.createDirectories(felix.resolve(folder));
        }
        Files.copy(Guests.container("felix.jar"), felix.resolve("bin/felix.jar"));
        for (String folder : List.of("system", "guest", "modules")) {
            try (Stream<Path> jars = Files.list(Distribution.HOME.resolve(folder))) {
                for (Path jar : jars.filter(file -> file.toString().endsWith(".jar")).toList()) {
                    Files.copy(jar, felix.resolve("bundle").resolve(jar.getFileName()));
                }
            }
        }
        Files.writeString(felix.resolve("conf/config.properties"), """
            felix.auto.deploy.action=install,start
            felix.cm.dir=%s
            """.formatted(felix.resolve("configuration")));
        configure("");
    }

    private void configure(String more) throws IOException {
        Files.writeString(felix.resolve("configuration/io/margay/main.config"), Guests.options(base).entrySet().stream()
            .map(entry -> entry.getKey() + "=\"" + entry.getValue() + "\"\n")
            .collect(Collectors.joining("", "service.pid=\"io.margay.main\"\n", more)));
    }

    @AfterEach
    void delete() throws IOException {
        Guests.delete(base);
    }

    private Process start() throws IOException {
        List<String> command = new ArrayList<>();
        command.add(ProcessHandle.current().info().command().orElseThrow());
        command.addAll(Guests.FLAGS);
        command.addAll(List.of("-jar", "bin/felix.jar"));
        return new ProcessBuilder(command).directory(felix.toFile()).redirectErrorStream(true)
            .redirectInput(Path.of("/dev/null").toFile()).redirectOutput(base.resolve("output").toFile()).start();
    }

    private String output() throws IOException {
        return Files.readString(base.resolve("output"));
    }

    private void end(Process process) throws Exception {
        process.destroy();
        assertTrue(process.waitFor(60, TimeUnit.SECONDS), output());
    }

    /** The web console in this framework, whose web server has a port of its own for others. */
    private void bringConsole(int port) throws IOException {
        try (Stream<Path> jars = Files.list(Distribution.HOME.resolve("console"))) {
            for (Path jar : jars.toList()) {
                Files.copy(jar, felix.resolve("bundle").resolve(jar.getFileName()));
            }
        }
        Files.writeString(felix.resolve("conf/config.properties"), """
            felix.webconsole.security.providers=io.margay.console
            org.apache.felix.http.host=127.0.0.1
            org.osgi.service.http.port=%d
            """.formatted(port), StandardOpenOption.APPEND);
        Files.writeString(felix.resolve("configuration/io/margay/console.config"), """
            service.pid="io.margay.console"
            address="unix:%1$s/console.sock"
            control="unix:%1$s/control.sock"
            state="%1$s/state"
            log="%1$s/unit.log"
            pid="%1$s/unit.pid"
            """.formatted(base));
    }

    private void seeConsole(int port) throws IOException {
        ConsoleClient console = new ConsoleClient(base.resolve("console.sock"));
        console.awaitAnswer();
        for (String page : List.of("overview", "modules", "bundles")) {
            assertEquals(200, console.ask("GET", "/" + page, "").status(), page);
        }
        String modules = console.json("modules").text();
        assertTrue(modules.contains("io.margay.lang.python"), modules);
        assertEquals(200, console.order("configuration", "{\"action\": \"check\", \"text\": \"{}\", \"tag\": "
            + Guests.control(base).get("/config").header("ETag").map(tag -> "\"" + tag.replace("\"", "\\\"") + "\"")
                .orElseThrow() + "}").status());
        assertEquals(403, Http.get(port, ConsoleClient.ROOT + "/overview").status(), "not at a port of others");
    }

    @Test
    void theServerLivesInItAndGoesWithIt() throws Exception {
        int port = Distribution.freePorts(1).getFirst();
        bringConsole(port);
        Process process = start();
        try {
            Guests.answers(base);
            seeConsole(port);
            assertEquals(process.pid() + "\n", Files.readString(base.resolve("unit.pid")));
            Guests.serve(base, Distribution.freePorts(1).getFirst());
            List<ProcessHandle> children = process.descendants().toList();
            assertTrue(children.size() >= 4, "controller, router, prototype and worker: " + children);
            String title = Files.readString(Path.of("/proc/" + process.pid() + "/cmdline"));
            assertFalse(title.startsWith("unit:"), title);
            assertFalse(Files.isSameFile(Path.of("/proc/" + process.pid() + "/fd/2"), base.resolve("unit.log")),
                "standard error stays the container's");
            end(process);
            Await.until("the children are gone", () -> children.stream().noneMatch(ProcessHandle::isAlive));
            assertEquals("", Guests.left(base, ProcessHandle.current()));
            String log = Files.readString(base.resolve("unit.log"));
            assertFalse(Pattern.compile("\\[alert\\]|(?m)^\\s+at ").matcher(log).find(), log);
            assertFalse(Pattern.compile("(?m)^WARNING|^ERROR|^\\s+at ").matcher(output()).find(), output());
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void aWrongOptionIsOneErrorAndNothingStarts() throws Exception {
        configure("user=\"nosuch\"\n");
        Process process = start();
        try {
            Await.until("the error is told", Guests.START, () -> output().contains("nosuch"));
            assertEquals("ERROR: io.margay.main: property \"user\" \"nosuch\" is no user\n", output());
            assertEquals("", Guests.left(base, process.toHandle()));
            assertFalse(Files.exists(base.resolve("unit.log")));
            end(process);
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void aMissingBundleIsNamedAndWaitedFor() throws Exception {
        Path missing = felix.resolve("bundle/io.margay.home-1.0.0-SNAPSHOT.jar");
        Path kept = Files.move(missing, base.resolve("kit.jar"));
        Process process = start();
        try {
            Await.until("the warning is told", Guests.START, () -> output().contains("io.margay.home"));
            assertEquals("WARN: io.margay.main: these bundles are not installed: io.margay.home\n", output());
            end(process);
            Files.move(kept, missing);
            process = start();
            Guests.answers(base);
            end(process);
        } finally {
            process.destroyForcibly();
        }
    }
}
