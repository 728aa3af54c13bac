// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import io.margay.testing.SchemaFiles;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each mistake gets an answer that names it, and nothing else is disturbed ({@code spec/control-api.md §5, §7}). */
@Timeout(120)
class BadInputIT {
    private static TestServer server;
    private static int port;
    private static int other;
    private static String good;

    @BeforeAll
    static void start() throws IOException {
        server = TestServer.speaking("python");
        server.expect("failed to apply new conf");
        List<Integer> ports = Distribution.freePorts(2);
        port = ports.get(0);
        other = ports.get(1);
        server.control().apply("/config", """
            {"settings": {"http": {"header_read_timeout": 2, "body_read_timeout": 2}},
             "listeners": {"127.0.0.1:%d": {"pass": "applications/probe"}},
             "applications": {"probe": %s}}""".formatted(port, server.python("probe", "wsgi")));
        good = server.control().get("/config").text();
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    /** {@return the reply to a refused change, after it was looked that all is as before} */
    private static String refused(int status, String path, String body) throws IOException {
        Response response = server.control().put(path, body);
        assertEquals(status, response.status(), response.text());
        assertEquals(good, server.control().get("/config").text());
        assertEquals(404, Http.get(port, "/nothing").status());
        return response.text();
    }

    private static String detail(String reply) {
        int begin = reply.indexOf("\"detail\": \"");
        assertTrue(begin >= 0, "no detail: " + reply);
        return reply.substring(begin + 11, reply.indexOf('\n', begin));
    }

    @Test
    void wrongJsonHasALocation() throws IOException {
        String reply = refused(400, "/config", "{\"listeners\": {},\n  \"routes\": oops}");
        assertTrue(reply.contains("\"Invalid JSON.\""), reply);
        assertTrue(!detail(reply).isEmpty());
        assertTrue(reply.replaceAll("\\s", "").contains("\"line\":2,\"column\":13"), reply);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "/config/applications/probe/treads | 1        | treads    | \"suggestion\": \"threads\"",
        "/config/listenrs                  | {}       | listenrs  | \"suggestion\": \"listeners\"",
        "/config/applications/probe/threads | \"x\"   | threads   | integer",
        "/config/listeners/nonsense        | {\"pass\": \"applications/probe\"} | nonsense | address",
        "/config/applications/other | {\"type\": \"pyton\", \"module\": \"x\"} | pyton | "
            + "\"path\": \"/applications/other/type\"",
        "/config/applications/other        | {\"type\": \"python\"} | module | \"path\": \"/applications/other\"",
        "/config/routes | [{\"action\": {\"pass\": \"applications/none\"}}] | applications/none | "
            + "\"path\": \"/routes/0/action/pass\""
    })
    void wrongOptionsAreNamed(String path, String body, String option, String hint) throws IOException {
        String reply = refused(400, path, body);
        assertTrue(reply.contains("\"Invalid configuration.\""), reply);
        assertTrue(detail(reply).contains(option), reply);
        assertTrue(reply.contains(hint), reply);
    }

    private static void brokenApplication(String module, String log, String... members) throws IOException {
        server.expect("\\[unit\\] ");
        String reply = refused(500, "/config/applications/broken", server.python("broken", module, members));
        assertTrue(reply.contains("\"Failed to apply new configuration.\""), reply);
        assertTrue(detail(reply).contains("broken"), reply);
        server.awaitLog(log);
        Await.until("no process of it is left", () -> server.processes().values().stream()
            .noneMatch(title -> title.startsWith("unit: \"broken\"")));
    }

