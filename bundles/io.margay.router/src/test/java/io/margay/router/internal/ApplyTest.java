// SPDX-License-Identifier: Apache-2.0
package io.margay.router.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.conf.ConfObject;
import io.margay.conf.ConfWriter;
import io.margay.http.HttpCounters;
import io.margay.lang.InstalledModule;
import io.margay.lang.ModuleCatalogue;
import io.margay.posix.Descriptors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Changes of the configuration with real sockets; applications get no process that lives. */
@Timeout(60)
class ApplyTest extends ApplyStage {

    @Test
    void listenersAreOpenedInOrderKeptAndClosed() throws IOException {
        apply(conf(listener("a", "routes") + "," + listener("b", "routes"), "200", ""));
        assertEquals(List.of("SOCKET " + address("a") + " -1", "SOCKET " + address("b") + " -1"), stage.asked);
        assertEquals("200 200", ask("a") + " " + ask("b"));
        stage.asked.clear();
        try (SocketChannel client = connect("b")) {
            assertEquals("200", ask(client));
            Object kept = current.listeners().get(address("b"));
            apply(conf(listener("b", "routes"), "404", ""));
            assertSame(kept, current.listeners().get(address("b")));
            assertEquals("404", ask(client), "connections see the new configuration");
        }
        stage.await("the file is given back", () -> stage.asked.equals(List.of("SOCKET_UNLINK " + address("a"))));
        assertThrows(IOException.class, () -> connect("a"));
    }

    @Test
    void aRefusedSocketTakesEverythingBack() throws IOException {
        apply(conf(listener("a", "routes"), "200", ""));
        Configuration before = current;
        stage.asked.clear();
        stage.refusals.put(address("c"), Stage.error("bind(\\\"c\\\") failed"));
        ApplyException thrown = refused(conf(listener("b", "routes") + "," + listener("c", "routes"), "404", APP));
        assertEquals("bind(\"c\") failed", thrown.getMessage());
        assertEquals("listener\0" + address("c") + "\0bind(\"c\") failed", ApplyException.refusal(thrown));
        stage.await("the first socket is given back", () -> stage.asked.contains("SOCKET_UNLINK " + address("b")));
        assertThrows(IOException.class, () -> connect("b"));
        assertSame(before, current);
        assertEquals("200", ask("a"));
        stage.await("no pool is left", () -> stage.call(() -> parts.pools().live().isEmpty()));
        stage.refusals.put(address("c"), new byte[0]);
        assertEquals("main gave no reason", refused(conf(listener("c", "routes"), "404", "")).getMessage());
    }

    @Test
    void anApplicationThatDoesNotStartIsNamed() throws IOException {
        apply(conf(listener("a", "routes"), "200", APP));
        Object kept = current.pools().get("blog");
        ApplyException thrown = refused(conf(listener("a", "routes") + "," + listener("b", "routes"), "404", APP
            + ",\"bad\":{\"type\":\"test\"}"));
        assertEquals("APPLICATION bad", thrown.part() + " " + thrown.name());
        assertTrue(thrown.getMessage().contains("no prototypes today"), thrown.getMessage());
        assertEquals("200", ask("a"));
        stage.await("its socket is given back", () -> stage.asked.contains("SOCKET_UNLINK " + address("b")));
        stage.await("its pool is gone", () -> stage.call(() -> parts.pools().live().equals(Set.of(kept))));
    }

    @Test
    void unchangedApplicationsAreKept() {
        apply(conf("", "200", APP));
        Object first = current.pools().get("blog");
        apply(conf("", "404", APP));
        assertSame(first, current.pools().get("blog"));
        apply(conf("", "404", APP.replace("\"max\":1", "\"max\":2")));
        Object second = current.pools().get("blog");
        assertNotSame(first, second);
        stage.await("the old one is gone", () -> stage.call(() -> parts.pools().live().equals(Set.of(second))));
        apply(conf("", "404", ""));
        stage.await("all are gone", () -> stage.call(() -> parts.pools().live().isEmpty()));
    }

