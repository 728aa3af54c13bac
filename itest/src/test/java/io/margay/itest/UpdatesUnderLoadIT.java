// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;

/**
 * The language, an action, a filter and the router itself, updated while clients of every sort are served: kept and new
 * connections, bodies on their way in and answers on their way out, over TCP, TLS, HTTP/2 and Unix sockets, by one
 * process of the application.
 */
@Timeout(600)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class UpdatesUnderLoadIT {
    private static final int UPDATES = 20;
    private static final int ROUTERS = 5;
    /** The hash of "secret", with 2^4 rounds. */
    private static final String USERS = "{\"ann\": \"$2y$04$nmjIbY5hFamoRlQcgzlpS.yk/ixrOmCOcWmSM7b7/W7EivY.HWndS\"}";
    private static final int SOCKETS = 1000;
    private static final int CHANGES = 100;
    private static final int PARTS = 60;
    private static final String BODY = "0123456789abcdef".repeat(1024);
    private static final String GET = "GET /%s HTTP/1.1\r\nHost: localhost\r\n\r\n";
    private static final String POST = "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + BODY.length()
        + "\r\n\r\n" + BODY;

    private static TestServer server;
    private static Path modules;
    private static int port;
    private static int tls;
    private static Path socket;

    @BeforeAll
    static void start() throws Exception {
        Path base = TestServer.directory();
        modules = Files.createDirectory(base.resolve("modules"));
        python("2.0.0", base);
        SwapJar.put(modules.resolve("swap.jar"), "1.0.0");
        server = TestServer.replacing(base, modules);
        List<Integer> ports = Distribution.freePorts(2);
        port = ports.getFirst();
        tls = ports.getLast();
        socket = base.resolve("listener.sock");
        Path pem = base.resolve("pem");
        Shell.run("openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=localhost -days 2 -keyout " + pem + " -out "
            + pem + ".crt && cat " + pem + ".crt >> " + pem);
        server.control().apply("/certificates/it", Files.readString(pem));
        server.control().apply("/config", """
            {"listeners": {"127.0.0.1:%d": {"pass": "routes"}, "unix:%s": {"pass": "routes"},
              "127.0.0.1:%d": {"pass": "routes", "tls": {"certificate": "it"}}},
             "routes": [{"match": {"uri": "/fixed"}, "action": {"hold": "a", "mark": true}},
               {"match": {"uri": "/secret"}, "action": {"return": 204, "auth_basic": {"users": %s}}},
               {"match": {"uri": "/changed"}, "action": {"return": 204}},
               {"action": {"pass": "applications/it"}}],
             "applications": {"it": %s}}""".formatted(port, socket, tls, USERS,
            server.python("replace", "replace", "\"processes\": 1")));
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    private static void python(String version, Path base) throws IOException {
        Path file = base.resolve("python.tmp");
        JarCopy.write(Tongue.PYTHON.bundle(), file, version, (entry, before) -> before);
        Files.move(file, modules.resolve("python.jar"), StandardCopyOption.REPLACE_EXISTING);
    }

    private static String parts() {
        StringBuilder all = new StringBuilder();
        for (int i = 0; i < PARTS; i++) {
            all.append("part %02d\n".formatted(i));
        }
        return all.toString();
    }

    /** Nobody is let in without the password, nor kept out with it, whatever the filter is compiled anew for. */
    private static String secret(Callers.Answers answers) throws IOException {
        try (Http without = Http.tcp(port); Http with = Http.tcp(port)) {
            int refused = without.exchange(GET.formatted("secret")).status();
            int served = with.exchange(GET.formatted("secret").replace("\r\n\r\n", "\r\nAuthorization: Basic "
                + "YW5uOnNlY3JldA==\r\n\r\n")).status();
            if (refused == 401 && served == 204) {
                answers.good();
                return "";
            }
            return refused + " without and " + served + " with the password";
        }
    }

    /** Action and filter are of one version. */
    private static String fixed(Response response, Callers.Answers answers) {
        String mark = response.header("X-Mark").orElse("");
        if (response.status() != 200 || !response.text().equals("a " + mark + " by " + mark)) {
            return response.statusLine() + " " + response.text() + " with " + mark;
        }
        answers.good();
        return "";
    }

    private static String kept(Http http, Callers.Answers answers) throws IOException {
        try (http) {
            String wrong = "";
            while (wrong.isEmpty() && answers.more()) {
                Response response = http.exchange(GET.formatted("fixed"));
                wrong = fixed(response, answers);
                if (response.header("Connection").orElse("").equalsIgnoreCase("close")) {
                    return wrong;
                }
            }
            return wrong;
        }
    }

    private static String secure(Callers.Answers answers) throws IOException {
        try (TlsClient client = TlsClient.connect(tls)) {
            int status = client.get("/fixed");
            if (status == 200) {
                answers.good();
            }
            return status == 200 ? "" : "status " + status;
        }
    }

    private static String http2(HttpClient client, Callers.Answers answers) throws IOException {
        HttpResponse<String> response = Http2IT.ask(client, tls, "/fixed", "");
        String mark = response.headers().firstValue("X-Mark").orElse("");
        if (response.statusCode() != 200 || !response.body().equals("a " + mark + " by " + mark)) {
            return response + " " + response.body() + " with " + mark;
        }
        HttpResponse<String> posted = Http2IT.ask(client, tls, "/echo", BODY);
        if (posted.statusCode() != 200 || !posted.body().equals(BODY)) {
            return posted + " with " + posted.body().length() + " characters";
        }
        answers.good();
        return "";
    }

    private static Callers callers(HttpClient http2) {
        return new Callers()
            .with("kept", 2, answers -> kept(Http.tcp(port), answers))
            .with("kept unix", 1, answers -> kept(Http.unix(socket), answers))
            .with("new", 1, answers -> {
                try (Http http = Http.tcp(port)) {
                    return fixed(http.exchange(GET.formatted("fixed")), answers);
                }
            })
            .with("new unix", 1, answers -> {
                try (Http http = Http.unix(socket)) {
                    return fixed(http.exchange(GET.formatted("fixed")), answers);
                }
            })
            .with("new tls", 1, UpdatesUnderLoadIT::secure)
            .with("http2", 1, answers -> http2(http2, answers))
            .with("secret", 1, UpdatesUnderLoadIT::secret)
            .with("posts", 2, answers -> Callers.keepAlive(Http.tcp(port), POST, BODY, answers))
            .with("posts unix", 1, answers -> Callers.keepAlive(Http.unix(socket), POST, BODY, answers))
            .with("streams", 2, answers -> Callers.keepAlive(Http.tcp(port), GET.formatted("stream"), parts(),
                answers));
    }

    private static Map<String, Integer> descriptors() throws IOException {
        Map<String, Integer> counts = new TreeMap<>();
        for (String title : new String[] {"unit: main", "unit: controller", "unit: router"}) {
            counts.put(title, TestServer.descriptors(server.await(title)));
        }
        return counts;
    }

    /** KiB of those that stay: a version that is not let go of costs each of them more with every update. */
    private static Map<String, Long> memory() throws IOException {
        Map<String, Long> sizes = new TreeMap<>();
        for (String title : new String[] {"unit: main", "unit: controller"}) {
            sizes.put(title, MemoryIT.kilobytes(server.await(title)));
        }
        return sizes;
    }

    private static void alone(String title) {
        Await.until("one " + title, Duration.ofSeconds(60), () ->
            server.processes().values().stream().filter(title::equals).count() == 1);
    }

    /** One at a time, the next when its version answers: up to the first router with all the load there can be. */
    @Test
    @Order(1)
    void twentyUpdatesTenOfActionAndFilterAndFiveRoutersFailNoRequest() throws Exception {
        Map<String, Integer> first = Map.of();
        Map<String, Long> light = Map.of();
        try (HttpClient client = Http2IT.client(); Callers callers = callers(client)) {
            callers.awaitMore(1);
            for (int i = 1; i <= UPDATES; i++) {
                python("2.0." + i, server.base());
                server.awaitLog("python.jar\": bundle io.margay.lang.python 2.0." + i + " takes the place");
                // Action and filter with every second of the language, and with each router.
                String swap = "1.0." + i / 2;
                if (i % 2 == 0) {
                    SwapJar.put(modules.resolve("swap.jar"), swap);
                }
                String version = "a " + swap + " by " + swap;
                Await.until(version, Duration.ofSeconds(20), () -> Http.get(port, "/fixed").text().equals(version));
                if (i % (UPDATES / ROUTERS) == 0) {
                    Response reply = server.control().get("/control/processes/router/restart");
                    assertEquals(200, reply.status(), reply.text());
                    assertEquals(version, Http.get(port, "/fixed").text(), "the new router has what the old one had");
                }
                callers.awaitMore(1);
                server.awaitLog("bundle io.margay.lang.python 2.0." + (i - 1) + " is uninstalled");
                if (i == UPDATES / ROUTERS) {
                    callers.gently();
                    alone("unit: router");
                    first = descriptors();
                    light = memory();
                }
            }
            alone("unit: router");
            Map<String, Integer> before = first;
            Await.until("no more descriptors than after the first router, " + before, () ->
                descriptors().entrySet().stream().allMatch(now -> now.getValue() <= before.get(now.getKey()) + 2));
            Map<String, Long> small = light;
            Await.until("main and controller are a third larger at most than " + small + " KiB", () ->
                memory().entrySet().stream().allMatch(now -> now.getValue() * 3 <= small.get(now.getKey()) * 4));
            Map<String, String> failed = callers.stop();
            System.out.print(callers.transcript() + "KiB " + light + " after " + UPDATES / ROUTERS + " updates, "
                + memory() + " after all" + System.lineSeparator());
            assertEquals(Map.of(), failed, "not one request failed");
        }
        alone("unit: \"it\" application");
    }

    /** What a change does not touch goes on. */
    @Test
    @Order(2)
    void aThousandWebSocketsSurviveAHundredChanges() throws Exception {
        HttpClient client = HttpClient.newHttpClient();
        List<WebSocket> sockets = new ArrayList<>();
        List<Inbox> inboxes = new ArrayList<>();
        for (int i = 0; i < SOCKETS; i++) {
            inboxes.add(new Inbox());
            sockets.add(client.newWebSocketBuilder()
                .buildAsync(URI.create("ws://127.0.0.1:" + port + "/"), inboxes.getLast()).join());
        }
        for (int i = 0; i < CHANGES; i++) {
            server.control().apply("/config/routes/2/action", "{\"return\": " + (400 + i) + "}");
        }
        assertEquals(400 + CHANGES - 1, Http.get(port, "/changed").status());
        List<CompletableFuture<WebSocket>> sent = new ArrayList<>();
        for (WebSocket each : sockets) {
            sent.add(each.sendText("still here", true));
        }
        sent.forEach(CompletableFuture::join);
        for (Inbox inbox : inboxes) {
            assertEquals("still here", inbox.next());
        }
        sockets.forEach(each -> each.sendClose(WebSocket.NORMAL_CLOSURE, ""));
        for (Inbox inbox : inboxes) {
            assertTrue(inbox.next().toString().startsWith("close 1000"));
        }
    }
}
