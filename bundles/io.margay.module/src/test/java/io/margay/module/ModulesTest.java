// SPDX-License-Identifier: Apache-2.0
package io.margay.module;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.posix.Descriptors;
import java.io.OutputStream;
import java.lang.ref.WeakReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.osgi.framework.Bundle;
import org.osgi.framework.wiring.BundleWiring;

/** Real bundles in three frameworks: main's, the router's and the controller's. */
@Timeout(60)
class ModulesTest {

    @TempDir
    private Path base;
    private ModuleStage stage;

    @BeforeEach
    void start() throws Exception {
        stage = new ModuleStage(base);
    }

    @AfterEach
    void stop() {
        stage.close();
    }

    private void put(String file, byte[] content) {
        Jars.put(stage.directory, file, content);
    }

    private String source(String file) {
        return "module \"" + stage.directory.resolve(file) + "\"";
    }

    private void awaitCurrent(String versions) {
        stage.await("what counts is " + versions, () -> stage.call(() -> stage.modules.current().stream()
            .map(module -> module.name() + " " + module.version()).toList()).toString().equals(versions));
    }

    @Test
    void oneThatIsThereAtTheStartCountsInAllProcesses() {
        put("a.jar", Jars.jar("cobol", "1.2.3"));
        stage.begin();
        awaitCurrent("[cobol 1.2.3]");
        assertEquals(List.of("MODULE ok", "MODULES [1]"), stage.router.heard);
        assertEquals(List.of("MODULE ok", "MODULES [1]"), stage.controller.heard);
        assertEquals("1 1 1", stage.bundles() + " " + stage.router.bundles() + " " + stage.controller.bundles());
        assertEquals(Bundle.ACTIVE, stage.call(() -> stage.router.receiver.bundle(1).orElseThrow().getState()));
        assertEquals(Bundle.INSTALLED, stage.call(() -> stage.controller.receiver.bundle(1).orElseThrow().getState()),
            "the controller runs nothing of it");
        assertEquals(List.of("lang:cobol"), stage.call(stage.router.receiver::readers));
        assertEquals(64, stage.call(() -> stage.modules.revision(1).orElseThrow().digest().length()));
    }

    /** The server is stopped while it looks at them. */
    @Test
    void whatTheEndOvertakesIsNoFault() {
        put("a.jar", Jars.jar("cobol", "1.2.3"));
        put("b.jar", Jars.jar("simula", "1.0.0"));
        stage.call(() -> {
            stage.modules.begin(() -> { });
            return 0;
        });
        stage.call(() -> {
            stage.modules.close();
            return 0;
        });
        stage.await("what was under way is out of the framework", () -> stage.bundles() == 0);
        assertEquals(List.of(), stage.lines.all.stream().filter(line -> line.startsWith("alert")).toList());
    }

    @Test
    void anEmptyOrMissingDirectoryIsNoEnd() throws Exception {
        Files.delete(stage.directory);
        stage.begin();
        stage.awaitLine("alert modules directory \"" + stage.directory + "\" (option \"--modulesdir\") cannot be "
            + "read: ");
        assertEquals(List.of("MODULES []"), stage.router.heard);
        // It is looked for again.
        Files.createDirectory(stage.directory);
        put("a.jar", Jars.jar("cobol", "1.2.3"));
        awaitCurrent("[cobol 1.2.3]");
    }

    @Test
    void anUpdateKeepsTheOldOneUntilTheRouterLetsGo() {
        put("a.jar", Jars.jar("cobol", "1.2.3"));
        stage.begin();
        awaitCurrent("[cobol 1.2.3]");
        stage.router.inUse = true;
        put("a.jar", Jars.jar("cobol", "1.2.4"));
        awaitCurrent("[cobol 1.2.4]");
        stage.awaitLine("notice " + source("a.jar") + ": bundle cobol 1.2.4 takes the place of version 1.2.3");
        assertEquals("2 2", stage.bundles() + " " + stage.router.bundles());
        assertTrue(stage.call(() -> stage.modules.revision(1).isPresent()), "prototypes may be started with it");
        assertFalse(stage.call(() -> stage.router.receiver.counts(stage.router.receiver.bundle(1).orElseThrow())));
        stage.router.inUse = false;
        stage.call(() -> {
            stage.router.receiver.sweep();
            return 0;
        });
        stage.await("it is gone in main", () -> stage.bundles() == 1);
        stage.await("it is gone in the router", () -> stage.router.bundles() == 1);
        stage.await("it is gone in the controller", () -> stage.controller.bundles() == 1);
        assertTrue(stage.router.heard.contains("released 1"), stage.router.heard.toString());
    }

