// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.regex.Matcher;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The web console of the real distribution, from outside: who gets in, and what they may do there. */
class ConsoleIT {
    private static final List<String> PAGES = List.of("overview", "processes", "applications", "modules", "routes",
        "configuration", "certificates", "events");

    private static final String CACHE = Distribution.HOME.resolve("lib/aot/console.aot").toString();

    private static TestServer server;
    private static boolean cached;

    @BeforeAll
    static void start() throws IOException {
        // The last one that is made; without it margay-aot has failed, and with that the build.
        cached = Files.exists(Path.of(CACHE));
        server = ConsoleClient.start("external");
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    private static Response ask(String method, String path, String body, String... fields) throws IOException {
        return new ConsoleClient(server).ask(method, path, body, fields);
    }

    @Test
    void withoutTheOptionThereIsNothingOfIt() throws IOException {
        try (TestServer without = TestServer.speaking()) {
            String bundles = without.control().get("/control/inspect/main/bundles").text();
            assertTrue(bundles.contains("io.margay.main"), bundles);
            for (String name : List.of("console", "jetty", "servlet", "slf4j", "configadmin", "inventory")) {
                assertFalse(bundles.contains(name), name);
            }
            String jars = Distribution.HOME.resolve("console").toString();
            assertTrue(Files.isDirectory(Path.of(jars)));
            assertFalse(maps(without).contains(CACHE));
            try (Stream<Path> open = Files.list(Path.of("/proc/" + without.pid() + "/fd"))) {
                for (Path link : open.toList()) {
                    assertFalse(target(link).startsWith(jars), link.toString());
                }
            }
        }
    }

    private static String maps(TestServer of) throws IOException {
        return Files.readString(Path.of("/proc/" + of.pid() + "/maps"));
    }

    /** Where a boot cache was made, its part for the console is used, and so are its classes. */
    @Test
    void whatItLoadsComesFromTheBootCache() throws IOException {
        assumeTrue(cached, "no boot caches had been made");
        assertTrue(maps(server).contains(CACHE));
        String bundles = server.control().get("/control/inspect/main/bundles").text();
        assertTrue(bundles.contains("org.apache.felix.http.jetty"), bundles);
        assertFalse(server.log().contains("SLF4J") || server.log().contains("Ignoring new plugin"), server.log());
    }

    private static String target(Path link) throws IOException {
        try {
            return Files.readSymbolicLink(link).toString();
        } catch (NoSuchFileException e) {
            // It was closed meanwhile.
            return "";
        }
    }

    @Test
    void wrongAddressesAreRefusedByTheNameOfTheOption() throws Exception {
        for (String address : List.of("0.0.0.0:9000", "*:9000", "[::]:9000", "nowhere", "unix:@abstract")) {
            Path base = TestServer.directory();
            Process process = new ProcessBuilder(Distribution.unitd(), "--no-daemon", "--console", address,
                "--control", "unix:" + base.resolve("control.sock"), "--statedir", base.resolve("state").toString(),
                "--log", base.resolve("log").toString(), "--pid", base.resolve("pid").toString(), "--tmpdir",
                base.resolve("tmp").toString()).redirectErrorStream(true).start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertEquals(1, process.waitFor(), output);
            assertTrue(output.contains("option \"--console\": \"" + address + "\""), output);
            Guests.delete(base);
        }
    }

    @Test
    void theOwnerOfTheSocketIsInAndForeignNamesAreOut() throws IOException {
        Path socket = server.base().resolve("console.sock");
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)));
        Path users = server.base().resolve("state/console.users");
        Await.until("the first user is there", () -> Files.exists(users));
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(users)));
        for (String page : PAGES) {
            Response html = ask("GET", "/" + page, "");
            assertEquals(200, html.status(), page);
            String policy = html.header("Content-Security-Policy").orElse("");
            assertTrue(policy.contains("script-src 'self';") && !policy.contains("unsafe"), policy);
            assertFalse(html.text().replaceAll("<script type=\"(module|application/json)\"", "")
                .contains("<script"), page);
            Response json = ask("GET", "/" + page + ".json", "");
            assertEquals(200, json.status(), page);
            assertFalse(json.text().contains("\"error\":\"The server"), json.text());
        }
        for (String page : List.of("bundles", "components", "services", "configMgr", "logs")) {
            assertEquals(200, ask("GET", "/" + page, "").status(), page);
        }
        String dump = ask("GET", "/status-margay.txt", "").text();
        assertTrue(dump.contains("\"accepted\"") && dump.contains("\"applications\""), dump);
        for (String host : List.of("evil.example", "evil.example:80", "localhost.evil.example", "127.0.0.1.evil")) {
            Response refused = ask("GET", "/overview", "", "Host: " + host);
            assertEquals(403, refused.status(), host);
            assertFalse(refused.text().contains("data-token"), host);
        }
        assertEquals(200, ask("GET", "/overview", "", "Host: 127.0.0.1:8080").status());
    }

    @Test
    void aChangeNeedsTheTokenAndComesFromHere() throws IOException {
        Matcher token = ConsoleClient.TOKEN.matcher(ask("GET", "/configuration", "").text());
        assertTrue(token.find());
        String proof = "X-CSRF-Token: " + token.group(1);
        String tag = server.control().get("/config").header("ETag").orElseThrow();
        String order = "{\"action\":\"apply\",\"text\":\"{\\\"applications\\\":{},\\\"listeners\\\":{},"
            + "\\\"settings\\\":{\\\"http\\\":{\\\"body_read_timeout\\\":7}}}\",\"tag\":"
            + tag.replace("\"", "\\\"").replaceAll("^|$", "\"") + "}";
        String before = server.control().get("/config").text();
        server.expect("refused");
        assertEquals(403, ask("POST", "/configuration", order).status());
        assertEquals(403, ask("POST", "/configuration", order, "X-CSRF-Token: wrong").status());
        assertEquals(403, ask("POST", "/configuration", order, proof, "Origin: http://evil.example")
            .status());
        assertEquals(403, ask("POST", "/configuration", order, proof, "Sec-Fetch-Site: cross-site")
            .status());
        assertEquals(403, ask("POST", "/bundles", "action=stop", "Content-Type:"
            + " application/x-www-form-urlencoded").status());
        assertEquals(before, server.control().get("/config").text());
        Response good = ask("POST", "/configuration", order, proof, "Origin: http://localhost");
        assertEquals(200, good.status(), good.text());
        assertTrue(server.control().get("/config").text().contains("body_read_timeout"));
        // The tag is of before: somebody has changed it since.
        assertEquals(412, ask("POST", "/configuration", order, proof).status());
    }

    @Test
    void environmentsStayOnTheServerAndSurviveAnEdit() throws IOException {
        server.control().apply("/config/applications", "{\"a\": {\"type\": \"external\", \"executable\":"
            + " \"/bin/false\", \"processes\": {\"spare\": 0, \"max\": 1}, \"environment\": {\"KEY\":"
            + " \"s3cret-value\"}}}");
        for (String page : List.of("configuration", "applications", "overview", "processes")) {
            String json = ask("GET", "/" + page + ".json", "").text();
            assertFalse(json.contains("s3cret-value"), page);
        }
        Matcher token = ConsoleClient.TOKEN.matcher(ask("GET", "/configuration", "").text());
        assertTrue(token.find());
        String tag = server.control().get("/config").header("ETag").orElseThrow().replace("\"", "\\\"");
        String text = server.control().get("/config").text().replace("s3cret-value", "(not shown)")
            .replace("/bin/false", "/bin/true").replace("\"", "\\\"").replaceAll("[\\r\\n\\t]", " ");
        Response reply = ask("POST", "/configuration", "{\"action\":\"apply\",\"text\":\"" + text
            + "\",\"tag\":\"" + tag + "\"}", "X-CSRF-Token: " + token.group(1));
        assertEquals(200, reply.status(), reply.text());
        String now = server.control().get("/config").text();
        assertTrue(now.contains("s3cret-value") && now.contains("/bin/true"), now);
    }

    private static HttpResponse<String> login(HttpClient client, String base, String user, String password)
            throws IOException, InterruptedException {
        return client.send(HttpRequest.newBuilder(URI.create(base + "/login")).header("Content-Type",
            "application/x-www-form-urlencoded").POST(HttpRequest.BodyPublishers.ofString("user=" + user
                + "&password=" + URLEncoder.encode(password, StandardCharsets.UTF_8))).build(),
            HttpResponse.BodyHandlers.ofString());
    }

    private static HttpResponse<String> get(HttpClient client, String address, String... fields)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(address));
        if (fields.length > 0) {
            request.headers(fields);
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void passwordsRolesAndAThousandGuesses() throws Exception {
        int port = Distribution.freePorts(1).getFirst();
        String base = "http://127.0.0.1:" + port + ConsoleClient.ROOT;
        try (TestServer other = TestServer.speaking(List.of("--console", "127.0.0.1:" + port));
                HttpClient client = HttpClient.newHttpClient()) {
            other.awaitLog("console: at 127\\.0\\.0\\.1:" + port);
            Matcher shown = other.awaitLog("the password of \"admin\" is (\\w{24}) ");
            assertEquals(401, get(client, base + "/overview.json").statusCode());
            assertEquals(303, get(client, base + "/overview", "Accept", "text/html").statusCode());
            HttpResponse<String> in = login(client, base, "admin", shown.group(1));
            assertEquals(303, in.statusCode(), in.body());
            String cookie = in.headers().firstValue("Set-Cookie").orElseThrow();
            assertTrue(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), cookie);
            String session = cookie.split(";")[0];
            assertEquals(200, get(client, base + "/overview.json", "Cookie", session).statusCode());
            Path users = other.base().resolve("state/console.users");
            Files.writeString(users, Files.readString(users) + "guest read plain:looks only\n");
            HttpResponse<String> guest = login(client, base, "guest", "looks only");
            assertEquals(303, guest.statusCode(), guest.body());
            assertFalse(Files.readString(users).contains("looks only"));
            String reader = guest.headers().firstValue("Set-Cookie").orElseThrow().split(";")[0];
            String page = get(client, base + "/applications", "Cookie", reader).body();
            Matcher token = ConsoleClient.TOKEN.matcher(page);
            assertTrue(token.find() && page.contains("data-role=\"read\""), page);
            other.expect("refused");
            for (String target : List.of("applications", "bundles", "configMgr")) {
                HttpResponse<String> refused = client.send(HttpRequest.newBuilder(URI.create(base + "/" + target))
                    .headers("Cookie", reader, "X-CSRF-Token", token.group(1)).POST(
                        HttpRequest.BodyPublishers.ofString("{}")).build(), HttpResponse.BodyHandlers.ofString());
                assertEquals(403, refused.statusCode(), target);
            }
            int slowed = 0;
            Http guesses = Http.tcp(port);
            try {
                for (int i = 0; i < 1000; i++) {
                    String guess = "user=admin&password=guess" + i;
                    Response said = guesses.exchange("POST " + ConsoleClient.ROOT + "/login HTTP/1.1\r\n"
                        + "Host: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
                        + "Content-Length: " + guess.length() + "\r\n\r\n" + guess);
                    assertTrue(said.status() == 401 || said.status() == 429, said.statusLine());
                    slowed += said.status() == 429 ? 1 : 0;
                    if (said.header("Connection").orElse("").equalsIgnoreCase("close")) {
                        guesses.close();
                        guesses = Http.tcp(port);
                    }
                }
            } finally {
                guesses.close();
            }
            assertTrue(slowed > 950, slowed + " of 1000 were slowed");
            other.awaitLog("console: 4 wrong passwords from 127\\.0\\.0\\.1");
            // Whoever is in stays in.
            assertEquals(200, get(client, base + "/overview.json", "Cookie", session).statusCode());
            assertFalse(get(client, base + "/events.json", "Cookie", session).body().contains(shown.group(1)));
        }
    }
}
