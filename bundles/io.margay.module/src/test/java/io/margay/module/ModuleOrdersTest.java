// SPDX-License-Identifier: Apache-2.0
package io.margay.module;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.conf.ConfArray;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfWriter;
import io.margay.module.ModuleOrder.Verb;
import io.margay.posix.Fd;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Orders of people about modules, on real bundles and a real state directory. */
@Timeout(60)
class ModuleOrdersTest {

    private static final int SECONDS = 20;

    @TempDir
    private Path base;
    private ModuleStage stage;

    @AfterEach
    void stop() {
        if (stage != null) {
            stage.close();
        }
    }

    private void begin() throws Exception {
        begin(ModulePolicy.NONE);
    }

    private void begin(ModulePolicy policy) throws Exception {
        stage = new ModuleStage(base, policy);
        stage.begin();
    }

    /** The server ends, and starts with the state that it left. */
    private void restart() throws Exception {
        stage.close();
        begin();
    }

    private ConfObject order(ModuleOrder order, byte[] jar) {
        Optional<Fd> memory = jar.length == 0 ? Optional.empty()
            : Optional.of(io.margay.posix.Files.sealedMemory("jar", jar));
        return stage.modules.admin().order(order, memory).toCompletableFuture().orTimeout(SECONDS, TimeUnit.SECONDS)
            .join();
    }

    private ConfObject put(byte[] jar) {
        return order(new ModuleOrder(Verb.PUT, "", Optional.empty(), false, jar.length, "somebody"), jar);
    }

    private ConfObject order(Verb verb, String name) {
        return order(ModuleOrder.of(verb, name, "somebody"), new byte[0]);
    }

    private String refused(Runnable order) {
        CompletionException failure = assertThrows(CompletionException.class, order::run);
        ModuleException reason = (ModuleException) failure.getCause();
        return reason.kind() + " " + reason.getMessage();
    }

    private ConfObject list() {
        return stage.modules.admin().list().toCompletableFuture().join();
    }

    private String current() {
        return stage.call(() -> stage.modules.current().stream().map(module -> module.name() + " " + module.version())
            .toList()).toString();
    }

    private void awaitCurrent(String versions) {
        stage.await("what counts is " + versions, () -> current().equals(versions));
    }

    private List<String> stored() throws Exception {
        try (var files = Files.list(base.resolve("state/modules"))) {
            return files.map(file -> file.getFileName().toString().replaceAll("-[0-9a-f]{12}\\.jar$", "")).sorted()
                .toList();
        }
    }

    private String lock() throws Exception {
        return Files.readString(base.resolve("state").resolve(ModuleStorage.LOCK));
    }

