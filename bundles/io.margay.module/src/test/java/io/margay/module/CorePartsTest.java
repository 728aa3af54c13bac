// SPDX-License-Identifier: Apache-2.0
package io.margay.module;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.conf.ConfWriter;
import io.margay.module.ModuleOrder.Verb;
import io.margay.posix.Files;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.osgi.framework.Version;

/** Newer jars of what the processes consist of; replacing them is a record here. */
@Timeout(60)
class CorePartsTest {

    private static final String NAME = "part.http";

    @TempDir
    private Path base;
    private ModuleStage stage;
    private final List<String> used = new ArrayList<>();
    private Optional<String> refusal = Optional.empty();
    private boolean ready = true;

    private final CoreParts parts = new CoreParts() {
        @Override
        public Optional<Part> find(String name) {
            return switch (name) {
                case NAME -> Optional.of(new Part("http.jar", new Version("1.0.0"), Set.of("router")));
                case "part.main" -> Optional.of(new Part("main.jar", new Version("1.0.0"), Set.of()));
                default -> Optional.empty();
            };
        }

        @Override
        public void prepare(ModuleRevision part) {
            used.add("prepare " + part.version());
        }

        @Override
        public void discard(ModuleRevision part) {
            used.add("discard " + part.version());
        }

        @Override
        public boolean isReady() {
            return ready;
        }

        @Override
        public CompletionStage<Void> use(Collection<ModuleRevision> newer, Set<String> processes) {
            used.add("use " + newer.stream().map(ModuleRevision::version).toList() + " " + new TreeSet<>(processes));
            return refusal.isEmpty() || processes.isEmpty() ? CompletableFuture.completedFuture(null)
                : CompletableFuture.failedFuture(new ModuleException(ModuleException.Kind.FAILED, refusal.get()));
        }

        @Override
        public void refuse(int pid, String reason) {
            used.add("refuse " + pid + " " + reason);
        }
    };

    @AfterEach
    void stop() {
        stage.close();
    }

    private void begin() throws Exception {
        stage = new ModuleStage(base, ModulePolicy.NONE, parts);
        stage.begin();
        used.remove("use [] []");
    }

    private static byte[] jar(String name, String version) throws IOException {
        Manifest manifest = new Manifest();
        Attributes headers = manifest.getMainAttributes();
        headers.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        headers.putValue("Bundle-ManifestVersion", "2");
        headers.putValue("Bundle-SymbolicName", name + ";singleton:=true");
        headers.putValue("Bundle-Version", version);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        new JarOutputStream(bytes, manifest).close();
        return bytes.toByteArray();
    }

    private String order(ModuleOrder order, Optional<byte[]> jar) {
        return ConfWriter.compactText(stage.modules.admin().order(order, jar.map(bytes ->
            Files.sealedMemory("jar", bytes))).toCompletableFuture().orTimeout(20, TimeUnit.SECONDS).join());
    }

    private String put(String name, String version) throws IOException {
        byte[] jar = jar(name, version);
        return order(new ModuleOrder(Verb.PUT, "", Optional.empty(), false, jar.length, "somebody"),
            Optional.of(jar));
    }

    private String order(Verb verb) {
        return order(ModuleOrder.of(verb, NAME, "somebody"), Optional.empty());
    }

    private List<String> used() {
        List<String> now = stage.call(() -> List.copyOf(used));
        used.clear();
        return now;
    }

    @Test
    void aProcessIsReplacedForEachChange() throws Exception {
        begin();
        String listed = put(NAME, "1.0.1");
        assertTrue(listed.contains("\"processes\":[\"router\"],\"instead\":\"1.0.0\""), listed);
        assertEquals(List.of("prepare 1.0.1", "use [1.0.1] [router]"), used());
        put(NAME, "1.0.2");
        stage.await("the one before goes", () -> used.contains("discard 1.0.1"));
        assertEquals(List.of("prepare 1.0.2", "use [1.0.2] [router]", "discard 1.0.1"), used());
        order(Verb.ROLLBACK);
        stage.await("the one before goes", () -> used.contains("discard 1.0.2"));
        assertEquals(List.of("prepare 1.0.1", "use [1.0.1] [router]", "discard 1.0.2"), used());
        assertTrue(stage.router.heard.stream().noneMatch(news -> news.contains(NAME)), "no process is told of it");
    }

    @Test
    void theServersOwnIsBeforeTheFirstOne() throws Exception {
        begin();
        put(NAME, "1.0.1");
        used();
        assertTrue(order(Verb.ROLLBACK).contains("\"removed\":true"));
        stage.await("the jar goes", () -> used.contains("discard 1.0.1"));
        assertEquals(List.of("use [] [router]", "discard 1.0.1"), used());
        order(Verb.ROLLBACK);
        assertEquals(List.of("prepare 1.0.1", "use [1.0.1] [router]"), used());
    }

    @Test
    void whatTheNewProcessCannotUseIsRefusedWithItsReason() throws Exception {
        begin();
        put(NAME, "1.0.1");
        refusal = Optional.of("it ended before it served");
        CompletionException failure = assertThrows(CompletionException.class, () -> put(NAME, "1.0.2"));
        assertEquals("it ended before it served", failure.getCause().getMessage());
        stage.await("its jar goes", () -> used.contains("discard 1.0.2"));
        assertEquals(List.of("part.http 1.0.1"), stage.call(() -> stage.modules.current().stream().map(module ->
            module.name() + " " + module.version()).toList()));
    }

    @Test
    void noProcessIsStartedBeforeAllAreThere() throws Exception {
        begin();
        assertEquals(1, stage.started);
        put(NAME, "1.0.1");
        stage.close();
        used.clear();
        begin();
        stage.await("processes are started", () -> stage.started == 1);
        assertEquals(List.of("prepare 1.0.1", "use [1.0.1] []"), used());
        stage.call(() -> {
            stage.modules.partsFailed("router");
            return 0;
        });
        stage.await("the process goes on without it", () -> used.contains("use [] []"));
        assertTrue(stage.lines.all.stream().anyMatch(line -> line.contains("the router did not get ready with it")));
    }

    @ParameterizedTest
    @CsvSource({
        "part.http, 0.9.9, 'version 0.9.9 of bundle part.http is older than 1.0.0, which the server has'",
        "part.http, 1.x, its Bundle-Version is malformed: invalid version \"1.x\": non-numeric \"x\"",
        "part.main, 2.0.0, 'bundle part.main is a part of main, which no other process can take the place of: it "
            + "comes with a new version of the server'",
        "part.other, 2.0.0, 'it is no extension: its manifest provides no capability io.margay.extension'"})
    void whatIsNoNewerPartIsRefused(String name, String version, String reason) throws Exception {
        begin();
        CompletionException failure = assertThrows(CompletionException.class, () -> put(name, version));
        assertEquals(reason, failure.getCause().getMessage());
        assertEquals(List.of(), used());
    }
}
