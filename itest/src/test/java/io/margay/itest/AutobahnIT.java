// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The fuzzing client of Autobahn's test suite against an ASGI application that echoes: directly, through the proxy,
 * with compressed messages, and over HTTP/2. {@code -Dmargay.autobahn='9.*'} runs other cases, each way; {@code '*'}
 * runs all.
 */
@Timeout(1800)
class AutobahnIT {
    private static final Set<String> GOOD = Set.of("OK", "INFORMATIONAL");
    private static final String CASES = System.getProperty("margay.autobahn", "");
    private static final Duration PATIENCE = Duration.ofMinutes(CASES.isEmpty() ? 5 : 25);

    private static JsonArray results;

    @BeforeAll
    static void run() throws Exception {
        Path suite = Guests.container("autobahn.jar");
        Path jython = Guests.container("jython.jar");
        assertTrue(Files.exists(suite) && Files.exists(jython), "the build has not fetched " + suite + ", " + jython);
        try (TestServer server = TestServer.speaking("python")) {
            List<Integer> ports = Distribution.freePorts(3);
            server.control().apply("/config", """
                {"settings": {"http": {"websocket": {"compression": true, "max_frame_size": 20000000}}},
                 "listeners": {"127.0.0.1:%d": {"pass": "applications/ws"}, "127.0.0.1:%d": {"pass": "routes"},
                  "127.0.0.1:%d": {"pass": "applications/ws", "h2c": true}},
                 "routes": [{"action": {"proxy": "http://127.0.0.1:%d"}}], "applications": {"ws": %s}}"""
                .formatted(ports.get(0), ports.get(1), ports.get(2), ports.get(0), server.python("websocket", "ws")));
            // The suite speaks HTTP/1.1 only.
            try (Http2Bridge bridge = new Http2Bridge(ports.get(2))) {
                run(server, ports, bridge.port(), suite, jython);
            }
        }
    }

    private static void run(TestServer server, List<Integer> ports, int http2, Path suite, Path jython)
            throws Exception {
        Path file = server.base().resolve("results.json");
        JsonArray groups = new JsonArray();
        groups.add(group("direct", ports.get(0), false, "1.*", "2.*", "3.*", "4.*", "5.*", "6.*", "7.*", "10.*"));
        groups.add(group("proxy", ports.get(1), false, "1.1.*", "2.*", "3.*", "4.*", "5.*", "7.1.*", "7.3.*"));
        groups.add(group("deflate", ports.get(0), true, "1.*", "5.*"));
        groups.add(group("http2", http2, false, "1.1.*", "1.2.*", "2.*", "3.*", "4.*", "5.*", "6.1.*",
            "6.2.*", "6.3.*", "7.1.*", "7.3.*", "7.5.*", "7.7.*", "10.*"));
        JsonObject order = new JsonObject();
        order.add("groups", groups);
        order.addProperty("results", file.toString());
        Distribution.Result run = Distribution.run(server.base(), Map.of(), PATIENCE,
            Path.of(System.getProperty("java.home"), "bin/java").toString(), "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC", "-Xmx512m", "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow", "--add-opens=java.base/java.lang=ALL-UNNAMED",
            "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED", "--add-opens=java.base/java.io=ALL-UNNAMED",
            "-Dpython.import.site=false", "-Dpython.cachedir.skip=true", "-cp", suite + ":" + jython,
            "org.python.util.jython", server.app("autobahn").resolve("client.py").toString(), suite.toString(),
            new Gson().toJson(order));
        assertEquals(0, run.code(), run.out() + run.err());
        results = JsonParser.parseString(Files.readString(file)).getAsJsonArray();
    }

    private static JsonObject group(String agent, int port, boolean deflate, String... cases) {
        JsonObject group = new JsonObject();
        group.addProperty("agent", agent);
        group.addProperty("url", "ws://127.0.0.1:" + port + "/echo");
        group.addProperty("deflate", deflate);
        JsonArray patterns = new JsonArray();
        List.of(CASES.isEmpty() ? cases : CASES.split(",")).forEach(patterns::add);
        group.add("cases", patterns);
        return group;
    }

    @ParameterizedTest
    @CsvSource({"direct, 247", "proxy, 68", "deflate, 36", "http2, 100"})
    void eachCasePasses(String agent, int cases) {
        List<String> bad = new ArrayList<>();
        int run = 0;
        for (JsonElement element : results) {
            JsonObject result = element.getAsJsonObject();
            if (result.get("agent").getAsString().equals(agent)) {
                run++;
                if (!GOOD.contains(result.get("behavior").getAsString())
                    || !GOOD.contains(result.get("behaviorClose").getAsString())) {
                    bad.add(result.toString());
                }
            }
        }
        assertEquals(List.of(), bad);
        assertTrue(run == cases || !CASES.isEmpty(), run + " cases");
    }
}
