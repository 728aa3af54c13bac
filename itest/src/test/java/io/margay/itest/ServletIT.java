// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Web applications in Java: one that has one of each. */
@Timeout(180)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ServletIT {

    private static final int MEGABYTE = 1 << 20;
    private static final String PLAIN = "\"threads\": 8";
    /** For a few requests a JVM compiles less; users have those of {@link #PLAIN}. */
    private static final String BRIEF = PLAIN + ", \"options\": [\"-XX:TieredStopAtLevel=1\"]";

    private static TestServer server;
    private static Path webapp;
    private static int port;
    private static String running = "";

    @BeforeAll
    static void start() throws IOException {
        Path base = TestServer.directory();
        ClassArchives.none(base.resolve("state"));
        server = TestServer.speaking(base, List.of(), "java");
        port = Distribution.freePorts(1).getFirst();
        webapp = WebApps.directory(server, "servlets");
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    /** Most tests are content with the same process, as the start of a JVM takes a while. */
    @BeforeEach
    void plain() throws IOException {
        configure(webapp, "java", BRIEF);
    }

    private static void configure(Path path, String type, String options) throws IOException {
        String pass = "\": {\"pass\": \"applications/site\"}";
        String config = "{\"listeners\": {\"127.0.0.1:" + port + pass + ", \"[::1]:" + port + pass + ", \"unix:"
            + server.base().resolve("site.sock") + pass
            + "}, \"settings\": {\"http\": {\"max_body_size\": 33554432}}, \"applications\": {\"site\": {\"type\": \""
            + type + "\", \"webapp\": \"" + path + "\", " + options + "}}}";
        if (!config.equals(running)) {
            server.control().apply("/config", config);
            running = config;
        }
    }

    private static Response get(String target, String... fields) throws IOException {
        try (Http http = Http.tcp(port)) {
            StringBuilder head = new StringBuilder("GET " + target + " HTTP/1.1\r\nHost: shop.example:81\r\n");
            for (String field : fields) {
                head.append(field).append("\r\n");
            }
            return http.exchange(head.append("\r\n").toString());
        }
    }

    @Test
    void theRequestIsTheClients() throws Exception {
        String hello = get("/hello?a=b%20c", "X-Twice: 1", "X-Twice: 2", "margay-client: https 6.6.6.6 6.6.6.6 6")
            .text();
        assertTrue(hello.startsWith("http false 127.0.0.1 0 " + port + " http://shop.example:81/hello a=b%20c [Host, "
            + "X-Twice] [1, 2] null "), hello);
        String request = "GET /hello HTTP/1.1\r\nHost: h\r\n\r\n";
        try (Http six = Http.tcp6(port); Http unix = Http.unix(server.base().resolve("site.sock"))) {
            hello = six.exchange(request).text();
            assertTrue(hello.startsWith("http false [0:0:0:0:0:0:0:1] 0 " + port + " http://h/hello null "), hello);
            hello = unix.exchange(request).text();
            assertTrue(hello.startsWith("http false unix: -1 -1 http://h/hello null "), hello);
        }
    }

    @Test
    void requestsRunInVirtualThreads() throws Exception {
        assertEquals("true", get("/thread").text());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 20_000, 10 * MEGABYTE})
    void bodiesComeBack(int size) throws Exception {
        byte[] body = new byte[size];
        new Random(size).nextBytes(body);
        try (Http http = Http.tcp(port)) {
            http.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: " + size + "\r\n\r\n");
            http.send(body);
            Response response = http.response(false);
            assertEquals(200, response.status());
            assertArrayEquals(body, response.body());
        }
    }

    @Test
    void sessionsFiltersPagesAndErrors() throws Exception {
        Response first = get("/count");
        assertEquals("1", first.text());
        assertEquals(List.of("X-Mark: a", "X-Mark: b"),
            first.headers().stream().filter(line -> line.startsWith("X-Mark:")).toList());
        String cookie = first.header("Set-Cookie").orElseThrow();
        assertTrue(cookie.startsWith("JSESSIONID=") && cookie.contains("HttpOnly"), cookie);
        assertEquals("2", get("/count", "Cookie: " + cookie.split(";")[0]).text());
        assertEquals("1", get("/count").text());

        assertEquals("Welcome a b 42\n", get("/").text());
        assertEquals(404, get("/nothing").status());
        assertEquals(404, get("/WEB-INF/web.xml").status());
        assertEquals(404, get("/a/../WEB-INF/web.xml").status());
        Response teapot = get("/fail?418");
        assertEquals(418, teapot.status());
        assertEquals("trouble 418", teapot.text());
        server.expect("^\\s+at ");
        assertEquals(500, get("/fail?throw").status());
        server.awaitLog("no such luck");
    }

    @Test
    void whatIsSuspendedIsWoken() throws Exception {
        try (Http waiting = Http.tcp(port)) {
            waiting.send("GET /wait HTTP/1.1\r\nHost: h\r\n\r\n");
            assertEquals(200, get("/wake").status());
            assertEquals("woken", waiting.response(false).text());
        }
    }

    @Test
    void webSockets() throws Exception {
        assertEquals("echo hi", Inbox.exchange(port, "hi"));
    }

    @Test
    void anArchiveInTwoProcessesIsRestartedUnderLoad() throws Exception {
        configure(WebApps.archive(webapp), "java", "\"threads\": 4, \"thread_stack_size\": 262144, \"processes\": 2, "
            + "\"options\": [\"-Xmx64m\", \"-Dsite.name=a $b\"]");
        int before = server.log().length();
        Set<String> pids = ConcurrentHashMap.newKeySet();
        try (Load load = Load.start(port, "/hello", 4, response -> {
            String[] words = response.text().split(" ");
            assertTrue(response.text().contains(" a $b "), response.text());
            pids.add(words[words.length - 1]);
        })) {
            load.awaitMore(100);
            Await.until("both work", () -> pids.size() == 2);
            assertEquals("false", get("/thread").text(), "virtual threads have no stack of that size");
            assertEquals(200, server.control().get("/control/applications/site/restart").status());
            load.awaitMore(100);
            assertEquals(List.of(), load.stop());
        }
        Await.until("the old ones leave in peace", () -> {
            String log = server.log().substring(before);
            return pids.size() >= 3 && log.split("site ends\n", -1).length >= 3
                && log.split("exited with code 0\n", -1).length >= 3;
        });
    }

    /** The first, so that the processes of all others have it. */
    @ParameterizedTest
    @ValueSource(strings = {"java", "java 17"})
    @Order(1)
    @Timeout(420)
    void aFurtherProcessHasTheArchiveOfClasses(String type) throws Exception {
        assumeTrue(type.equals("java") || Files.isExecutable(Path.of("/usr/lib/jvm/java-17-openjdk-amd64/bin/java")),
            "no Java 17");
        configure(webapp, type, PLAIN);
        String first = get("/hello").text();
        String version = type.equals("java") ? "[^ ]+" : "17[^ ]+";
        // Otherwise that gets what the others leave of the processors, which may be nothing for minutes.
        Matcher made = Await.value("the archive is made", Await.PATIENCE.multipliedBy(10), () -> {
            server.hastenPreparations();
            Matcher matcher = Pattern.compile("java-" + version + " was prepared in \\d+ ms").matcher(server.log());
            return matcher.find() ? Optional.of(matcher) : Optional.empty();
        });
        String file = made.group().split(" ")[0];
        assertEquals(200, server.control().get("/control/applications/site/restart").status());
        Await.until("another process serves", () -> {
            String hello = get("/hello").text();
            return !hello.equals(first)
                && Files.readString(Path.of("/proc", pid(hello), "maps")).contains("/prepared/" + file);
        });
        // Who says something of archives has none of the server's, and no contradiction that ends the runtime.
        configure(webapp, type, PLAIN + ", \"options\": [\"-Xshare:auto\"]");
        assertFalse(Files.readString(Path.of("/proc", pid(get("/hello").text()), "maps")).contains("/prepared/"));
    }

    private static String pid(String hello) {
        return hello.substring(hello.lastIndexOf(' ') + 1).strip();
    }

    /** A JVM takes a second to start; the old one serves meanwhile. */
    @Test
    void aRestartLeavesNoGap() throws Exception {
        AtomicBoolean over = new AtomicBoolean();
        CompletableFuture<Long> longest = CompletableFuture.supplyAsync(() -> {
            long most = 0;
            try (Http http = Http.tcp(port)) {
                while (!over.get()) {
                    long begun = System.nanoTime();
                    assertEquals(200, http.exchange("GET /hello HTTP/1.1\r\nHost: h\r\n\r\n").status());
                    most = Math.max(most, System.nanoTime() - begun);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return most;
        });
        String before = get("/hello").text();
        long begun = System.nanoTime();
        assertEquals(200, server.control().get("/control/applications/site/restart").status());
        long restart = System.nanoTime() - begun;
        over.set(true);
        assertTrue(longest.get() < restart / 2, longest.get() + " of " + restart + " ns");
        assertNotEquals(before, get("/hello").text(), "another process");
    }

    @Test
    void whatDoesNotStartAnewIsGoneAsInUnit() throws Exception {
        Path copy = server.base().resolve("webapps/changed");
        WebApps.copy(webapp, copy);
        configure(copy, "java", PLAIN);
        server.expect("failed to start|^\\s+at |Unhandled exception|\\[alert\\].*restart|exited with code 1");
        Path descriptor = copy.resolve("WEB-INF/web.xml");
        String good = Files.readString(descriptor);
        Files.writeString(descriptor, good.replace("site.Site$Trouble", "no.Such"));
        assertEquals(500, server.control().get("/control/applications/site/restart").status());
        assertEquals(503, get("/hello").status());
        Files.writeString(descriptor, good);
        assertEquals(200, server.control().get("/control/applications/site/restart").status());
        assertEquals(200, get("/hello").status());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '!', value = {
        "/nonexistent!!Unable to determine code source archive from /nonexistent",
        "text.war!hello!is neither a directory nor a .war file",
        "broken.war!PK\u0003\u0004broken!Unhandled exception in application start",
        "xml!<web-app!Unhandled exception in application start",
        "class!<web-app><servlet><servlet-name>a</servlet-name><servlet-class>no.Such</servlet-class></servlet>"
            + "<servlet-mapping><servlet-name>a</servlet-name><url-pattern>/a</url-pattern></servlet-mapping>"
            + "</web-app>!java.lang.ClassNotFoundException: no.Such"})
    void whatIsNoApplicationIsRefused(String name, String content, String why) throws Exception {
        Path path = server.base().resolve("webapps").resolve(name);
        if (name.endsWith(".war")) {
            Files.writeString(path, content);
        } else if (content != null) {
            Files.writeString(Files.createDirectories(path.resolve("WEB-INF")).resolve("web.xml"), content);
        }
        refused("\"webapp\": \"" + path + "\"", why);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '!', value = {
        "\"options\": [\"-Xnonsense\"]!Unrecognized option: -Xnonsense",
        "\"classpath\": [\"not/here\"]!realpath(not/here) failed"})
    void whatTheJvmRefusesIsRefused(String options, String why) throws Exception {
        refused("\"webapp\": \"" + webapp + "\", " + options, why);
    }

    private static void refused(String options, String why) throws Exception {
        server.expect("failed to start|failed to apply|start of|^\\s+at |\\|\\s+at ");
        int before = server.log().length();
        Response response = server.control().put("/config/applications/bad", "{\"type\": \"java\", " + options + "}");
        assertEquals(500, response.status(), response.text());
        Await.until("somebody says why", () -> (response.text().replace("\\\"", "\"") + server.log().substring(before))
            .contains(why));
        assertFalse(get("/hello").text().isEmpty());
    }
}
