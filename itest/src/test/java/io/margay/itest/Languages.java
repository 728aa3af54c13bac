// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What is the same for every language; most of it is waiting, so groups of them run beside each other in classes. */
@Timeout(300)
abstract class Languages {
    // More than all buffers on the way, and more than any process should hold.
    private static final int MEDIUM = 16_000_000, LARGE = 100_000_000;

    private static Set<Tongue> group = EnumSet.noneOf(Tongue.class);
    private static TestServer server;
    private static final Map<Tongue, Integer> PORTS = new EnumMap<>(Tongue.class);
    private static final byte[] PATTERN = new byte[LARGE];
    /** Made once for all languages. */
    private static final Map<Integer, Sample> SAMPLES = new HashMap<>();

    /** Starts the server for those that the condition holds for. */
    static void start(Predicate<Tongue> condition) throws IOException {
        group = Tongue.all();
        group.removeIf(condition.negate());
        for (int i = 0; i < LARGE; i++) {
            PATTERN[i] = (byte) (i % 251);
        }
        server = TongueServer.start(group, PORTS);
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    private static Stream<Arguments> all() {
        return group.stream().map(Arguments::of);
    }

    /** Of all invocations those with a language of this class. */
    private static Stream<Arguments> mine(Stream<Arguments> all) {
        return all.filter(arguments -> group.contains(arguments.get()[0]));
    }

    private static Response get(Tongue tongue, String target) throws IOException {
        return Http.get(PORTS.get(tongue), target);
    }

    private static void serves(Tongue tongue) throws IOException {
        Response response = get(tongue, "/hello");
        assertEquals("200 Hello world\n", response.status() + " " + response.text());
    }

    private static Stream<Arguments> sizes() {
        return mine(Stream.concat(Tongue.each(0, 1, 16_384, 65_499, 65_500, 65_536, 70_000, 1_000_000, MEDIUM),
            Tongue.each(Tongue.eachWire(), LARGE)));
    }

    @ParameterizedTest
    @MethodSource("sizes")
    void takesBodies(Tongue tongue, int size) throws Exception {
        Sample sample = SAMPLES.computeIfAbsent(size, Sample::of);
        try (Http http = Http.tcp(PORTS.get(tongue))) {
            assertEquals(size + " " + sample.digest(), sample.post(http, "/digest").text());
            assertEquals("Hello world\n", sample.post(http, "/hello").text(), "of one that reads nothing of it");
            assertEquals(200, http.exchange("GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n").status());
        }
    }

    @ParameterizedTest
    @MethodSource("sizes")
    void sendsBodies(Tongue tongue, int size) throws Exception {
        for (String target : size <= 1_000_000 ? new String[] {"/bytes?", "/sized?"} : new String[] {"/bytes?"}) {
            Response response = get(tongue, target + size);
            assertEquals("200 " + size, response.status() + " " + response.body().length);
            assertEquals(-1, Arrays.mismatch(PATTERN, 0, size, response.body(), 0, size), "the first wrong byte");
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    void answersHeadWithoutTheBody(Tongue tongue) throws Exception {
        try (Http http = Http.tcp(PORTS.get(tongue))) {
            for (int size : new int[] {5, 200_000}) {
                http.send("HEAD /sized?" + size + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
                assertEquals(Integer.toString(size), http.response(true).header("Content-Length").orElseThrow());
            }
            assertEquals("Hello world\n", http.exchange("GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n").text());
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    void aSlowClientHoldsNobodyUp(Tongue tongue) throws Exception {
        try (Http slow = Http.tcp(PORTS.get(tongue))) {
            slow.send("GET /bytes?" + MEDIUM + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
            for (int i = 0; i < 20; i++) {
                serves(tongue);
            }
            assertEquals(MEDIUM, slow.response(false).body().length);
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    void aClientThatLeavesFreesTheWorker(Tongue tongue) throws Exception {
        for (int i = 0; i < 3; i++) {
            try (Http http = Http.tcp(PORTS.get(tongue))) {
                http.send("GET /bytes?" + MEDIUM + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
            }
            try (Http http = Http.tcp(PORTS.get(tongue))) {
                http.send("POST /digest HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\nabc");
            }
        }
        bothServe(tongue);
    }

    private static Set<Long> bothServe(Tongue tongue) {
        return Await.value("both processes serve", tongue.patience(), () -> {
            Set<Long> pids = new HashSet<>();
            try (Http a = Http.tcp(PORTS.get(tongue)); Http b = Http.tcp(PORTS.get(tongue))) {
                a.send("GET /sleep?300 HTTP/1.1\r\nHost: localhost\r\n\r\n");
                pids.add(Long.parseLong(b.exchange("GET /sleep?300 HTTP/1.1\r\nHost: localhost\r\n\r\n").text()));
                pids.add(Long.parseLong(a.response(false).text()));
            }
            return pids.size() == 2 ? Optional.of(pids) : Optional.empty();
        });
    }

    @ParameterizedTest
    @MethodSource("all")
    void largeHeads(Tongue tongue) throws Exception {
        Response response = get(tongue, "/field?200000");
        assertEquals(200, response.status());
        assertEquals(200_000, response.header("X-Long").orElseThrow().length());
        // More than the option limits.response_head allows, or shared memory has room for.
        server.expect("limits.response_head");
        int before = server.log().length();
        assertEquals(tongue.tooLong(), get(tongue, "/field?12000000").status());
        server.awaitLog(before, "limits.response_head|too big|Too Large|header of more than");
        serves(tongue);
        try (Http http = Http.tcp(PORTS.get(tongue))) {
            http.send("GET /hello HTTP/1.1\r\nHost: localhost\r\nX-Long: " + "x".repeat(6_000) + "\r\n\r\n");
            assertEquals(200, http.response(false).status());
        }
    }

    private static Stream<Arguments> ends() {
        return mine(Stream.concat(Tongue.each("killed", "killedreading", "killedsending"), Stream.concat(
            Tongue.each(Tongue.exiting(), "exit?3"), Stream.concat(Tongue.each(Tongue.forking(), "become"),
                Tongue.each(Tongue.loading(), "closed", "garbage")))));
    }

    @ParameterizedTest
    @MethodSource("ends")
    void aWorkerThatEndsIsReplaced(Tongue tongue, String how) throws Exception {
        Set<Long> pids = bothServe(tongue);
        int before = server.log().length();
        String body = "x".repeat(100_000);
        try (Http http = Http.tcp(PORTS.get(tongue))) {
            http.send("POST /" + how + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + body.length() + "\r\n\r\n"
                + body);
            if (tongue.asksForItsEnd()) {
                TestServer.signal(Long.parseLong(server.awaitLog(before, "to be killed: (\\d+)").group(1)), "KILL");
            }
            String all = new String(how.equals("killedsending") ? http.rest() : http.response(false).statusLine()
                .getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.ISO_8859_1);
            assertTrue(all.startsWith(how.equals("killedsending") ? "HTTP/1.1 200 " : "HTTP/1.1 503 "), all);
            assertFalse(all.endsWith("0\r\n\r\n"), "the answer must not look complete: " + all);
        }
        Await.until("it takes no request any more", () -> !server.processes().keySet().containsAll(pids));
        bothServe(tongue);
        // Whatever way the last words take, they are not told after the end.
        if (how.startsWith("exit") || how.startsWith("killed")) {
            String end = how.startsWith("exit") ? "exited with code 3" : "exited on signal 9";
            String told = server.awaitLog(before, "(?s)^(.*?)\\d+ " + end).group(1);
            assertTrue(told.contains("last words"), told);
        }
    }

    private static Stream<Arguments> wrong() {
        return mine(Stream.concat(Tongue.each("status?0", "status?99"),
            Tongue.each(Tongue.loading(), "split", "splitname", "nothing")));
    }

    @ParameterizedTest
    @MethodSource("wrong")
    void whatIsNoAnswerIsAnError(Tongue tongue, String how) throws Exception {
        String pid = get(tongue, "/pid").text();
        assertFalse(pid.isEmpty());
        int before = server.log().length();
        int status = tongue.wrong(how);
        assertEquals(status, get(tongue, "/" + how).status());
        if (status > 500) {
            // The process, its own word, or the application.
            server.awaitLog(before, "\\[unit\\] #|nothing to say|application \"" + tongue.word() + "\"");
        }
        serves(tongue);
    }

    @ParameterizedTest
    @MethodSource("all")
    void exceptions(Tongue tongue) throws Exception {
        assertEquals(tongue.thrown, get(tongue, "/raise").status());
        server.awaitLog("raised by the application");
        try (Http http = Http.tcp(PORTS.get(tongue))) {
            http.send("GET /half HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
            String all = new String(http.rest(), StandardCharsets.ISO_8859_1);
            assertTrue(all.startsWith("HTTP/1.1 200 ") && all.contains("some bytes"), all);
            // For PHP the end of a script is the same whatever its reason.
            assertEquals(tongue == Tongue.PHP, all.endsWith("0\r\n\r\n"), all);
        }
        server.awaitLog("raised after the head");
        assertEquals(204, get(tongue, "/status?204").status());
        assertEquals(tongue.noStatus(), get(tongue, "/status?1000").status());
    }

    private static Stream<Arguments> disturbing() {
        return mine(Stream.concat(Tongue.each(Tongue.loading(), "fork", "woken"),
            Tongue.each(Tongue.forking(), "forkreturns")));
    }

    /** A process that the application forks, and the signal that wakes a worker. */
    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("disturbing")
    void aWorkerIsNotDisturbed(Tongue tongue, String how) throws Exception {
        String pid = get(tongue, "/" + how).text();
        assertTrue(pid.matches("\\d+"), pid);
        bothServe(tongue);
    }

    private static Stream<Arguments> broken() {
        return mine(Tongue.each(Tongue.starting(), "syntax", "missing", "exits", "killed"));
    }

    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("broken")
    void whatCannotBeLoadedIsRefused(Tongue tongue, String file) throws Exception {
        server.expect("failed to start|failed to apply|SyntaxError|failed to import|Failed to parse|exited while"
            + "|Ruby: |execve");
        int before = server.log().length();
        Response response = server.control().put("/config/applications/broken", tongue.app(server, file));
        assertEquals(500, response.status(), response.text());
        assertTrue(response.text().contains("failed to start application \\\"broken\\\": "), response.text());
        String expected = Map.of("exits", "exited with code 5", "killed", "exited on signal 9", "syntax",
            tongue.syntax, "missing", tongue.missing).get(file);
        Await.until("the log says why", () -> server.log().substring(before).contains(expected));
        assertEquals(404, server.control().get("/config/applications/broken").status());
        serves(tongue);
    }

    @ParameterizedTest
    @MethodSource("all")
    void restartAndChangeLoseNoRequest(Tongue tongue) throws Exception {
        Set<Long> before = bothServe(tongue);
        try (Load load = Load.start(PORTS.get(tongue), "/sleep?20", 4)) {
            load.awaitMore(20);
            assertEquals(200, server.control().get("/control/applications/" + tongue.word() + "/restart").status());
            Await.until("the old processes are gone",
                () -> server.processes().keySet().stream().noneMatch(before::contains));
            load.awaitMore(40);
            server.control().apply("/config/applications/" + tongue.word(),
                tongue.app(server, "app", "\"processes\": 2", "\"environment\": {\"X\": \"y\"}"));
            load.awaitMore(40);
            assertEquals(List.of(), load.stop());
        }
    }

    /** Runs another application of the language at the same port for the time of a test. */
    private static void with(Tongue tongue, Trial trial, String... members) throws Exception {
        String listener = "/config/listeners/127.0.0.1:" + PORTS.get(tongue);
        server.control().apply("/config/applications/other", tongue.app(server, "app", members));
        try {
            server.control().apply(listener, "{\"pass\": \"applications/other\"}");
            trial.run();
        } finally {
            server.control().apply(listener, "{\"pass\": \"applications/" + tongue.word() + "\"}");
            server.control().delete("/config/applications/other");
        }
    }

    /** What is done with another application. */
    private interface Trial {
        void run() throws Exception;
    }

    @ParameterizedTest
    @MethodSource("all")
    void aRequestInFlightIsFinished(Tongue tongue) throws Exception {
        try (Http http = Http.tcp(PORTS.get(tongue))) {
            with(tongue, () -> {
                long worker = Long.parseLong(get(tongue, "/pid").text());
                long begin = System.nanoTime();
                http.send("GET /sleep?1500 HTTP/1.1\r\nHost: localhost\r\n\r\n");
                Await.until("the request is running",
                    () -> server.control().get("/status/applications/other/requests/active").text().contains("1"));
                assertEquals(200, server.control().get("/control/applications/other/restart").status());
                assertEquals(Long.toString(worker), http.response(false).text());
                assertTrue(System.nanoTime() - begin >= 1_500_000_000L, "the sleep was cut short");
                Await.until("then it leaves", () -> !server.processes().containsKey(worker));
            });
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    void aStuckWorkerIsReplaced(Tongue tongue) throws Exception {
        with(tongue, () -> {
            long worker = Long.parseLong(get(tongue, "/pid").text());
            assertEquals(503, get(tongue, "/sleep?60000").status());
            Await.until("it is ended", () -> !server.processes().containsKey(worker));
            Await.until("a start may outlast a wait: the next serves", () -> get(tongue, "/hello").status() == 200);
        }, "\"limits\": {\"timeout\": " + tongue.timeout() + ", \"stop_timeout\": 1}");
    }

    @ParameterizedTest
    @MethodSource("all")
    void aLimitOfRequestsLosesNone(Tongue tongue) throws Exception {
        for (String threads : tongue.loads() ? new String[] {tongue.threads(1), tongue.threads(2)}
            : new String[] {"\"environment\": {}"}) {
            List<String> pids = new ArrayList<>();
            with(tongue, () -> {
                try (Load load = Load.start(PORTS.get(tongue), "/pid", 3, response -> {
                    synchronized (pids) {
                        pids.add(response.text());
                    }
                })) {
                    // A JVM, or a compiler, for every seven requests takes its time.
                    load.awaitMore(tongue.startsSlowly() ? 15 : 60, tongue.patience());
                    assertEquals(List.of(), load.stop());
                }
            }, "\"limits\": {\"requests\": 7}", "\"processes\": {\"max\": 2, \"spare\": 1}", threads);
            Set<String> distinct = new HashSet<>(pids);
            assertTrue(distinct.size() >= pids.size() / 7, pids.size() + " requests by " + distinct.size());
            for (String pid : distinct) {
                long count = pids.stream().filter(pid::equals).count();
                assertTrue(count <= 7, pid + " answered " + count);
            }
        }
    }

    private static Stream<Arguments> threading() {
        return mine(Tongue.threading().stream().map(Arguments::of));
    }

    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("threading")
    void threadsServeAtTheSameTime(Tongue tongue) throws Exception {
        with(tongue, () -> {
            Set<String> pids = new HashSet<>();
            List<Http> clients = new ArrayList<>();
            try {
                for (int i = 0; i < 4; i++) {
                    clients.add(Http.tcp(PORTS.get(tongue)));
                    // The first one takes long; who waited for it would answer after it.
                    clients.getLast().send("GET /sleep?" + (i == 0 ? 3000 : 100)
                        + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
                }
                Future<Response> first = clients.getFirst().later();
                for (Http client : clients.subList(1, 4)) {
                    pids.add(client.response(false).text());
                }
                assertFalse(first.isDone(), "they were answered one after the other");
                pids.add(first.get().text());
            } finally {
                for (Http client : clients) {
                    client.close();
                }
            }
            assertEquals(1, pids.size());
            // Idle threads obey, too.
            String pid = pids.iterator().next();
            assertEquals(200, server.control().get("/control/applications/other/restart").status());
            Await.until("it leaves", () -> !server.processes().containsKey(Long.parseLong(pid)));
            assertNotEquals(pid, get(tongue, "/pid").text());
        }, tongue.threads(4));
    }
}