    @Test
    void anOldPoolStaysUntilItsGenerationIsDrained() {
        apply(conf("", "200", APP));
        Configuration old = current;
        assertTrue(old.generation().enter());
        apply(conf("", "200", ""));
        stage.call(() -> 0);
        assertEquals(1, (int) stage.call(() -> parts.pools().live().size()));
        old.generation().leave();
        stage.await("it is gone", () -> stage.call(() -> parts.pools().live().isEmpty()));
    }

    @Test
    void leftOutApplicationsAnswer503() throws IOException {
        apply(conf(listener("a", "applications/bad"), "200", "\"bad\":{\"type\":\"test\"}"), "bad");
        assertEquals(Set.of(), current.pools().keySet());
        assertEquals("503", ask("a"));
        assertEquals(List.of(), ordered);
    }

    @Test
    void whatIsSwitchedOffIsLeftOut() {
        Order order = order(("{'listeners':{'*:80':{'pass':'routes','enabled':false},'*:81':{'pass':'routes',"
            + "'enabled':true},'*:82':{'pass':'routes'}},'applications':{'on':{'type':'x'},'off':{'type':'x',"
            + "'enabled':false}}}").replace('\'', '"'), "broken");
        assertEquals(Set.of("*:80"), order.closed());
        assertEquals(Set.of("off", "broken"), order.leftOut());
        assertEquals(Set.of("*:81", "*:82"), order.listeners().members().keySet());
    }

    @Test
    void leftOutListenersAreNotOpened() throws IOException {
        closed = Set.of(address("a"));
        apply(conf(listener("a", "routes") + "," + listener("b", "routes"), "200", ""));
        assertEquals(List.of("SOCKET " + address("b") + " -1"), stage.asked);
        assertEquals(Set.of(address("b")), current.listeners().keySet());
        Object kept = current.listeners().get(address("b"));
        closed = Set.of();
        apply(conf(listener("a", "routes") + "," + listener("b", "routes"), "200", ""));
        assertEquals("200 200", ask("a") + " " + ask("b"));
        assertSame(kept, current.listeners().get(address("b")));
    }