    /** Nothing holds on to what was replaced: not the framework, not main, not the news. */
    @Test
    void classLoadersAndDescriptorsOfReplacedOnesAreFreed() {
        put("a.jar", Jars.jar("cobol", "1.0.0"));
        stage.begin();
        awaitCurrent("[cobol 1.0.0]");
        WeakReference<ClassLoader> inRouter = loader(stage.call(() -> stage.router.receiver.bundle(1).orElseThrow()));
        WeakReference<ClassLoader> inMain = loader(stage.call(() -> stage.modules.revision(1).orElseThrow().bundle()));
        put("a.jar", Jars.jar("cobol", "1.0.1"));
        awaitCurrent("[cobol 1.0.1]");
        stage.await("the old one is gone", () -> stage.router.heard.contains("released 1"));
        int descriptors = Descriptors.open().length;
        for (int i = 2; i <= 21; i++) {
            put("a.jar", Jars.jar("cobol", "1.0." + i));
            awaitCurrent("[cobol 1.0." + i + "]");
        }
        stage.await("all old ones are gone", () -> stage.bundles() == 1 && stage.router.bundles() == 1);
        stage.await("descriptors are as before", () -> Descriptors.open().length <= descriptors);
        stage.await("the class loaders are collected", () -> {
            System.gc();
            return inRouter.get() == null && inMain.get() == null;
        });
    }

    private static WeakReference<ClassLoader> loader(Bundle bundle) {
        return new WeakReference<>(bundle.adapt(BundleWiring.class).getClassLoader());
    }

    /** Who is asked last says no: then it is as if nobody had been asked. */
    @ParameterizedTest
    @CsvSource({"router", "controller"})
    void oneRefusalUndoesAll(String who) {
        put("a.jar", Jars.jar("cobol", "1.2.3"));
        stage.begin();
        awaitCurrent("[cobol 1.2.3]");
        (who.equals("router") ? stage.router : stage.controller).refusal = "application \"blog\" does not start";
        put("a.jar", Jars.jar("cobol", "1.2.4"));
        stage.awaitLine("alert " + source("a.jar") + " is not used: application \"blog\" does not start; version 1.2.3 "
            + "stays in use");
        awaitCurrent("[cobol 1.2.3]");
        stage.await("nothing stays behind", () -> stage.bundles() == 1 && stage.router.bundles() == 1
            && stage.controller.bundles() == 1);
        assertEquals(1, stage.call(() -> stage.router.receiver.inForce().revisions().iterator().next()));
        assertEquals(1, stage.call(() -> stage.controller.receiver.inForce().revisions().iterator().next()));
        put("a.jar", Jars.jar("cobol", "1.2.5"));
        awaitCurrent("[cobol 1.2.5]");
    }

    @Test
    void aDeletedOneGoesWhenNobodyUsesIt() throws Exception {
        put("a.jar", Jars.jar("cobol", "1.2.3"));
        stage.begin();
        stage.controller.users = "[\"blog\",\"/routes/0/action/cobol\"]";
        Files.delete(stage.directory.resolve("a.jar"));
        stage.awaitLine("warn " + source("a.jar") + " is gone; bundle cobol stays loaded as long as the configuration "
            + "uses it: \"blog\", \"/routes/0/action/cobol\"");
        assertTrue(stage.controller.heard.contains("USERS [lang:cobol]"), stage.controller.heard.toString());
        awaitCurrent("[cobol 1.2.3]");
        stage.controller.users = "[]";
        // The router has the last word.
        stage.router.refusal = "the route needs it";
        stage.awaitLine("stays loaded since the configuration does not work without it: the route needs it");
        awaitCurrent("[]");
        stage.awaitLine("notice " + source("a.jar") + " is gone and not in use: no more lang:cobol");
        stage.await("nothing stays behind", () -> stage.bundles() == 0 && stage.router.bundles() == 0
            && stage.controller.bundles() == 0);
        put("a.jar", Jars.jar("cobol", "1.2.3"));
        awaitCurrent("[cobol 1.2.3]");
    }

