// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Under load the router's optimizing compiler comes to rest. Where the code of one class loader handles values whose
 * class that loader never resolved, it compiles methods for traps that are hit at once, throws them away and begins
 * again: a processor for nothing.
 */
class CompileStormIT {
    /** How often a method may be compiled: as its profile grows, and again when a rare case came. */
    private static final int MOST = 10;
    private static final Duration LOAD = Duration.ofSeconds(Integer.getInteger("margay.storm.seconds", 30));
    /** A line of the compiler's log: number, flags, tier, method, size; what is said of old code has more. */
    private static final Pattern COMPILED = Pattern.compile(
        "\\]\\s+\\d+ [ %sbn!]*4\\s+(\\S+::\\S+(?: @ \\d+)?) \\(\\d+ bytes\\)\\s*$");

    @Test
    void noMethodIsCompiledAgainAndAgain() throws Exception {
        Path base = TestServer.directory();
        Path log = base.resolve("tmp/compiled");
        int[] ports = Distribution.freePorts(3).stream().mapToInt(Integer::intValue).toArray();
        Files.writeString(Files.createDirectory(base.resolve("www")).resolve("file.txt"), "x".repeat(1024));
        try (TestServer server = TestServer.speaking(base,
                Map.of("MARGAY_JAVA_OPTS_ROUTER", "-Xlog:jit+compilation=debug:file=" + log + "::filecount=0"),
                List.of(), "python")) {
            assertEquals(200, server.control().put("/config", """
                {"listeners": {"127.0.0.1:%d": {"pass": "routes/plain"}, "127.0.0.1:%d": {"pass": "routes/files"},
                    "127.0.0.1:%d": {"pass": "applications/hello"}},
                 "routes": {"plain": [{"action": {"return": 200}}], "files": [{"action": {"share": "%s$uri"}}]},
                 "applications": {"hello": %s}}""".formatted(ports[0], ports[1], ports[2], base.resolve("www"),
                    server.python("probe", "wsgi"))).status());
            AtomicBoolean over = new AtomicBoolean();
            Thread connections = Thread.ofPlatform().daemon().start(() -> connect(ports[0], over));
            try (Load plain = Load.full(ports[0], "/", 2); Load files = Load.full(ports[1], "/file.txt", 2);
                    Load calls = Load.full(ports[2], "/environ", 2)) {
                long end = System.nanoTime() + LOAD.toNanos();
                while (System.nanoTime() < end) {
                    plain.awaitMore(100);
                    files.awaitMore(10);
                    calls.awaitMore(10);
                    assertTrue(connections.isAlive(), "new connections are answered");
                }
            } finally {
                over.set(true);
                connections.join(Duration.ofSeconds(30));
            }
            assertEquals(Map.of(), often(log));
        }
    }

    private static void connect(int port, AtomicBoolean over) {
        try {
            while (!over.get()) {
                if (Http.get(port, "/").status() != 200) {
                    return;
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Map<String, Integer> often(Path log) throws IOException {
        Map<String, Integer> counts = new TreeMap<>();
        try (Stream<String> lines = Files.lines(log)) {
            lines.map(COMPILED::matcher).filter(Matcher::find)
                .forEach(line -> counts.merge(line.group(1), 1, Integer::sum));
        }
        assertFalse(counts.isEmpty(), "the log names what was compiled");
        counts.values().removeIf(count -> count <= MOST);
        return counts;
    }
}