    /** A number that is too large for this machine is refused by name; any other is only a number. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "/config/settings/listen_threads | 100000 | must not exceed",
        "/config/applications/probe/processes | 100000 | must not exceed 10000",
        "/config/applications/probe/processes | {\"max\": 100000, \"spare\": 100000} | must not exceed 10000",
        "/config/applications/probe/threads | 100000 | must not exceed 1000",
        "/config/applications/probe/thread_stack_size | 100000 | multiple of the system page size",
        "/config/applications/probe/limits | {\"shm\": 100000} | No installed bundle supports",
        "/config/routes | [{\"action\": {\"return\": 100000}}] | out of allowed HTTP status code range"
    })
    void numbersThatCannotBeAreRefused(String path, String body, String reason) throws IOException {
        assertTrue(detail(refused(400, path, body)).contains(reason));
    }

    @ParameterizedTest
    @ValueSource(strings = {"header_read_timeout", "body_read_timeout", "send_timeout", "idle_timeout",
        "max_body_size", "body_buffer_size", "max_response_header_size"})
    void otherNumbersAreHarmless(String option) throws IOException {
        String before = server.control().get("/config/settings/http").text();
        server.control().apply("/config/settings/http/" + option, "100000");
        assertEquals(404, Http.get(port, "/nothing").status());
        server.control().apply("/config/settings/http", before);
    }

    /** A configuration with each number that there is, but those of languages that are not installed here. */
    private static final String NUMBERS = """
        {"settings": {"listen_threads": 1,
           "http": {"header_read_timeout": 2, "body_read_timeout": 2, "send_timeout": 9, "idle_timeout": 9,
             "body_min_rate": 0, "send_min_rate": 0, "large_header_buffer_size": 9000, "large_header_buffers": 4,
             "body_buffer_size": 9000, "max_body_size": 9000, "max_response_header_size": 9000,
             "compression": {"compressors": [{"encoding": "gzip", "level": 1, "min_length": 9}]},
             "websocket": {"max_frame_size": 9000, "read_timeout": 9, "keepalive_interval": 9}},
           "telemetry": {"endpoint": "http://127.0.0.1:1/", "protocol": "http", "batch_size": 9,
             "sampling_ratio": 0.5}},
         "access_log": {"path": "%1$s/access.log", "rotate": {"size": 9000, "keep": 2}},
         "listeners": {"127.0.0.1:%2$d": {"pass": "applications/probe"}, "127.0.0.1:%3$d": {"pass": "routes",
           "backlog": 9, "tls": {"certificate": "it", "session": {"cache_size": 9, "timeout": 9},
             "client": {"ca": "it", "depth": 2}}}},
         "upstreams": {"u": {"connect_timeout": 9, "send_timeout": 9, "response_timeout": 9, "read_timeout": 9,
           "keepalive_timeout": 9, "retry": {"tries": 2, "timeout": 9},
           "health_check": {"interval": 9, "timeout": 9, "fails": 2, "passes": 2, "status": 204},
           "servers": {"127.0.0.1:1": {"weight": 1.5, "max_fails": 2, "fail_timeout": 9, "max_conns": 9,
             "slow_start": 9}}}},
         "schedules": {"s": {"interval": 9000, "jitter": 1, "timeout": 9, "pass": "routes"}},
         "routes": [{"match": {"uri": "/proxy"}, "action": {"proxy": "http://127.0.0.1:1", "connect_timeout": 9,
             "send_timeout": 9, "response_timeout": 9, "read_timeout": 9, "keepalive_timeout": 9}},
           {"action": {"return": 200, "maintenance": {"retry_after": 9}, "auth_jwt": {"leeway": 9,
               "keys": {"keys": [{"kty": "oct", "k": "%4$s"}]}, "algorithms": "HS256"},
             "auth_request": {"action": {"proxy": "http://127.0.0.1:1"}, "timeout": 9},
             "cache_control": {"max_age": 9}, "cors": {"origins": "*", "max_age": 9},
             "security_headers": {"hsts": {"max_age": 9}}, "max_body_size": 9000,
             "limit_req": {"rate": 9, "burst": 9}, "limit_conn": {"connections": 9}}}],
         "applications": {"probe": %5$s}}""";
    /** Of these languages or their wires; each is read as the others are. */
    private static final Set<String> ELSEWHERE = Set.of("concurrency", "memory", "worker_memory", "shm");

