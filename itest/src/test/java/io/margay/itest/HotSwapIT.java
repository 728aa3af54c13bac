// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.itest.swap.SwapExtension;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;

/** Extensions of every kind that routes are made of, added, updated and removed while clients are served. */
@Timeout(300)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class HotSwapIT {

    private static final int CLIENTS = 8;
    private static final int UPDATES = 20;
    private static final String NAME = SwapJar.NAME;

    private static TestServer server;
    private static Path modules;
    private static int port;
    private static Map<Long, String> core;

    @BeforeAll
    static void start() throws IOException {
        Path base = TestServer.directory();
        modules = Files.createDirectory(base.resolve("modules"));
        server = TestServer.replacing(base, modules);
        port = Distribution.freePorts(1).getFirst();
        core = server.processes();
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    private static String configuration(String action) {
        return "{\"listeners\": {\"127.0.0.1:%d\": {\"pass\": \"routes\"}}, \"counter\": 1, ".formatted(port)
            + "\"routes\": [{\"action\": %s}]}".formatted(action);
    }

    private static void put(String file, String version, String... changes) throws IOException {
        SwapJar.put(modules.resolve(file), version, changes);
    }

    private static String version() throws IOException {
        Response response = Http.get(port, "/");
        return response.status() + " " + response.text() + " " + response.header("X-Mark").orElse("");
    }

    /** Action, body filter and header filter of one version. */
    private static String all(String version) {
        return "200 a " + version + " by " + version + " " + version;
    }

    private static Map<Long, Integer> descriptors() throws IOException {
        Map<Long, Integer> counts = new TreeMap<>();
        for (long pid : core.keySet()) {
            counts.put(pid, TestServer.descriptors(pid));
        }
        return counts;
    }

    /** The counts when the old version has gone everywhere: the memory of one jar is left, once for its reader. */
    private static Map<Long, Integer> settled() throws IOException {
        Await.until("each process holds one version", Duration.ofSeconds(20), () -> {
            for (long pid : core.keySet()) {
                if (jars(pid) > 2) {
                    return false;
                }
            }
            return true;
        });
        return descriptors();
    }

    private static long jars(long pid) throws IOException {
        try (Stream<Path> entries = Files.list(Path.of("/proc/" + pid + "/fd"))) {
            return entries.filter(entry -> {
                try {
                    return Files.readSymbolicLink(entry).toString().startsWith("/memfd:module");
                } catch (IOException e) {
                    return false; // It was closed meanwhile.
                }
            }).count();
        }
    }

    @Test
    @Order(1)
    void withoutItsBundleTheOptionIsRefused() throws IOException {
        assertEquals(400, server.control().put("/config", configuration("{\"hold\": \"a\", \"mark\": true}")).status());
        server.control().apply("/config", "{\"listeners\": {\"127.0.0.1:%d\": {\"pass\": \"routes\"}}, \"routes\": "
            .formatted(port) + "[{\"action\": {\"return\": 200}}]}");
    }

    @Test
    @Order(2)
    void itComesIsUpdatedTwentyTimesAndNoRequestFails() throws Exception {
        Set<String> torn = ConcurrentHashMap.newKeySet();
        try (Load load = Load.start(port, "/", CLIENTS, response -> {
            String mark = response.header("X-Mark").orElse("");
            if (!mark.isEmpty() && !response.text().equals("a " + mark + " by " + mark)) {
                torn.add(response.text() + " with " + mark);
            }
        })) {
            put("swap.jar", "1.0.0");
            Await.until("the option is known", Duration.ofSeconds(5), () -> server.control().put("/config",
                configuration("{\"hold\": \"a\", \"mark\": true}")).status() == 200);
            assertEquals(all("1.0.0"), version());
            Map<Long, Integer> before = null;
            for (int i = 1; i <= UPDATES; i++) {
                put("swap.jar", "1.0." + i);
                String expected = all("1.0." + i);
                Await.until(expected, Duration.ofSeconds(20), () -> version().equals(expected));
                load.awaitMore(CLIENTS * 10);
                server.awaitLog("bundle " + NAME + " 1.0." + (i - 1) + " is uninstalled");
                before = before == null ? settled() : before;
            }
            Map<Long, Integer> first = before;
            Await.until("no process has more descriptors than after the first update, " + first, () ->
                descriptors().entrySet().stream().allMatch(now -> now.getValue() <= first.get(now.getKey())));
            assertEquals(List.of(), load.stop(), "not one request failed");
        }
        assertEquals(Set.of(), torn, "no request met two versions");
        assertEquals(core, server.processes(), "main, controller and router live on");
    }

    /** The first word of {@code pass} is a matter of bundles. */
    @Test
    @Order(3)
    void itsDestinationIsPassedTo() throws IOException {
        server.control().apply("/config/routes", "[{\"match\": {\"uri\": \"/echo\"}, \"action\": "
            + "{\"pass\": \"echo/anything\"}}, {\"action\": {\"hold\": \"a\", \"mark\": true}}]");
        assertEquals(all("1.0.20"), version());
        Response echo = Http.get(port, "/echo");
        assertEquals("1.0.20", echo.text());
        assertTrue(Integer.parseInt(echo.header("X-Heard").orElseThrow()) > 0, "its observer hears");
        Response refused = server.control().put("/config/routes",
            "[{\"action\": {\"pass\": \"nowhere/anything\"}}]");
        assertEquals(400, refused.status());
        assertTrue(refused.text().contains("points to invalid location \\\"nowhere/anything\\\""), refused.text());
        server.control().apply("/config/routes", "[{\"action\": {\"hold\": \"a\", \"mark\": true}}]");
    }

    /** Nothing of the old versions is left in the router: one class loader of the extension. */
    @Test
    @Order(4)
    void theClassLoadersOfOldVersionsAreCollected() throws Exception {
        long router = server.await("unit: router");
        String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd") + " ";
        Await.until("one copy of the class is left", Duration.ofSeconds(20), () -> {
            Shell.run(jcmd + router + " GC.run");
            return Shell.run(jcmd + router + " GC.class_histogram").lines()
                .filter(line -> line.endsWith(SwapExtension.class.getName())).count() <= 1;
        });
    }

    @Test
    @Order(5)
    void badOnesAreRefusedAndTheOldOneServes() throws Exception {
        server.expect("is not used: ");
        String[][] cases = {
            {"Provide-Capability", "", "it is no extension: its manifest provides no capability"},
            {"Provide-Capability", "io.margay.extension;kind=widget;name=hold;api=\"1.0\"", "unknown kind \"widget\""},
            {"Provide-Capability", SwapJar.CAPABILITIES.replace("\"1.0\"", "\"1.7\""), "is made for version 1.7.0"},
            {"Test", "activator", "no luck in the activator"},
            {"Test", "factory", "no luck in the factory"},
            {"Test", "section", "no luck in the section"},
            {"Import-Package", "org.osgi.framework,io.margay.nowhere", "io.margay.nowhere"}};
        try (Load load = Load.start(port, "/", CLIENTS)) {
            for (int i = 0; i < cases.length; i++) {
                put("swap.jar", "2.0." + i, cases[i][0], cases[i][1]);
                String line = server.awaitLog("swap.jar\" is not used: .*" + Pattern.quote(cases[i][2])
                    + ".*version 1.0.20 stays in use").group();
                assertTrue(line.contains("swap.jar"), line);
                assertEquals(all("1.0.20"), version());
            }
            load.awaitMore(CLIENTS * 10);
            assertEquals(List.of(), load.stop());
        }
    }

    @Test
    @Order(6)
    void aSecondBundleThatClaimsTheSameIsNamed() throws Exception {
        server.expect("is not used: ");
        put("other.jar", "1.0.0", "Bundle-SymbolicName", "io.margay.itest.other");
        server.awaitLog("other.jar\" is not used: .*\"hold\" is that of the bundle " + NAME);
        assertEquals(all("1.0.20"), version());
        Files.delete(modules.resolve("other.jar"));
    }

    @Test
    @Order(7)
    void whatIsInUseStaysAndGoesWithItsLastUser() throws Exception {
        server.expect("stays loaded");
        try (Load load = Load.start(port, "/", CLIENTS)) {
            Files.delete(modules.resolve("swap.jar"));
            server.awaitLog("swap.jar\" is gone; bundle " + NAME + " stays loaded as long as the configuration uses "
                + "it: .*\"/routes/0/action");
            assertEquals(all("1.0.20"), version());
            server.control().apply("/config", "{\"listeners\": {\"127.0.0.1:%d\": {\"pass\": \"routes\"}}, \"routes\": "
                .formatted(port) + "[{\"action\": {\"return\": 200}}]}");
            server.awaitLog("swap.jar\" is gone and not in use: no more .*action:hold");
            load.awaitMore(CLIENTS * 10);
            assertEquals(List.of(), load.stop());
        }
        assertEquals(400, server.control().put("/config", configuration("{\"hold\": \"a\", \"mark\": true}")).status());
        assertEquals(core, server.processes());
    }
}