    private static String digest(byte[] jar) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(jar));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void whatAnOrderBringsIsThereAfterARestart() throws Exception {
        begin();
        byte[] jar = Jars.jar("cobol", "1.0.0");
        ConfObject module = put(jar);
        assertEquals("1.0.0", module.string("version").orElseThrow());
        assertEquals(digest(jar), module.string("sha256").orElseThrow());
        assertEquals("store", module.string("from").orElseThrow());
        assertEquals("[\"lang:cobol\"]", ConfWriter.compactText(module.array("extensions").orElse(ConfArray.EMPTY)));
        assertEquals("[\"main\"]", ConfWriter.compactText(module.array("privileges").orElse(ConfArray.EMPTY)));
        assertEquals("[cobol 1.0.0]", current());
        assertEquals("1 1", stage.router.bundles() + " " + stage.controller.bundles());
        assertTrue(lock().contains(digest(jar)), lock());
        restart();
        awaitCurrent("[cobol 1.0.0]");
        assertEquals(List.of("cobol-1.0.0"), stored());
        assertEquals("store", list().object("cobol").orElseThrow().string("from").orElseThrow());
    }

    @Test
    void anOrderComesBeforeWhatLiesInTheDirectory() throws Exception {
        byte[] old = Jars.jar("cobol", "1.0.0");
        Jars.put(Files.createDirectories(base.resolve("modules")), "a.jar", old);
        begin();
        put(Jars.jar("cobol", "0.9.0"));
        assertEquals("[cobol 0.9.0]", current());
        restart();
        awaitCurrent("[cobol 0.9.0]");
        // The same jar once more says nothing new; another one does.
        Jars.put(stage.directory, "a.jar", old);
        Jars.put(stage.directory, "b.jar", Jars.jar("cobol", "1.1.0"));
        awaitCurrent("[cobol 1.1.0]");
        restart();
        awaitCurrent("[cobol 1.1.0]");
        assertEquals("directory", list().object("cobol").orElseThrow().string("from").orElseThrow());
    }

    /** While the router still has it, the way back needs no installation. */
    @Test
    void aRollbackTakesWhatIsKept() throws Exception {
        byte[] first = Jars.jar("cobol", "1.0.0");
        Jars.put(Files.createDirectories(base.resolve("modules")), "a.jar", first);
        begin();
        awaitCurrent("[cobol 1.0.0]");
        stage.router.inUse = true;
        put(Jars.jar("cobol", "1.1.0"));
        ConfObject previous = list().object("cobol").orElseThrow().object("previous").orElseThrow();
        assertEquals("{\"version\":\"1.0.0\",\"sha256\":\"" + digest(first) + "\",\"parked\":true}",
            ConfWriter.compactText(previous));
        stage.router.heard.clear();
        assertEquals("1.0.0", order(Verb.ROLLBACK, "cobol").string("version").orElseThrow());
        assertEquals("[cobol 1.0.0]", current());
        assertEquals(List.of("MODULE ok", "MODULES [1]"), stage.router.heard);
        assertEquals(1, stage.call(() -> stage.modules.current().getFirst().number()));
        // And forward again.
        assertEquals("1.1.0", order(Verb.ROLLBACK, "cobol").string("version").orElseThrow());
        assertEquals(2, stage.call(() -> stage.modules.current().getFirst().number()));
        stage.router.inUse = false;
        restart();
        awaitCurrent("[cobol 1.1.0]");
        assertEquals(List.of("cobol-1.0.0", "cobol-1.1.0"), stored());
    }

    @Test
    void aRollbackInstallsWhatIsNotKeptAnyMore() throws Exception {
        begin();
        put(Jars.jar("cobol", "1.0.0"));
        put(Jars.jar("cobol", "1.1.0"));
        stage.await("the first one is gone", () -> stage.router.heard.contains("released 1"));
        restart();
        assertEquals("1.0.0", order(Verb.ROLLBACK, "cobol").string("version").orElseThrow());
        restart();
        awaitCurrent("[cobol 1.0.0]");
        put(Jars.jar("cobol", "1.2.0"));
        assertEquals(List.of("cobol-1.0.0", "cobol-1.2.0"), stored(), "one generation back is kept");
        assertEquals("MISSING there is no version of \"fortran\" to go back to",
            refused(() -> order(Verb.ROLLBACK, "fortran")));
    }

    /** Who drops a jar into the directory has a way back as well, also after a restart, which writes nothing. */
    @Test
    void aRollbackTakesBackWhatTheDirectoryHasReplaced() throws Exception {
        Jars.put(Files.createDirectories(base.resolve("modules")), "a.jar", Jars.jar("cobol", "1.0.0"));
        begin();
        awaitCurrent("[cobol 1.0.0]");
        Jars.put(stage.directory, "a.jar", Jars.jar("cobol", "1.1.0"));
        awaitCurrent("[cobol 1.1.0]");
        stage.await("it is noted", () -> list().object("cobol").flatMap(module -> module.object("previous"))
            .isPresent());
        restart();
        awaitCurrent("[cobol 1.1.0]");
        assertEquals("1.0.0", order(Verb.ROLLBACK, "cobol").string("version").orElseThrow());
        assertEquals("[cobol 1.0.0]", current());
    }

    /** Main obeys the controller, but keeps nothing that an order has no use for. */
    @Test
    void aJarThatIsNotAskedForIsLetGo() throws Exception {
        begin();
        for (Verb verb : List.of(Verb.LIST, Verb.PIN)) {
            Fd jar = io.margay.posix.Files.sealedMemory("jar", new byte[] {1});
            stage.modules.admin().order(ModuleOrder.of(verb, "cobol", "somebody"), Optional.of(jar))
                .handle((done, failure) -> done).toCompletableFuture().orTimeout(SECONDS, TimeUnit.SECONDS).join();
            assertFalse(jar.isOpen(), verb::toString);
        }
    }

    @Test
    void whatIsRemovedStaysAway() throws Exception {
        byte[] jar = Jars.jar("cobol", "1.0.0");
        Jars.put(Files.createDirectories(base.resolve("modules")), "a.jar", jar);
        begin();
        awaitCurrent("[cobol 1.0.0]");
        stage.controller.users = "[\"/applications/shop\",\"/routes/0\"]";
        assertEquals("USED it is used by \"/applications/shop\", \"/routes/0\"",
            refused(() -> order(Verb.REMOVE, "cobol")));
        stage.controller.users = "[]";
        order(Verb.REMOVE, "cobol");
        assertEquals("[]", current());
        assertEquals("true", String.valueOf(list().object("cobol").orElseThrow().bool("removed", false)));
        restart();
        stage.await("the start is over", () -> stage.controller.receiver.complete());
        assertEquals("[]", current());
        assertTrue(Files.exists(base.resolve("modules/a.jar")), "what an administrator has put there stays there");
        order(Verb.ROLLBACK, "cobol");
        assertEquals("[cobol 1.0.0]", current());
        assertEquals("MISSING there is no module \"fortran\"", refused(() -> order(Verb.REMOVE, "fortran")));
    }

    @Test
    void whatIsPinnedIsNotReplaced() throws Exception {
        Jars.put(Files.createDirectories(base.resolve("modules")), "a.jar", Jars.jar("cobol", "1.0.0"));
        begin();
        awaitCurrent("[cobol 1.0.0]");
        order(Verb.PIN, "cobol");
        Jars.put(stage.directory, "a.jar", Jars.jar("cobol", "1.1.0"));
        stage.awaitLine("is not used: bundle cobol is pinned to version 1.0.0");
        assertEquals("CONFLICT bundle cobol is pinned", refused(() -> put(Jars.jar("cobol", "1.2.0"))));
        assertEquals("CONFLICT bundle cobol is pinned", refused(() -> order(Verb.REMOVE, "cobol")));
        Files.delete(stage.directory.resolve("a.jar"));
        restart();
        awaitCurrent("[cobol 1.0.0]");
        Jars.put(stage.directory, "a.jar", Jars.jar("cobol", "1.1.0"));
        stage.awaitLine("is not used: bundle cobol is pinned to version 1.0.0");
        order(Verb.UNPIN, "cobol");
        awaitCurrent("[cobol 1.1.0]");
        assertEquals("MISSING module \"cobol\" is not pinned", refused(() -> order(Verb.UNPIN, "cobol")));
    }

    /** The newer version that a rollback has replaced is kept for another rollback, and comes by nothing else. */
    @Test
    void whatIsUnpinnedStaysRolledBack() throws Exception {
        begin();
        put(Jars.jar("cobol", "1.0.0"));
        put(Jars.jar("cobol", "2.0.0"));
        order(Verb.ROLLBACK, "cobol");
        order(Verb.PIN, "cobol");
        order(Verb.UNPIN, "cobol");
        // What the end of the pin may have begun has its turn before this.
        order(Verb.PIN, "cobol");
        assertEquals("[cobol 1.0.0]", current());
    }

    @Test
    void theListIsThereWhileABundleHangsInItsStart() throws Exception {
        begin();
        Semaphore gate = new Semaphore(0);
        System.getProperties().put("io.margay.module.gate", gate);
        try {
            Jars.put(stage.directory, "a.jar", Jars.jar("algol", "1.0.0"));
            awaitCurrent("[algol 1.0.0]");
            Jars.put(stage.directory, "c.jar", Jars.jar("cobol", "1.0.0", "Test", "waits"));
            stage.await("it starts", gate::hasQueuedThreads);
            ConfObject list = stage.modules.admin().list().toCompletableFuture().orTimeout(SECONDS, TimeUnit.SECONDS)
                .join();
            assertEquals(64, list.object("algol").orElseThrow().string("sha256").orElseThrow().length());
        } finally {
            gate.release(2);
            stage.await("it has started", () -> !gate.hasQueuedThreads());
            System.getProperties().remove("io.margay.module.gate");
        }
    }

    @Test
    void whatCannotBeUsedChangesNothing() throws Exception {
        begin();
        byte[] good = Jars.jar("cobol", "1.0.0");
        put(good);
        assertTrue(refused(() -> put(new byte[] {1, 2, 3})).startsWith("INVALID "));
        byte[] whole = Jars.jar("cobol", "1.1.0");
        assertTrue(refused(() -> put(Arrays.copyOf(whole, whole.length / 2))).startsWith("INVALID "));
        assertTrue(refused(() -> put(Jars.jar("cobol", "1.1.0", "Provide-Capability", ""))).startsWith(
            "INVALID it is no extension"));
        assertEquals("INVALID the bundle is \"cobol\", not \"fortran\"", refused(() -> order(new ModuleOrder(Verb.PUT,
            "fortran", Optional.empty(), false, whole.length, "somebody"), whole)));
        assertTrue(refused(() -> order(new ModuleOrder(Verb.PUT, "cobol", Optional.of("0".repeat(64)), false,
            whole.length, "somebody"), whole)).startsWith("CONFLICT module \"cobol\" has changed meanwhile"));
        stage.router.refusal = "the routes do not work with it";
        assertEquals("INVALID the routes do not work with it", refused(() -> put(whole)));
        assertEquals("[cobol 1.0.0]", current());
        stage.await("it is gone in the others", () -> stage.router.bundles() + stage.controller.bundles() == 2);
        stage.await("it is gone in main", () -> stage.bundles() == 1);
        order(new ModuleOrder(Verb.PUT, "cobol", Optional.of(digest(good)), false, whole.length, "somebody"), whole);
        assertEquals("[cobol 1.1.0]", current());
        assertEquals(List.of("cobol-1.0.0", "cobol-1.1.0"), stored());
    }

    /** The jar is on the disk before it counts: a power failure between the two leaves the set of before. */
    @Test
    void whatAPowerFailureLeavesIsTheSetOfBefore() throws Exception {
        begin();
        put(Jars.jar("cobol", "1.0.0"));
        Path shelf = base.resolve("state/modules");
        Files.write(shelf.resolve("cobol-2.0.0-000000000000.jar"), Jars.jar("cobol", "2.0.0"));
        restart();
        awaitCurrent("[cobol 1.0.0]");
        stage.await("the rest is swept", () -> {
            try {
                return stored().equals(List.of("cobol-1.0.0"));
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"changed | its digest is not the one that modules.lock names",
        "gone | it is not there any more"})
    void aJarThatIsNotTheOneOfTheListIsNotUsed(String how, String reason) throws Exception {
        begin();
        put(Jars.jar("cobol", "1.0.0"));
        stage.close();
        try (var files = Files.list(base.resolve("state/modules"))) {
            for (Path file : files.toList()) {
                if (how.equals("gone")) {
                    Files.delete(file);
                } else {
                    Files.write(file, Jars.jar("cobol", "6.6.6"));
                }
            }
        }
        begin();
        stage.awaitLine("is not used: " + reason);
        assertEquals("[]", current());
        put(Jars.jar("cobol", "1.0.1"));
        assertEquals("[cobol 1.0.1]", current());
    }

    @Test
    void aListThatCannotBeReadIsKeptAside() throws Exception {
        begin();
        put(Jars.jar("cobol", "1.0.0"));
        stage.close();
        Path file = base.resolve("state").resolve(ModuleStorage.LOCK);
        Files.writeString(file, "{\"format\": 1, \"modules\": {\"cobol\": {\"sha256\": \"../../etc\"}}}");
        begin();
        stage.awaitLine("the modules that were brought by hand are not used");
        assertEquals("[]", current());
        assertTrue(Files.exists(file.resolveSibling("modules.lock.rejected")));
    }

    @Test
    void thePolicySaysWhatMayCome() throws Exception {
        byte[] known = Jars.jar("cobol", "1.0.0");
        begin(new ModulePolicy(Optional.of(Set.of(digest(known))), List.of(), Optional.empty()));
        put(known);
        byte[] other = Jars.jar("cobol", "1.1.0");
        assertEquals("INVALID the control policy does not name its SHA-256 " + digest(other)
            + " (\"/modules/digests\")", refused(() -> put(other)));
        Jars.put(stage.directory, "a.jar", other);
        stage.awaitLine("a.jar\" is not used: the control policy does not name its SHA-256");
        stage.close();
        begin(new ModulePolicy(Optional.empty(), List.of(), Optional.of(Map.of("fortran", Set.of("main")))));
        stage.awaitLine("it wants the privilege \"main\", which the control policy does not grant "
            + "(\"/modules/privileges/cobol\")");
        put(Jars.jar("fortran", "1.0.0"));
        assertFalse(current().contains("cobol"), current());
        assertTrue(current().contains("fortran"), current());
    }
}
