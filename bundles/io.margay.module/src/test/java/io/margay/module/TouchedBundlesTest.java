// SPDX-License-Identifier: Apache-2.0
package io.margay.module;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.module.ModuleOrder.Verb;
import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Bundle;

/** Somebody uses the console of the framework on bundles that main has, or on one of his own that is in use. */
@Timeout(60)
class TouchedBundlesTest {

    @TempDir
    private Path base;
    private ModuleStage stage;

    @BeforeEach
    void start() throws Exception {
        stage = new ModuleStage(base);
        Jars.put(stage.directory, "a.jar", Jars.jar("cobol", "1.0.0"));
        stage.begin();
    }

    @AfterEach
    void stop() {
        stage.close();
    }

    private void awaitCurrent(String versions) {
        stage.await("what counts is " + versions, () -> stage.call(() -> stage.modules.current().stream()
            .map(module -> module.name() + " " + module.version()).toList()).toString().equals(versions));
    }

    private ModuleRevision module() {
        return stage.call(() -> stage.modules.current().getFirst());
    }

    private void awaitServing() {
        stage.await("main has the service of what counts", () -> {
            Bundle bundle = module().bundle();
            return bundle.getState() == Bundle.ACTIVE && bundle.getRegisteredServices() != null
                && bundle.getVersion().equals(module().version());
        });
    }

    @Test
    void anUpdateIsAnOrder() throws Exception {
        Bundle bundle = module().bundle();
        bundle.update(new ByteArrayInputStream(Jars.jar("cobol", "2.0.0")));
        awaitCurrent("[cobol 2.0.0]");
        stage.awaitLine("order of somebody in main's framework about module \"cobol\" is done: put");
        awaitServing();
        stage.await("what was replaced goes", () -> stage.bundles() == 1);
        assertTrue(Files.readString(base.resolve("state").resolve(ModuleStorage.LOCK)).contains("2.0.0"));
        stage.modules.admin().order(ModuleOrder.of(Verb.ROLLBACK, "cobol", "adam"), Optional.empty())
            .toCompletableFuture().orTimeout(20, TimeUnit.SECONDS).join();
        awaitCurrent("[cobol 1.0.0]");
        awaitServing();
    }

    /** Consoles take the first bundle of a name for the one that is to be updated. */
    @Test
    void anUpdateOfTheOneThatIsKeptIsAnOrder() throws Exception {
        stage.router.inUse = true;
        Bundle first = module().bundle();
        Jars.put(stage.directory, "a.jar", Jars.jar("cobol", "1.0.1"));
        awaitCurrent("[cobol 1.0.1]");
        first.update(new ByteArrayInputStream(Jars.jar("cobol", "2.0.0")));
        awaitCurrent("[cobol 2.0.0]");
        awaitServing();
        stage.await("the one that was updated is gone", () -> first.getState() == Bundle.UNINSTALLED);
        List<ModuleRevision> kept = stage.call(() -> List.of(stage.modules.revision(1).orElseThrow(),
            stage.modules.revision(2).orElseThrow()));
        assertTrue(kept.stream().allMatch(ModuleRevision::isWhole));
        kept.get(1).bundle().uninstall();
        stage.await("what is kept is there", kept.get(1)::isWhole);
        kept.get(0).bundle().stop();
        stage.await("what is kept runs", kept.get(0)::isWhole);
        awaitCurrent("[cobol 2.0.0]");
    }

    @Test
    void aBadUpdateIsRefusedAndTheModuleServesOn() throws Exception {
        module().bundle().update(new ByteArrayInputStream(Jars.jar("fortran", "2.0.0")));
        stage.awaitLine("order of somebody in main's framework about module \"cobol\": the bundle is \"fortran\"");
        awaitCurrent("[cobol 1.0.0]");
        awaitServing();
        stage.await("nothing else is left", () -> stage.bundles() == 1);
    }

    @Test
    void takenAwayItGoesWhenNobodyUsesItAndStaysElse() throws Exception {
        stage.controller.users = "[\"blog\"]";
        module().bundle().uninstall();
        stage.awaitLine("order of somebody in main's framework about module \"cobol\": it is used by \"blog\"");
        awaitCurrent("[cobol 1.0.0]");
        awaitServing();
        stage.controller.users = "[]";
        module().bundle().uninstall();
        awaitCurrent("[]");
        stage.awaitLine("order of somebody in main's framework about module \"cobol\" is done: remove");
        stage.await("nothing stays behind", () -> stage.bundles() == 0 && stage.router.bundles() == 0);
    }

    @Test
    void stoppedItIsStartedAgain() throws Exception {
        Bundle bundle = module().bundle();
        bundle.stop();
        stage.awaitLine("bundle cobol was stopped by somebody in main's framework and is started again");
        awaitServing();
        assertEquals(bundle, module().bundle());
        assertFalse(stage.lines.all.stream().anyMatch(line -> line.startsWith("alert")), stage.lines.all.toString());
    }

    @Test
    void whatSomebodyTakesAwayThatIsInUseStaysForNewProcesses() throws Exception {
        Path file = Files.write(base.resolve("console.jar"), Jars.jar("lisp", "1.0.0"));
        Bundle bundle = stage.main.getBundleContext().installBundle(file.toUri().toString());
        bundle.start();
        awaitCurrent("[cobol 1.0.0, lisp 1.0.0]");
        stage.controller.users = "[\"blog\"]";
        bundle.uninstall();
        stage.awaitLine("bundle lisp stays loaded as long as the configuration uses it: \"blog\"");
        ModuleRevision lisp = stage.call(() -> stage.modules.current().getLast());
        stage.await("main has its service", lisp::isWhole);
        assertTrue(lisp.bundle().getRegisteredServices().length > 0);
        stage.controller.users = "[]";
        awaitCurrent("[cobol 1.0.0]");
        stage.await("nothing stays behind", () -> stage.bundles() == 1);
        assertEquals(List.of(), stage.lines.all.stream().filter(line -> line.startsWith("alert")).toList());
    }
}
