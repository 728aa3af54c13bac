// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * SIGKILL of controller, router and main in the middle of changes: what is in force afterwards was answered with 200,
 * or was the change that got no answer ({@code spec/control-api.md §7.2, §12.2}).
 */
@Timeout(240)
class StoreCrashIT {
    private static final int KILLS = 3;
    private static final String CONFIGURATION = """
        {"listeners": {"127.0.0.1:%d": {"pass": "routes"}},
         "routes": [{"action": {"return": 301, "location": "/%d"}}%s]}""";
    private static final Pattern TURN = Pattern.compile("\"location\": \"/(\\d+)\"");

    private static TestServer server;
    private static int port;

    private final Random random = new Random(11);
    /** The last change that was answered with 200, and the last one that was sent. */
    private final AtomicInteger done = new AtomicInteger();
    private final AtomicInteger sent = new AtomicInteger();

    private volatile boolean killed;
    private final AtomicReference<String> warning = new AtomicReference<>("");

    @BeforeAll
    static void start() throws IOException {
        server = TestServer.speaking();
        port = Distribution.freePorts(1).getFirst();
        server.expect("exited on signal 9");
        server.expect("failed to get status: the router process");
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    @Test
    void noAnsweredChangeIsLost() throws Exception {
        server.expect("failed to apply new conf: the (router process (died|is not running)|controller is leaving)");
        server.expect("failed to store current configuration: main (takes no requests|did not answer)");
        server.expect("sendmsg\\(.*\\) failed \\((32: Broken pipe|104: Connection reset by peer)\\)");
        String steps = ", {\"match\": {\"uri\": \"/x\"}, \"action\": {\"return\": 200}}".repeat(200);
        for (String title : new String[] {"unit: controller", "unit: router", "unit: main"}) {
            for (int i = 0; i < KILLS; i++) {
                killed = false;
                Thread client = Thread.ofPlatform().start(() -> change(steps));
                int begun = sent.get();
                Await.until("some changes", () -> sent.get() > begun + 3);
                // Long enough for some changes, at no place in particular.
                LockSupport.parkNanos(random.nextInt(30_000_000));
                long pid = server.await(title);
                TestServer.signal(pid, "KILL");
                killed = true;
                client.join();
                assertEquals("", warning.get(), "a change is done or not");
                if (title.equals("unit: main")) {
                    server.restart();
                }
                back();
                int found = agreed();
                assertTrue(found == done.get() || found == sent.get(), title + " killed: found " + found
                    + ", answered " + done.get() + ", sent " + sent.get());
                done.set(found);
                sent.set(found);
            }
        }
    }

    /**
     * Main gets the order to store a change and the news of the death of who has given it at once: the next controller
     * starts with what is stored, whichever comes first.
     */
    @Test
    void aChangeOnItsWayToTheDiskIsInForceWhenItIsStored() throws Exception {
        server.expect("process \\d+ cannot store conf");
        server.control().apply("/config", CONFIGURATION.formatted(port, 0, ""));
        for (int turn = 1; turn <= KILLS; turn++) {
            int now = turn;
            long controller = server.await("unit: controller");
            TestServer.signal(server.pid(), "STOP");
            Thread client = Thread.ofPlatform().start(() -> {
                try {
                    server.control().put("/config", CONFIGURATION.formatted(port, now, ""));
                } catch (IOException | RuntimeException e) {
                    // It gets no answer.
                    return;
                }
            });
            Await.until("the router has the change", () -> served() == now);
            TestServer.signal(controller, "KILL");
            TestServer.signal(server.pid(), "CONT");
            client.join();
            Await.until("main knows", () -> !server.processes().containsKey(controller));
            back();
            int found = agreed();
            assertTrue(found == now || found == now - 1, "found " + found + " after " + now);
            server.control().apply("/config", CONFIGURATION.formatted(port, now, ""));
        }
    }

    /** A router that dies while a new controller applies what is stored gives no reason to forget that. */
    @Test
    void whatIsStoredComesIntoForceHoweverOftenTheRouterDies() throws Exception {
        server.expect("failed to apply the configuration again: the router process");
        server.control().apply("/config", CONFIGURATION.formatted(port, 7, ""));
        for (int i = 0; i < KILLS; i++) {
            long controller = server.await("unit: controller");
            TestServer.signal(controller, "KILL");
            Await.until("main knows", () -> !server.processes().containsKey(controller));
            server.await("unit: controller");
            LockSupport.parkNanos(random.nextInt(900_000_000));
            TestServer.signal(server.await("unit: router"), "KILL");
            back();
            Await.until("the router has what is stored", () -> isServed());
            assertEquals(7, agreed());
        }
    }

    private static boolean isServing() {
        try {
            return Http.get(port, "/").status() != 0;
        } catch (IOException e) {
            // Not yet.
            return false;
        }
    }

    private static boolean isServed() {
        try {
            return served() == 7;
        } catch (IOException | RuntimeException e) {
            // Not yet.
            return false;
        }
    }

    /** {@return the turn that the control API, the router and the disk agree on} */
    private static int agreed() throws IOException {
        int found = turn();
        assertEquals(found, served(), "the router serves another configuration than the controller shows");
        Matcher stored = Pattern.compile("\"location\": *\"/(\\d+)\"").matcher(
            Files.readString(server.base().resolve("state/conf.json")));
        assertTrue(stored.find(), "nothing is stored");
        assertEquals(found, Integer.parseInt(stored.group(1)), "another configuration is stored than in force");
        return found;
    }

    private static int served() throws IOException {
        return Integer.parseInt(Http.get(port, "/").header("Location").orElseThrow().substring(1));
    }

    /** Changes the configuration until a change fails, or a process has been killed between two of them. */
    private void change(String steps) {
        try {
            while (!killed) {
                int turn = sent.incrementAndGet();
                Response response = server.control().put("/config", CONFIGURATION.formatted(port, turn, steps));
                if (response.status() != 200) {
                    return;
                }
                if (response.text().contains("\"warning\"")) {
                    warning.set(response.text());
                }
                done.set(turn);
            }
        } catch (IOException | RuntimeException e) {
            // The connection broke: that is the change without an answer.
            return;
        }
    }

    private static void back() {
        Await.until("controller and router are back", () -> {
            Map<Long, String> titles = server.processes();
            return titles.containsValue("unit: controller") && titles.containsValue("unit: router");
        });
        Await.until("the control socket answers for both", () -> {
            try {
                return server.control().get("/status").status() == 200;
            } catch (IOException e) {
                // Not yet.
                return false;
            }
        });
        Await.until("the router has a configuration", () -> isServing());
    }

    private static int turn() throws IOException {
        Matcher matcher = TURN.matcher(server.control().get("/config/routes/0").text());
        assertTrue(matcher.find(), "the configuration is none of those sent");
        return Integer.parseInt(matcher.group(1));
    }
}