    @Test
    void theNewerOfTwoFilesCounts() throws Exception {
        put("a.jar", Jars.jar("cobol", "1.2.3"));
        stage.begin();
        put("b.jar", Jars.jar("cobol", "1.2.2"));
        stage.awaitLine("alert " + source("b.jar") + " is not used: bundle cobol 1.2.3 is installed already from \""
            + stage.directory.resolve("a.jar") + "\", and version 1.2.2 is not newer");
        put("c.jar", Jars.jar("cobol", "1.10.0"));
        awaitCurrent("[cobol 1.10.0]");
        Files.delete(stage.directory.resolve("c.jar"));
        stage.await("an older one takes its place", () -> stage.call(() -> stage.modules.current().size() == 1
            && stage.modules.current().getFirst().version().getMinor() == 2));
        stage.await("nothing else stays", () -> stage.bundles() == 1);
    }

    @Test
    void aFileThatIsRenamedIsTheSame() throws Exception {
        put("a.jar", Jars.jar("cobol", "1.2.3"));
        stage.begin();
        Files.move(stage.directory.resolve("a.jar"), stage.directory.resolve("b.jar"));
        Files.delete(stage.directory.resolve("b.jar"));
        awaitCurrent("[]");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '!', quoteCharacter = '~', value = {
        "Provide-Capability!~~!it is no extension: its manifest provides no capability io.margay.extension",
        "Provide-Capability!io.margay.extension;kind=widget;name=a;api=\"1\"!has the unknown kind \"widget\"; there are"
            + " lang, wire, action, filter",
        "Provide-Capability!io.margay.extension;kind=lang;name=cobol!has no attribute \"api\"",
        "Provide-Capability!io.margay.extension;kind=lang;api=\"1\"!has no attribute \"name\"",
        "Provide-Capability!io.margay.extension;name=cobol;api=\"1\"!has no attribute \"kind\"",
        "Provide-Capability!io.margay.extension;kind=lang;name=cobol;api=one!has a malformed \"api\"",
        "Provide-Capability!io.margay.extension;kind=lang;name=cobol;api=\"1.99\"!its lang \"cobol\" is made for "
            + "version 1.99.0 of the interface, and this server offers 1.",
        "Provide-Capability!io.margay.extension;kind=lang;name=cobol;api=\"2.0\"!is made for version 2.0.0",
        "Bundle-SymbolicName!~~!is not used: ",
        "Bundle-Version!one!is not used: ",
        "Import-Package!org.osgi.framework,io.margay.lang,io.margay.missing!io.margay.missing",
        "Bundle-Activator!io.margay.Missing!io.margay.Missing",
        "Test!throws!(java.lang.IllegalStateException: no luck)",
        "Test!nothing!bundle bad registers no service io.margay.lang.Language, although it says that it adds "
            + "lang:cobol"})
    void badOnesAreRefusedWithTheReason(String header, String value, String reason) {
        put("good.jar", Jars.jar("good", "1.0.0"));
        stage.begin();
        put("bad.jar", Jars.jar("bad", "1.0.0", header, value));
        stage.awaitLine("alert " + source("bad.jar") + " is not used: ");
        String line = stage.lines.all.stream().filter(text -> text.contains("bad.jar")).findFirst().orElseThrow();
        assertTrue(line.contains(reason), line);
        awaitCurrent("[good 1.0.0]");
        stage.await("nothing stays behind", () -> stage.bundles() == 1);
        assertEquals("1 1", stage.router.bundles() + " " + stage.controller.bundles());
    }

    @ParameterizedTest
    @ValueSource(strings = {"../../etc/evil", "/etc/evil", "a/../../evil", "a\\evil", ".."})
    void pathsOutsideOfItselfAreRefused(String entry) {
        put("good.jar", Jars.jar("good", "1.0.0"));
        stage.begin();
        put("evil.jar", Jars.with(Jars.jar("good", "1.1.0"), entry));
        stage.awaitLine("alert " + source("evil.jar") + " is not used: its entry \"" + entry
            + "\" has a path outside of the jar");
        awaitCurrent("[good 1.0.0]");
    }

