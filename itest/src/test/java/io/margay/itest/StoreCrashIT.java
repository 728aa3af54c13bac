// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * SIGKILL of controller, router and main in the middle of changes: what is in force afterwards was answered with 200,
 * or was the change that got no answer ({@code spec/control-api.md §7.2, §12.2}).
 */
@Timeout(240)
class StoreCrashIT {
    private static final int KILLS = 6;
    private static final Pattern TURN = Pattern.compile("\"location\": \"/(\\d+)\"");

    private final Random random = new Random(11);
    /** The last change that was answered with 200, and the last one that was sent. */
    private final AtomicInteger done = new AtomicInteger();
    private final AtomicInteger sent = new AtomicInteger();

    @Test
    void noAnsweredChangeIsLost() throws Exception {
        int port = Distribution.freePorts(1).getFirst();
        try (TestServer server = TestServer.start()) {
            server.expect("exited on signal 9");
            server.expect("failed to apply new conf: the router process (died|is not running)");
            server.expect("failed to get status: the router process");
            server.expect("failed to store current configuration: main (takes no requests|did not answer)");
            server.expect("sendmsg\\(.*\\) failed \\((32: Broken pipe|104: Connection reset by peer)\\)");
            String steps = ", {\"match\": {\"uri\": \"/x\"}, \"action\": {\"return\": 200}}".repeat(200);
            for (String title : new String[] {"unit: controller", "unit: router", "unit: main"}) {
                for (int i = 0; i < KILLS; i++) {
                    Thread client = Thread.ofPlatform().start(() -> change(server, port, steps));
                    int begun = sent.get();
                    Await.until("some changes", () -> sent.get() > begun + 3);
                    // Long enough for some changes, at no place in particular.
                    LockSupport.parkNanos(random.nextInt(30_000_000));
                    long pid = server.await(title);
                    TestServer.signal(pid, "KILL");
                    client.join();
                    if (title.equals("unit: main")) {
                        server.restart();
                    }
                    back(server);
                    int found = turn(server);
                    assertTrue(found == done.get() || found == sent.get(), title + " killed: found " + found
                        + ", answered " + done.get() + ", sent " + sent.get());
                    done.set(found);
                    sent.set(found);
                }
            }
        }
    }

    /** Changes the configuration until a change fails. */
    private void change(TestServer server, int port, String steps) {
        try {
            while (true) {
                int turn = sent.incrementAndGet();
                Response response = server.control().put("/config", """
                    {"listeners": {"127.0.0.1:%d": {"pass": "routes"}},
                     "routes": [{"action": {"return": 301, "location": "/%d"}}%s]}""".formatted(port, turn, steps));
                // Done and not stored, as the reply says, is as good as not answered here.
                if (response.status() != 200 || response.text().contains("\"warning\"")) {
                    return;
                }
                done.set(turn);
            }
        } catch (IOException | RuntimeException e) {
            // The connection broke: that is the change without an answer.
            return;
        }
    }

    private static void back(TestServer server) {
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
    }

    private static int turn(TestServer server) throws IOException {
        Matcher matcher = TURN.matcher(server.control().get("/config/routes/0").text());
        assertTrue(matcher.find(), "the configuration is none of those sent");
        return Integer.parseInt(matcher.group(1));
    }
}