    @Test
    void addressesOfOnePortReplaceEachOther() {
        int port = freePort();
        String every = "\"*:" + port + "\":{\"pass\":\"routes\"}";
        String local = "\"127.0.0.1:" + port + "\":{\"pass\":\"routes\"}";
        apply(conf(every, "200", ""));
        apply(conf(local, "200", ""));
        // What is asked when the old socket has been closed may have come already.
        assertEquals(List.of("SOCKET *:" + port + " -1", "SOCKET 127.0.0.1:" + port + " -1 shared"),
            stage.asked.stream().filter(question -> question.startsWith("SOCKET ")).toList());
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void anApplicationWithoutProcessesAnswers503() throws IOException {
        apply(conf(listener("a", "applications/blog"), "200", APP));
        assertEquals("503", ask("a"));
        assertEquals(List.of("prototype of blog"), ordered);
    }

    @Test
    void whatCannotBeServedIsNamed() {
        assertEquals("The module to run \"cobol 3\" is not found among the available application modules.",
            refused(conf("", "200", "\"a\":{\"type\":\"cobol 3\"}")).getMessage());
        String text = refused(conf(listener("a", "applications/none"), "200", "")).getMessage();
        assertTrue(text.contains("none"), text);
        assertEquals(List.of(), stage.asked);
        stage.await("no pool is left", () -> stage.call(() -> parts.pools().live().isEmpty()));
    }

    /** Loops that have stopped accepting still have connections, so new pools serve them too. */
    @Test
    void fewerThreadsKeepTheirConnections() throws Exception {
        apply(conf(listener("a", "routes"), "200", "", "\"listen_threads\":3"));
        assertEquals(3, stage.call(() -> parts.loops().engines().size()));
        SocketChannel[] clients = new SocketChannel[12];
        for (int i = 0; i < clients.length; i++) {
            clients[i] = connect("a");
            assertEquals("200", ask(clients[i]));
        }
        apply(conf(listener("a", "applications/blog"), "200", APP, "\"listen_threads\":1"));
        // All at once: each waits for a process that does not start.
        for (SocketChannel client : clients) {
            send(client);
        }
        for (SocketChannel client : clients) {
            assertEquals("503", answer(client));
            client.close();
        }
        Object kept = current.pools().get("blog");
        apply(conf(listener("a", "applications/blog"), "200", APP, "\"listen_threads\":3"));
        assertSame(kept, current.pools().get("blog"), "it knows these loops already");
        apply(conf(listener("a", "applications/blog"), "200", APP, "\"listen_threads\":4"));
        assertNotSame(kept, current.pools().get("blog"));
        HttpCounters.Totals totals = parts.loops().totals();
        assertEquals(12, totals.accepted());
        assertEquals(24, totals.requests());
        assertEquals(List.of(), stage.lines.all.stream().filter(line -> line.contains("Exception")).toList());
    }

    /** Each thread has descriptors and memory of its own. */
    @Test
    void tooManyThreadsAreRefusedAndLeaveNothing() throws Exception {
        apply(conf(listener("a", "routes"), "200", ""));
        long before = descriptors();
        for (String threads : List.of("9", "100000", "2147483647")) {
            assertEquals("\"listen_threads\" is " + threads + "; on 1 processors it may be 1 to 8",
                refused(conf(listener("a", "routes"), "200", "", "\"listen_threads\":" + threads)).getMessage());
        }
        assertEquals(1, stage.call(() -> parts.loops().engines().size()));
        // One that fails later gives its threads back as well.
        refused(conf(listener("a", "routes"), "200", "\"bad\":{\"type\":\"test\"}", "\"listen_threads\":8"));
        assertEquals(1, stage.call(() -> parts.loops().engines().size()));
        stage.await("descriptors are given back", () -> descriptors() <= before);
        assertEquals("200", ask("a"));
    }

    private static long descriptors() {
        return Descriptors.open().length;
    }

    @Test
    void whatTakesTooLongIsRefused() throws IOException {
        apply(conf(listener("a", "routes"), "200", ""));
        stage.silent = true;
        CompletionException thrown = assertThrows(CompletionException.class, () -> stage.call(() ->
            apply(order(conf(listener("a", "routes") + "," + listener("b", "routes"), "404", ""))).run(50))
            .toCompletableFuture().orTimeout(Stage.SECONDS, TimeUnit.SECONDS).join());
        assertEquals("the configuration could not be applied in time", thrown.getCause().getMessage());
        assertEquals("200", ask("a"));
        // The socket comes late and belongs to nobody.
        stage.call(() -> {
            stage.silent = false;
            stage.answerLate();
            return 0;
        });
        stage.await("it is given back", () -> stage.asked.contains("SOCKET_UNLINK " + address("b")));
        apply(conf(listener("a", "routes"), "404", ""));
        assertEquals("404", ask("a"));
    }

    @Test
    void nothingComesIntoForceOfARouterThatLeaves() throws IOException {
        CompletionException thrown = assertThrows(CompletionException.class, () -> stage.call(() ->
            apply(order(conf(listener("a", "routes"), "200", ""))).unless(() -> true).run())
            .toCompletableFuture().orTimeout(Stage.SECONDS, TimeUnit.SECONDS).join());
        assertEquals("the router is leaving", thrown.getCause().getMessage());
        stage.await("the socket is given back", () -> stage.asked.contains("SOCKET_UNLINK " + address("a")));
    }

    @Test
    void theStatusCountsAll() {
        apply(conf("", "200", APP));
        ConfObject status = StatusReport.of(ModuleCatalogue.of(List.of(new InstalledModule("test", "1", "/t",
            List.of()))), new HttpCounters.Totals(9, 2, 3, 11), current, Optional.empty());
        assertEquals("{\"modules\":{\"test\":{\"version\":\"1\",\"lib\":\"/t\"}},\"connections\":{\"accepted\":9,"
            + "\"active\":4,\"idle\":2,\"closed\":3},\"requests\":{\"total\":11},\"applications\":{\"blog\":{"
            + "\"processes\":{\"running\":0,\"starting\":0,\"idle\":0},\"requests\":{\"active\":0}}}}",
            new String(ConfWriter.compact(status), StandardCharsets.UTF_8));
    }

    // ---- the language and its processes -------------------------------------
}