    @Test
    void whatIsNoJarIsRefused() throws Exception {
        stage.begin();
        put("text.jar", new byte[] {'t', 'e', 'x', 't'});
        stage.awaitLine("alert " + source("text.jar") + " is not used: ");
        byte[] jar = Jars.jar("cobol", "1.0.0");
        put("cut.jar", Arrays.copyOf(jar, jar.length / 2));
        stage.awaitLine("alert " + source("cut.jar") + " is not used: ");
        Files.createFile(stage.directory.resolve("empty.jar"));
        assertEquals(0, stage.bundles());
    }

    /** A copy under way is left alone until it is closed. */
    @Test
    void halfWrittenFilesAreLeftAlone() throws Exception {
        stage.begin();
        byte[] jar = Jars.jar("cobol", "1.0.0");
        try (OutputStream out = Files.newOutputStream(stage.directory.resolve("a.jar"), StandardOpenOption.CREATE)) {
            out.write(jar, 0, 100);
            out.flush();
            put("b.jar", Jars.jar("other", "1.0.0"));
            awaitCurrent("[other 1.0.0]");
            out.write(jar, 100, jar.length - 100);
        }
        awaitCurrent("[other 1.0.0, cobol 1.0.0]");
        assertFalse(stage.lines.all.toString().contains("is not used"), stage.lines.all.toString());
        Files.createSymbolicLink(stage.directory.resolve("c.jar"),
            Files.write(base.resolve("outside"), Jars.jar("linked", "1.0.0")));
        awaitCurrent("[other 1.0.0, cobol 1.0.0, linked 1.0.0]");
    }

    /** One that hangs in its start, and is deleted meanwhile, goes when it has started; others wait their turn. */
    @Test
    void oneThatIsRemovedInTheMiddleOfItsStartGoes() throws Exception {
        Semaphore gate = new Semaphore(0);
        System.getProperties().put("io.margay.module.gate", gate);
        try {
            stage.begin();
            put("slow.jar", Jars.jar("slow", "1.0.0", "Test", "waits"));
            stage.await("it starts", gate::hasQueuedThreads);
            Files.delete(stage.directory.resolve("slow.jar"));
            put("good.jar", Jars.jar("good", "1.0.0"));
            gate.release(2);
            awaitCurrent("[good 1.0.0]");
            stage.await("nothing stays behind", () -> stage.bundles() == 1 && stage.router.bundles() == 1);
        } finally {
            System.getProperties().remove("io.margay.module.gate");
        }
    }

    /** A console or another container has installed it. */
    @Test
    void bundlesOfOtherAgentsCount() throws Exception {
        stage.begin();
        Path file = Files.write(base.resolve("console.jar"), Jars.jar("cobol", "1.0.0"));
        Bundle bundle = stage.main.getBundleContext().installBundle(file.toUri().toString());
        assertEquals(List.of(), stage.call(stage.modules::current), "main runs it, so it has to be started");
        bundle.start();
        awaitCurrent("[cobol 1.0.0]");
        assertEquals(List.of("MODULES []", "MODULE ok", "MODULES [1]"), stage.router.heard);
        Files.write(file, Jars.jar("cobol", "1.0.1"));
        bundle.update();
        awaitCurrent("[cobol 1.0.1]");
        bundle.uninstall();
        awaitCurrent("[]");
        stage.await("nothing stays behind", () -> stage.router.bundles() == 0 && stage.controller.bundles() == 0);
    }

    /** The processes wait for the first word of what counts, and leave out what needs more than that. */
    @Test
    void bundlesOfOtherAgentsThatAreThereAtTheStartCountFromTheStart() throws Exception {
        Path file = Files.write(base.resolve("console.jar"), Jars.jar("cobol", "1.0.0"));
        stage.main.getBundleContext().installBundle(file.toUri().toString()).start();
        stage.begin();
        assertEquals(List.of("MODULE ok", "MODULES [1]"), stage.router.heard);
        assertEquals(List.of("MODULE ok", "MODULES [1]"), stage.controller.heard);
    }
}
