// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;

/** A language that comes while the server runs. */
@Timeout(120)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class HotAddIT {
    private static TestServer server;
    private static Path modules;
    private static String configuration;
    private static int port;
    private static Map<Long, String> processes;

    @BeforeAll
    static void start() throws IOException {
        Path base = TestServer.directory();
        modules = Files.createDirectory(base.resolve("modules"));
        server = TestServer.start(base, Map.of(), "--modulesdir", modules.toString());
        port = Distribution.freePorts(1).getFirst();
        configuration = """
            {"listeners": {"127.0.0.1:%d": {"pass": "applications/probe"}},
             "applications": {"probe": %s}}""".formatted(port, server.python("probe", "wsgi"));
        server.await("unit: controller");
        server.await("unit: router");
        processes = server.processes();
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    /** Puts a file there in one step, as a package manager does. */
    private static void add(String name, Path content) throws IOException {
        Path hidden = server.base().resolve("new.tmp");
        Files.copy(content, hidden, StandardCopyOption.REPLACE_EXISTING);
        Files.move(hidden, modules.resolve(name), StandardCopyOption.ATOMIC_MOVE);
    }

    private static Path python() throws IOException {
        try (Stream<Path> files = Files.list(Distribution.HOME.resolve("modules"))) {
            return files.filter(file -> file.getFileName().toString().contains("lang.python")).findFirst()
                .orElseThrow();
        }
    }

    private static Path bundle(String name, String imports) throws IOException {
        Manifest manifest = new Manifest();
        Attributes attributes = manifest.getMainAttributes();
        attributes.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        attributes.putValue("Bundle-ManifestVersion", "2");
        attributes.putValue("Bundle-SymbolicName", name);
        attributes.putValue("Bundle-Version", "1.0.0");
        attributes.putValue("Import-Package", imports);
        attributes.putValue("Provide-Capability", "io.margay.extension;kind=lang;name=missing;api:Version=\"1.0\"");
        Path file = server.base().resolve(name + ".jar");
        try (OutputStream out = Files.newOutputStream(file)) {
            new JarOutputStream(out, manifest).close();
        }
        return file;
    }

    private static void undisturbed() throws IOException {
        Map<Long, String> now = server.processes();
        now.values().removeIf(title -> title.startsWith("unit: \"probe\""));
        assertEquals(processes, now);
        if (Files.exists(modules.resolve("python.jar"))) {
            assertEquals(404, Http.get(port, "/nothing").status());
        }
    }

    @Test
    @Order(1)
    void withoutTheModuleTheApplicationIsRefused() throws IOException {
        server.awaitLog("no modules matching: \"" + modules + "/\\*.jar\" found");
        Response response = server.control().put("/config", configuration);
        assertEquals(400, response.status());
        assertTrue(response.text().contains("Invalid configuration."), response.text());
        assertTrue(response.text().contains("The module to run \\\"python\\\" is not found among the available "
            + "application modules."), response.text());
    }

    @Test
    @Order(2)
    void whatIsNoBundleIsNamed() throws IOException {
        server.expect("text.jar");
        Path text = Files.writeString(server.base().resolve("text"), "no jar at all\n");
        add("text.jar", text);
        server.awaitLog("\\[\\w+\\] \\S+ module \"" + modules + "/text.jar\" is not used: .+");
        undisturbed();
    }

    @Test
    @Order(3)
    void aMissingImportIsNamed() throws IOException {
        server.expect("missing.jar");
        add("missing.jar", bundle("test.missing", "org.example.nowhere"));
        assertTrue(server.awaitLog("\\[\\w+\\] \\S+ module \"" + modules + "/missing.jar\" is not used: .+").group()
            .contains("org.example.nowhere"), server.log());
        undisturbed();
    }

    @Test
    @Order(4)
    void withTheModuleThePutSucceeds() throws IOException {
        add("python.jar", python());
        Await.until("the same PUT succeeds",
            () -> server.control().put("/config", configuration).status() == 200);
        assertEquals(404, Http.get(port, "/nothing").status());
        server.awaitLog("module: python 3\\S* \"/");
        undisturbed();
    }

    @Test
    @Order(5)
    void aSecondFileOfTheSameBundleIsNamed() throws IOException {
        server.expect("python-again.jar");
        add("python-again.jar", python());
        server.awaitLog("python-again.jar\"[^\\n]+");
        undisturbed();
    }

    @Test
    @Order(6)
    void eachWrongFileIsReportedOnce() throws IOException {
        add("last.jar", Files.writeString(server.base().resolve("text"), "no jar either\n"));
        server.expect("last.jar");
        server.awaitLog("last.jar\" is not used");
        for (String name : new String[] {"text.jar", "missing.jar", "python-again.jar"}) {
            long lines = server.log().lines().filter(line -> line.contains(name)).count();
            assertEquals(1, lines, name + ":\n" + server.log());
        }
        undisturbed();
    }
}