    /** Each number of a tree, by its pointer. */
    private static void numbers(JsonElement at, String pointer, Map<String, JsonElement> found) {
        switch (at) {
            case JsonObject object -> object.entrySet().forEach(member -> numbers(member.getValue(), pointer + "/"
                + member.getKey().replace("/", "%2F"), found));
            case JsonArray array -> {
                for (int i = 0; i < array.size(); i++) {
                    numbers(array.get(i), pointer + "/" + i, found);
                }
            }
            case JsonPrimitive value when value.isNumber() -> found.put(pointer, value);
            default -> { }
        }
    }

    /** The names of all options that are numbers, of any bundle; keys of JWT have members of any type. */
    private static void options(JsonElement schema, String name, Set<String> names) {
        if (schema instanceof JsonObject object) {
            String type = object.has("type") ? object.get("type").toString() : "";
            if (type.matches(".*(integer|number).*") && !type.contains("null")) {
                names.add(name);
            }
            object.entrySet().forEach(member -> options(member.getValue(), member.getKey().matches("values|elements")
                ? name : member.getKey(), names));
        }
    }

    @Test
    void anyNumberMayBeFarTooLarge() throws Exception {
        OpenSsl ssl = new OpenSsl(Files.createDirectories(server.base().resolve("pem")));
        ssl.selfSigned("it", "rsa:2048");
        server.control().apply("/certificates/it", ssl.join("it.crt", "it.key"));
        String probe = server.python("probe", "wsgi", "\"threads\": 1", "\"thread_stack_size\": 131072",
            "\"processes\": {\"max\": 1, \"spare\": 1, \"idle_timeout\": 9}", "\"limits\": {\"timeout\": 9, "
            + "\"start_timeout\": 9, \"stop_timeout\": 9, \"response_head\": 9000, \"requests\": 9}", """
            "isolation": {"namespaces": {"credential": true}, "uidmap": [{"container": 0, "host": 0, "size": 65535}]}
            """);
        String all = NUMBERS.formatted(server.base().resolve("tmp"), port, other, "c2VjcmV0".repeat(8), probe);
        try {
            server.control().apply("/config", all);
            Map<String, JsonElement> numbers = new TreeMap<>();
            numbers(JsonParser.parseString(all), "/config", numbers);
            Set<String> names = new TreeSet<>();
            SchemaFiles.all().values().forEach(file -> options(JsonParser.parseString(new String(file,
                StandardCharsets.UTF_8)), "", names));
            names.removeAll(ELSEWHERE);
            numbers.keySet().forEach(pointer -> names.removeAll(Set.of(pointer.split("/"))));
            assertEquals(Set.of(), names, "options that are not tried");
            for (Map.Entry<String, JsonElement> number : numbers.entrySet()) {
                Response response = server.control().put(number.getKey(), "100000");
                if (response.status() == 200) {
                    assertEquals(404, Http.get(port, "/nothing").status(), number.getKey());
                    server.control().apply(number.getKey(), number.getValue().toString());
                } else {
                    assertTrue(Set.of(400, 500).contains(response.status()) && !detail(response.text()).isEmpty(),
                        number.getKey() + " " + response.text());
                    assertEquals(404, Http.get(port, "/nothing").status(), number.getKey());
                }
            }
        } finally {
            server.control().apply("/config", good);
            server.control().delete("/certificates/it");
        }
    }

    /** Main starts processes and has a small heap; the kernel has a bound for what a program is started with. */
    @ParameterizedTest
    @CsvSource({"80, its configuration takes 80", "39, Argument list too long"})
    void anApplicationOfMegabytes(int values, String reason) throws IOException {
        server.expect("execve\\(.*\\) failed \\(7: Argument list too long\\)");
        server.expect("failed to apply new conf: failed to start prototype \"broken\"");
        StringBuilder environment = new StringBuilder("\"environment\": {");
        for (int i = 0; i < values; i++) {
            environment.append(i == 0 ? "" : ", ").append("\"V").append(i).append("\": \"")
                .append("x".repeat(100_000)).append('"');
        }
        String reply = refused(500, "/config/applications/broken", server.python("probe", "wsgi",
            environment.append('}').toString()));
        assertTrue(detail(reply).contains(reason), reply);
    }

