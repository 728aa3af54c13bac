// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.testing.Await;
import io.margay.testing.DnsServer;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Names as the file of hosts and name servers know them. */
@Timeout(120)
class NameFinderTest {
    private static MultiThreadIoEventLoopGroup group;

    @TempDir
    private Path directory;
    private DnsServer server;
    private NameFinder names;

    @BeforeAll
    static void startLoop() {
        group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    }

    @AfterAll
    static void stopLoop() {
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    @BeforeEach
    void start() throws IOException {
        server = DnsServer.start();
        Files.writeString(directory.resolve("hosts"), "");
        names = new NameFinder(directory.resolve("hosts"), directory.resolve("resolv.conf"));
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
    }

    private String ask(String name) {
        return ask(name, server.address());
    }

    private String ask(String name, InetSocketAddress... servers) {
        try {
            return text(names.find(name, List.of(servers), group.next()).toCompletableFuture().join());
        } catch (CompletionException e) {
            return e.getCause().getMessage();
        }
    }

    private static String text(NameAnswer answer) {
        return answer.addresses().stream().map(InetAddress::getHostAddress).collect(Collectors.joining(" "))
            + " for " + answer.seconds();
    }

    @Test
    void bothFamiliesForTheShortestTime() {
        server.knows("a.example", 300, "10.0.0.1", "10.0.0.2", "fd00::1");
        assertEquals("10.0.0.1 10.0.0.2 fd00:0:0:0:0:0:0:1 for 300", ask("A.Example"));
        assertEquals(List.of("a.example A", "a.example AAAA"), server.asked().stream().sorted().toList());
        server.knows("six.example", 7, "fd00::2");
        assertEquals("fd00:0:0:0:0:0:0:2 for 7", ask("six.example"));
        server.alias("www.example", 5, "a.example");
        assertEquals("10.0.0.1 10.0.0.2 fd00:0:0:0:0:0:0:1 for 5", ask("www.example"), "the alias is good for less");
        server.knows("zero.example", 0, "10.0.0.3");
        assertEquals("10.0.0.3 for 0", ask("zero.example"));
        server.knows("a.example", 300, "10.0.0.9");
        assertEquals("10.0.0.9 for 300", ask("a.example"), "nothing is kept here");
    }

    @Test
    void whatCannotBeFoundIsSaid() {
        assertTrue(ask("none.example").contains("NXDOMAIN"), () -> ask("none.example"));
        server.knows("none.example", 60);
        assertTrue(!ask("none.example").contains(" for "), () -> ask("none.example"));
        server.fails(true);
        server.knows("a.example", 60, "10.0.0.1");
        String failure = ask("a.example");
        assertTrue(failure.contains("SERVFAIL"), failure);
    }

    @Test
    void anotherServerIsAskedWhenOneFails() throws IOException {
        try (DnsServer other = DnsServer.start()) {
            server.fails(true);
            other.knows("a.example", 60, "10.0.0.1");
            assertEquals("10.0.0.1 for 60", ask("a.example", server.address(), other.address()));
        }
    }

    @Test
    void whatIsTooLongComesByTcp() {
        server.knows("many.example", 60, IntStream.range(0, 60).mapToObj(i -> "10.0.1." + i).toArray(String[]::new));
        assertEquals(60, ask("many.example").split(" for ")[0].split(" ").length);
        assertTrue(server.asked().contains("many.example A TCP"), () -> server.asked().toString());
    }

    @Test
    void theFileOfHostsComesFirstAndIsReadAgain() throws IOException {
        server.knows("a.example", 60, "10.0.0.1");
        Path file = directory.resolve("hosts");
        Files.writeString(file, "192.168.0.1 A.example alias # one\n192.168.0.2 a.example\nfd00::5 a.example\n");
        assertEquals("192.168.0.1 192.168.0.2 fd00:0:0:0:0:0:0:5 for 10", ask("a.example"));
        assertEquals("192.168.0.1 for 10", ask("alias"));
        assertEquals("127.0.0.1 0:0:0:0:0:0:0:1 for 10", ask("localhost"));
        assertEquals("127.0.0.1 0:0:0:0:0:0:0:1 for 10", ask("x.localhost."));
        assertEquals(List.of(), server.asked());
        Files.writeString(file, "192.168.0.77 localhost\n");
        assertEquals("10.0.0.1 for 60", ask("a.example"));
        assertEquals("192.168.0.77 for 10", ask("localhost"));
        Files.delete(file);
        assertEquals("10.0.0.1 for 60", ask("a.example"));
    }

    @Test
    void domainsAreSearched() {
        server.knows("web.b.example", 60, "10.0.0.1");
        server.knows("a.b", 60, "10.0.0.2");
        ResolvConf conf = new ResolvConf(List.of(server.address()), List.of("a.example", "b.example"), 1, 5, 2, true);
        EventLoop loop = group.next();
        assertEquals("10.0.0.1 for 60", text(DnsQuestion.ask("web", conf, loop).toCompletableFuture().join()));
        assertEquals("10.0.0.2 for 60", text(DnsQuestion.ask("a.b", conf, loop).toCompletableFuture().join()));
        assertTrue(server.asked().stream().noneMatch(name -> name.startsWith("a.b.")), "it has a dot");
    }

    @Test
    void silenceEndsAndIsAskedAgain() {
        server.silent(true);
        ResolvConf conf = new ResolvConf(List.of(server.address()), List.of(), 1, 1, 2, false);
        String failure = DnsQuestion.ask("a.example", conf, group.next()).handle((found, why) -> why.getMessage())
            .toCompletableFuture().join();
        assertTrue(failure.contains("timed out"), failure);
        assertEquals(2, server.asked().stream().filter("a.example A"::equals).count());
    }

    private static int open() {
        return new File("/proc/self/fd").list().length;
    }

    @Test
    void nothingStaysOpen() {
        server.knows("a.example", 60, "10.0.0.1");
        ask("a.example");
        int before = open();
        for (int i = 0; i < 20; i++) {
            ask("a.example");
        }
        Await.until(() -> "sockets are closed: " + before, () ->
            open() <= before + 2);
    }
}
