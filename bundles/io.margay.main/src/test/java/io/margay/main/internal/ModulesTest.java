// SPDX-License-Identifier: Apache-2.0
package io.margay.main.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.discovery.Discovery;
import io.margay.isolation.Runner;
import io.margay.process.ProcessType;
import java.nio.file.Files;
import java.nio.file.Path;
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
        modules = new Modules(stage.loops.loop(0), stage.self, modulesDirectory, new ModuleBundles(osgi.context()),
            new Discovery(stage.loops.loop(0), new Runner(Path.of("/tmp")), stage.reaper, Optional.empty(),
                stage.lines), stage.rpc, stage.table, stage.lines);
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
        StringBuilder list = new StringBuilder(EXTERNAL);
        for (String name : names) {
            list.append(",{\"type\":8,\"name\":\"").append(name)
                .append("\",\"version\":\"1.5\",\"file\":\"/bin/echo\",\"mounts\":[]}");
        }
        return "MODULES {\"complete\":true,\"catalogue\":[" + list + "]} fds 1";
    }

    private static String bundle(String name) {
        return "MODULES {\"bundle\":\"" + name + "\",\"version\":\"1.2.3\",\"size\":"
            + Osgi.jar(Osgi.language(name)).length + "} fds 2";
    }

    private void awaitLine(String line) {
        stage.await(line, () -> stage.lines.all.contains(line));
    }

    @Test
    void coreProcessesHearOfBundlesAndThenOfTheCatalogue() throws Exception {
        install("a.jar", "cobol");
        stage.add(Stage.CONTROLLER, ProcessType.CONTROLLER, true);
        stage.add(Stage.ROUTER, ProcessType.ROUTER, false);
        stage.add(Stage.PROTOTYPE, ProcessType.PROTOTYPE, true);
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
        assertTrue(stage.call(() -> modules.language("cobol").isPresent() && modules.language("c").isEmpty()));
        awaitLine("notice module: cobol 1.5 \"/bin/echo\"");
    }

    @Test
    void anEmptyDirectoryIsCompleteAtOnce() {
        stage.add(Stage.ROUTER, ProcessType.ROUTER, true);
        begin();
        assertEquals(catalogue(), stage.hear(Stage.ROUTER));
        awaitLine("notice no modules matching: \"" + modulesDirectory + "/*.jar\" found");
    }

    @Test
    void aMissingDirectoryIsAnAlertAndNoEnd() throws Exception {
        Files.delete(modulesDirectory);
        stage.add(Stage.ROUTER, ProcessType.ROUTER, true);
        begin();
        assertEquals(catalogue(), stage.hear(Stage.ROUTER));
        assertTrue(stage.lines.all.getLast().startsWith("alert modules directory \"" + modulesDirectory
            + "\" (option \"--modulesdir\") cannot be read: "), stage.lines.all.toString());
    }

    @Test
    void aRefusalIsAnAlert() {
        stage.add(Stage.ROUTER, ProcessType.ROUTER, true);
        begin();
        stage.hear(Stage.ROUTER, "bundle x cannot be started");
        assertTrue(stage.lines.all.getLast().matches("alert the router has not taken module news.*ERROR: bundle x "
            + "cannot be started"), stage.lines.all.toString());
    }

    /** The router first: the controller applies its configuration again when it hears the news. */
    @Test
    void moreModulesMayComeLater() throws Exception {
        stage.add(Stage.CONTROLLER, ProcessType.CONTROLLER, true);
        stage.add(Stage.ROUTER, ProcessType.ROUTER, true);
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
            line.startsWith("alert module \"" + modulesDirectory.resolve("b.jar") + "\" is not used: bundle cobol")));
        Files.writeString(modulesDirectory.resolve("a.jar"), "other");
        awaitLine("notice module file \"" + modulesDirectory.resolve("a.jar")
            + "\" has changed; the new one is used when the server is started again");
        Files.delete(modulesDirectory.resolve("a.jar"));
        awaitLine("notice module file \"" + modulesDirectory.resolve("a.jar")
            + "\" is gone; the module stays in use until the server is started again");
        assertTrue(stage.call(() -> modules.language("cobol").isPresent()));
    }
}