    @Test
    void anApplicationWithoutItsModule() throws IOException {
        brokenApplication("absent", "ModuleNotFoundError: No module named 'absent'");
        brokenApplication("imports", "No module named 'nothing_of_that_name'");
    }

    @Test
    void anApplicationWithASyntaxError() throws IOException {
        brokenApplication("syntax", "syntax.py\", line 2[\\s\\S]+?SyntaxError");
    }

    @Test
    void anApplicationThatExitsAtImport() throws IOException {
        server.expect("the application exited while it was loaded");
        brokenApplication("exits", "app process \\d+ exited with code 5");
    }

    @Test
    void anApplicationWithoutItsCallable() throws IOException {
        brokenApplication("nocallable", "\"application\" from module \"nocallable\"");
    }

    @Test
    void anUnknownWorkingDirectory() throws IOException {
        server.expect("/not/there");
        String reply = refused(500, "/config/applications/lost",
            server.python("probe", "wsgi", "\"working_directory\": \"/not/there\""));
        assertTrue(detail(reply).contains("/not/there"), reply);
        server.awaitLog("/not/there");
    }

    @Test
    void anUnknownUserAndGroup() throws IOException {
        server.expect("nobody-like-this");
        for (String member : List.of("user", "group")) {
            String reply = refused(500, "/config/applications/account",
                server.python("probe", "wsgi", "\"" + member + "\": \"nobody-like-this\""));
            assertTrue(detail(reply).contains("nobody-like-this"), reply);
        }
        server.awaitLog("nobody-like-this");
    }

    @Test
    void aPortInUse() throws IOException {
        server.expect("98: Address already in use");
        try (ServerSocket socket = new ServerSocket(other, 1, InetAddress.getLoopbackAddress())) {
            String reply = refused(500, "/config/listeners/127.0.0.1:" + socket.getLocalPort(),
                "{\"pass\": \"applications/probe\"}");
            assertTrue(detail(reply).contains("Address already in use"), reply);
            assertTrue(detail(reply).contains(":" + other), reply);
            server.awaitLog("bind\\(.*127.0.0.1:" + other + ".*\\) failed \\(98: Address already in use\\)");
        }
        server.control().apply("/config/listeners/127.0.0.1:" + other, "{\"pass\": \"applications/probe\"}");
        server.control().delete("/config/listeners/127.0.0.1:" + other);
    }

    @Test
    void aUnixListenerInADirectoryThatDoesNotExist() throws IOException {
        server.expect("2: No such file or directory");
        Path path = server.base().resolve("no/such.sock");
        String reply = refused(500, "/config/listeners/unix:" + path.toString().replace("/", "%2F"),
            "{\"pass\": \"applications/probe\"}");
        assertTrue(detail(reply).contains("No such file or directory"), reply);
    }

    @Test
    void aClientThatSendsOneByteASecondGetsA408() throws IOException {
        try (Http slow = Http.tcp(port)) {
            long begin = System.nanoTime();
            byte[] head = "GET /a-long-path-that-takes-its-time HTTP/1.1\r\n".getBytes(
                StandardCharsets.ISO_8859_1);
            for (int i = 0; i < 8 && System.nanoTime() - begin < 1_800_000_000L; i++) {
                slow.send(new byte[] {head[i]});
                assertEquals(404, Http.get(port, "/nothing").status(), "others are served");
                LockSupport.parkNanos(500_000_000);
            }
            assertEquals(408, slow.response(false).status());
            long millis = (System.nanoTime() - begin) / 1_000_000;
            assertTrue(millis > 1500 && millis < 6000, millis + " ms");
            assertTrue(slow.closed());
        }
    }

    @Test
    void aBodyThatNeverComesGetsA408() throws IOException {
        try (Http slow = Http.tcp(port)) {
            slow.send("POST /input HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nabc");
            assertEquals(404, Http.get(port, "/nothing").status(), "others are served");
            assertEquals(408, slow.response(false).status());
        }
    }
}
