// SPDX-License-Identifier: Apache-2.0
package io.margay.main.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.discovery.Discovery;
import io.margay.isolation.Runner;
import io.margay.port.MessageType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Real bundles, real probes, and processes that hear the news. */
@Timeout(60)
class ModulesTest {

    private static final String EXTERNAL =
        "{\"type\":0,\"name\":\"external\",\"version\":\"\",\"file\":\"\",\"mounts\":[]}";

    @TempDir
    private Path directory;
    private Path modulesDirectory;
    private final Stage stage = new Stage();
    private Osgi osgi;
    private Modules modules;

    @BeforeEach
    void start() throws Exception {
        osgi = new Osgi(directory.resolve("cache"));
        modulesDirectory = Files.createDirectory(directory.resolve("modules"));
        stage.reapChildren();
        modules = new Modules(stage.loops.loop(0), modulesDirectory, new ModuleBundles(osgi.context()),
            new Discovery(stage.loops.loop(0), new Runner(Path.of("/tmp")), stage.reaper, Optional.empty(),
                stage.lines), new ModuleNews(stage.self, stage.rpc, stage.table, stage.lines), stage.lines);
    }

    @AfterEach
    void stop() {
        stage.close();
        osgi.close();
    }

    private void begin() {
        stage.call(() -> {
            modules.begin();
            return 0;
        });
    }

    private void install(String file, String name) throws Exception {
        Path aside = Files.write(directory.resolve("aside"), Osgi.jar(Osgi.language(name)));
        Files.move(aside, modulesDirectory.resolve(file));
    }

    private static String catalogue(String... names) {
        return catalogue(names.length == 0 ? List.of() : List.of(1), names);
    }

    private static String catalogue(List<Integer> installed, String... names) {
        String revisions = installed.toString().replace(" ", "");
        StringBuilder list = new StringBuilder(EXTERNAL);
        for (String name : names) {
            list.append(",{\"type\":8,\"name\":\"").append(name)
                .append("\",\"version\":\"1.5\",\"file\":\"/bin/echo\",\"mounts\":[]}");
        }
        return "MODULES {\"complete\":true,\"bundles\":" + revisions + ",\"catalogue\":[" + list + "]} fds 1";
    }

    private static String bundle(String name) {
        return "MODULES {\"bundle\":\"" + name + "\",\"version\":\"1.2.3\",\"revision\":1,\"size\":"
            + Osgi.jar(Osgi.language(name)).length + "} fds 2";
    }

    private void awaitLine(String line) {
        stage.await(line, () -> stage.lines.all.contains(line));
    }

    @Test
    void coreProcessesHearOfBundlesAndThenOfTheCatalogue() throws Exception {
        install("a.jar", "cobol");
        stage.add(Stage.CONTROLLER, "controller", true);
        stage.add(Stage.ROUTER, "router", false);
        stage.add(Stage.PROTOTYPE, "prototype", true);
        begin();
        assertEquals(bundle("cobol").replaceAll("\"size\":.*}", "}"),
            stage.hear(Stage.CONTROLLER).replaceAll("\"size\":.*}", "}"));
        assertEquals(catalogue("cobol"), stage.hear(Stage.CONTROLLER));
        assertTrue(stage.hearsNothing(Stage.ROUTER), "it is not ready");
        assertTrue(stage.hearsNothing(Stage.PROTOTYPE), "not its business");
        stage.call(() -> {
            stage.table.find(Stage.ROUTER).orElseThrow().ready();
            modules.tell(stage.table.find(Stage.ROUTER).orElseThrow());
            return 0;
        });
        assertTrue(stage.hear(Stage.ROUTER).startsWith("MODULES {\"bundle\":\"cobol\","));
        assertEquals(catalogue("cobol"), stage.hear(Stage.ROUTER));
        assertEquals(0, (int) stage.call(stage.rpc::pending));
        assertEquals("1.5", stage.call(() -> modules.catalogue().find("cobol 1").orElseThrow().version()));
        assertTrue(stage.call(() -> modules.language("cobol", 0).isPresent() && modules.language("c", 0).isEmpty()));
        awaitLine("notice module: cobol 1.5 \"/bin/echo\"");
    }

    @Test
    void anEmptyDirectoryIsCompleteAtOnce() {
        stage.add(Stage.ROUTER, "router", true);
        begin();
        assertEquals(catalogue(), stage.hear(Stage.ROUTER));
        awaitLine("notice no modules matching: \"" + modulesDirectory + "/*.jar\" found");
    }

    @Test
    void aMissingDirectoryIsAnAlertAndNoEnd() throws Exception {
        Files.delete(modulesDirectory);
        stage.add(Stage.ROUTER, "router", true);
        begin();
        assertEquals(catalogue(), stage.hear(Stage.ROUTER));
        assertTrue(stage.lines.all.getLast().startsWith("alert modules directory \"" + modulesDirectory
            + "\" (option \"--modulesdir\") cannot be read: "), stage.lines.all.toString());
    }

    @Test
    void aRefusalIsAnAlert() {
        stage.add(Stage.ROUTER, "router", true);
        begin();
        stage.hear(Stage.ROUTER, "bundle x cannot be started");
        assertTrue(stage.lines.all.getLast().matches("alert the router has not taken module news.*ERROR: bundle x "
            + "cannot be started"), stage.lines.all.toString());
    }

    /** The router first: the controller applies its configuration again when it hears the news. */
    @Test
    void moreModulesMayComeLater() throws Exception {
        stage.add(Stage.CONTROLLER, "controller", true);
        stage.add(Stage.ROUTER, "router", true);
        begin();
        assertEquals(catalogue(), stage.hear(Stage.ROUTER));
        assertEquals(catalogue(), stage.hear(Stage.CONTROLLER));
        install("a.jar", "cobol");
        stage.hear(Stage.CONTROLLER);
        assertTrue(!stage.hearsNothing(Stage.ROUTER), "the router has been told before");
        assertTrue(stage.hear(Stage.ROUTER).startsWith("MODULES {\"bundle\":\"cobol\","));
        assertEquals(catalogue("cobol"), stage.hear(Stage.ROUTER));
        assertEquals(catalogue("cobol"), stage.hear(Stage.CONTROLLER));
        install("b.jar", "cobol");
        stage.await("the duplicate is refused", () -> stage.lines.all.stream().anyMatch(line ->
            line.startsWith("alert module \"" + modulesDirectory.resolve("b.jar")
                + "\" is not used: bundle cobol 1.2.3 is installed already from \""
                + modulesDirectory.resolve("a.jar") + "\"")));
    }

    private void install(String file, String name, String version) throws Exception {
        Map<String, String> headers = new HashMap<>(Osgi.language(name));
        headers.put("Bundle-Version", version);
        Path aside = Files.write(directory.resolve("aside"), Osgi.jar(headers));
        Files.move(aside, modulesDirectory.resolve(file), StandardCopyOption.REPLACE_EXISTING);
    }

    /** The next news of a process that begin so; what is heard before is dropped. */
    private String hear(int pid, String start) {
        String heard = stage.hear(pid);
        while (!heard.startsWith(start)) {
            heard = stage.hear(pid);
        }
        return heard;
    }

    private void released(int revision) {
        stage.call(() -> {
            modules.released(Stage.message(MessageType.MODULES, 0, Stage.ROUTER,
                Stage.bytes(Integer.toString(revision))));
            return 0;
        });
    }

    @Test
    void anUpdateKeepsTheOldOneUntilTheRouterLetsGo() throws Exception {
        stage.add(Stage.ROUTER, "router", true);
        install("a.jar", "cobol");
        begin();
        assertEquals(catalogue("cobol"), hear(Stage.ROUTER, "MODULES {\"complete"));
        Object old = stage.call(() -> modules.language("cobol", 1).orElseThrow());
        install("a.jar", "cobol", "1.2.4");
        assertTrue(hear(Stage.ROUTER, "MODULES {\"bundle").contains("\"version\":\"1.2.4\",\"revision\":2"));
        assertEquals(catalogue(List.of(2), "cobol"), stage.hear(Stage.ROUTER));
        awaitLine("notice module \"" + modulesDirectory.resolve("a.jar")
            + "\": bundle cobol 1.2.4 takes the place of version 1.2.3");
        assertSame(old, stage.call(() -> modules.language("cobol", 1).orElseThrow()));
        assertNotSame(old, stage.call(() -> modules.language("cobol", 2).orElseThrow()));
        assertEquals(2, osgi.bundles());
        released(1);
        assertEquals(1, osgi.bundles());
        assertNotSame(old, stage.call(() -> modules.language("cobol", 1).orElseThrow()), "the present one");
        // A newer version beside it, and a new router that knows nothing of the old one.
        install("b.jar", "cobol", "1.3.0");
        assertEquals(catalogue(List.of(3), "cobol"), hear(Stage.ROUTER, "MODULES {\"complete"));
        stage.call(() -> {
            modules.tell(stage.table.find(Stage.ROUTER).orElseThrow());
            return 0;
        });
        assertEquals(1, osgi.bundles());
    }

    @Test
    void aBadUpdateLeavesTheOldOne() throws Exception {
        stage.add(Stage.ROUTER, "router", true);
        install("a.jar", "cobol");
        begin();
        hear(Stage.ROUTER, "MODULES {\"complete");
        Files.writeString(directory.resolve("aside"), "no jar");
        Files.move(directory.resolve("aside"), modulesDirectory.resolve("a.jar"), StandardCopyOption.REPLACE_EXISTING);
        awaitLine("alert module \"" + modulesDirectory.resolve("a.jar") + "\" is not used: it is no jar file with a "
            + "manifest at its beginning; version 1.2.3 stays in use");
        assertEquals(1, osgi.bundles());
        assertTrue(stage.call(() -> modules.catalogue().find("cobol").isPresent()));
    }

    @Test
    void aDeletedOneGoesWhenNobodyUsesIt() throws Exception {
        stage.add(Stage.CONTROLLER, "controller", true);
        install("a.jar", "cobol");
        begin();
        hear(Stage.CONTROLLER, "MODULES {\"complete");
        stage.users = "[\"blog\",\"shop\"]";
        Files.delete(modulesDirectory.resolve("a.jar"));
        assertTrue(stage.hear(Stage.CONTROLLER).startsWith("STATUS"));
        awaitLine("warn module file \"" + modulesDirectory.resolve("a.jar")
            + "\" is gone; bundle cobol stays loaded as long as applications use it: \"blog\", \"shop\"");
        assertTrue(stage.call(() -> modules.language("cobol", 0).isPresent()));
        stage.users = "[]";
        assertTrue(stage.hear(Stage.CONTROLLER).startsWith("STATUS"), "asked again after a while");
        assertEquals(catalogue(), stage.hear(Stage.CONTROLLER));
        assertTrue(stage.call(() -> modules.language("cobol", 0).isEmpty() && modules.catalogue().find("cobol")
            .isEmpty()));
        released(1);
        assertEquals(0, osgi.bundles());
        install("a.jar", "cobol");
        assertEquals(catalogue(List.of(2), "cobol"), hear(Stage.CONTROLLER, "MODULES {\"complete"));
    }
}
