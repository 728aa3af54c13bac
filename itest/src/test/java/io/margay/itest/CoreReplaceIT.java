// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;

/** Core processes whose place another one takes while they serve. */
@Timeout(300)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class CoreReplaceIT {

    private static final int CLIENTS = 2;
    /** Seconds, more than the tests take. */
    private static final int LONG = 600;
    private static final String BODY = "0123456789abcdef".repeat(1024);
    private static final String GET = "GET /%s HTTP/1.1\r\nHost: localhost\r\n\r\n";
    private static final String POST = "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + BODY.length()
        + "\r\n\r\n" + BODY;
    private static final String PARTS = parts();

    private static TestServer server;
    private static int port;
    private static int tls;
    private static Path socket;

    private static String parts() {
        StringBuilder all = new StringBuilder();
        for (int i = 0; i < 60; i++) {
            all.append("part %02d\n".formatted(i));
        }
        return all.toString();
    }

    @BeforeAll
    static void start() throws Exception {
        server = TestServer.speaking("python");
        port = Distribution.freePorts(2).get(0);
        tls = Distribution.freePorts(2).get(1);
        socket = server.base().resolve("listener.sock");
        Path pem = server.base().resolve("pem");
        Shell.run("openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=localhost -days 2 -keyout " + pem + " -out "
            + pem + ".crt && cat " + pem + ".crt >> " + pem);
        server.control().apply("/certificates/it", Files.readString(pem));
        server.control().apply("/config", """
            {"listeners": {"127.0.0.1:%d": {"pass": "routes"}, "unix:%s": {"pass": "routes"},
              "127.0.0.1:%d": {"pass": "routes", "tls": {"certificate": "it"}}},
             "routes": [{"match": {"uri": "/fixed"}, "action": {"return": 200}},
               {"action": {"pass": "applications/it"}}],
             "applications": {"it": %s}}""".formatted(port, socket, tls,
            server.python("replace", "replace", "\"processes\": 1")));
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    private static long counter(String name) throws IOException {
        return Long.parseLong(server.control().get("/status/" + name).text().strip());
    }

    private static long router() {
        return server.newest("unit: router");
    }

    private static long routers() {
        return server.processes().values().stream().filter("unit: router"::equals).count();
    }

    private static void replace(int seconds) throws IOException {
        Response reply = server.control().get("/control/processes/router/restart?seconds=" + seconds);
        assertEquals(200, reply.status(), reply.text());
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

    private static String awaitLog(String pattern) {
        return server.awaitLog(pattern).group(1);
    }

    private static Callers callers() {
        return new Callers()
            .with("kept", CLIENTS, answers -> Callers.keepAlive(Http.tcp(port), GET.formatted("fixed"), "", answers))
            .with("application", 1, answers -> Callers.keepAlive(Http.tcp(port), GET.formatted("a"), "", answers))
            .with("new", CLIENTS, answers -> {
                try (Http http = Http.tcp(port)) {
                    String line = http.exchange(GET.formatted("fixed")).statusLine();
                    answers.good();
                    return line.contains(" 200 ") ? "" : line;
                }
            })
            .with("posts", CLIENTS, answers -> Callers.keepAlive(Http.tcp(port), POST, BODY, answers))
            .with("stream", 1, answers -> Callers.keepAlive(Http.tcp(port), GET.formatted("stream"), PARTS, answers))
            .with("unix", 1, answers -> Callers.keepAlive(Http.unix(socket), POST, BODY, answers))
            .with("tls", 1, CoreReplaceIT::secure);
    }

    @Test
    @Order(1)
    void theRouterIsReplacedUnderLoadAndNobodyNotices() throws Exception {
        Inbox inbox = new Inbox();
        WebSocket talk = HttpClient.newHttpClient().newWebSocketBuilder()
            .buildAsync(URI.create("ws://127.0.0.1:" + port + "/"), inbox).join();
        talk.sendText("before", true).join();
        assertEquals("before", inbox.next());
        int descriptors = TestServer.descriptors(server.pid());
        AtomicReference<String> fell = new AtomicReference<>("");
        try (Callers callers = callers()) {
            callers.awaitMore(1);
            long requests = 0;
            long accepted = 0;
            for (int i = 0; i < 3; i++) {
                long old = router();
                replace(LONG);
                assertTrue(router() != old, "another process serves");
                talk.sendText("round " + i, true).join();
                assertEquals("round " + i, inbox.next(), "the old router serves its WebSocket");
                for (int look = 0; look < 20; look++) {
                    long nowRequests = counter("requests/total");
                    long nowAccepted = counter("connections/accepted");
                    if (nowRequests < requests || nowAccepted < accepted) {
                        fell.set(requests + " requests, then " + nowRequests + "; " + accepted
                            + " connections, then " + nowAccepted);
                    }
                    requests = nowRequests;
                    accepted = nowAccepted;
                }
                callers.awaitMore(1);
                callers.gently();
            }
            assertEquals("", fell.get(), "the counters never fall");
            assertEquals(Map.of(), callers.stop(), "not one request failed");
        }
        Await.until("the first old router alone is left, for its WebSocket", () -> routers() == 2);
        talk.sendText("after", true).join();
        assertEquals("after", inbox.next());
        talk.sendClose(WebSocket.NORMAL_CLOSURE, "").join();
        Await.until("the old routers are gone", Duration.ofSeconds(60), () -> routers() == 1);
        Await.until("main has as many descriptors as before", () ->
            TestServer.descriptors(server.pid()) <= descriptors);
        assertEquals(counter("connections/accepted"), counter("connections/closed") + counter("connections/idle")
            + counter("connections/active"), "no connection is lost");
    }

    /** A WebSocket would last for as long as its client wants. */
    @Test
    @Order(2)
    void aWebSocketEndsWithTheTime() throws Exception {
        Inbox inbox = new Inbox();
        HttpClient.newHttpClient().newWebSocketBuilder()
            .buildAsync(URI.create("ws://127.0.0.1:" + port + "/"), inbox).join();
        replace(1);
        assertEquals("close 1001 Server is going away", inbox.next());
        Await.until("the old router is gone", () -> routers() == 1);
    }

    /** A client that has said nothing for long: its next request is answered, by the old router. */
    @Test
    @Order(3)
    void anIdleConnectionHasItsNextAnswer() throws Exception {
        try (Http idle = Http.tcp(port)) {
            assertEquals(200, idle.exchange(GET.formatted("fixed")).status());
            replace(LONG);
            // Until the old router has heard that it is replaced, all is as before.
            Await.until("a last answer", () -> {
                Response answer = idle.exchange(GET.formatted("fixed"));
                assertEquals(200, answer.status());
                return answer.header("Connection").orElse("").equals("close");
            });
            assertTrue(idle.closed());
        }
        Await.until("the old router leaves with its last connection", () -> routers() == 1);
    }

    /** What is left when the time is over, is told so. */
    @Test
    @Order(4)
    void anIdleConnectionEndsWithTheTime() throws Exception {
        try (Http idle = Http.tcp(port)) {
            assertEquals(200, idle.exchange(GET.formatted("fixed")).status());
            replace(0);
            assertTrue(idle.closed());
        }
        Await.until("the old router is gone", () -> routers() == 1);
    }

    @Test
    @Order(5)
    void aNewRouterThatDiesLeavesTheOldOneServing() throws Exception {
        server.expect("is not replaced");
        server.expect("exited on signal 9");
        long old = router();
        Thread order = Thread.ofPlatform().daemon().start(() -> {
            long fresh = Long.parseLong(awaitLog("router " + old + " is being replaced by process ([0-9]+)"));
            ProcessHandle.of(fresh).ifPresent(ProcessHandle::destroyForcibly);
        });
        Response reply = server.control().get("/control/processes/router/restart");
        order.join(TimeUnit.SECONDS.toMillis(30));
        assertEquals(500, reply.status(), reply.text());
        assertTrue(reply.text().contains("ended before it served"), reply.text());
        assertEquals(old, router());
        assertEquals(200, Http.get(port, "/fixed").status());
        server.awaitLog("router " + old + " is not replaced: the new router ended before it served");
        replace(0);
        assertTrue(router() != old);
        Await.until("the old router is gone", () -> routers() == 1);
    }

    private static long controller() {
        return server.newest("unit: controller");
    }

    /** What is asked while no controller serves for a moment, waits for the next one. */
    @Test
    @Order(6)
    void theControllerIsReplacedWhileItIsAsked() throws Exception {
        Path control = server.base().resolve("control.sock");
        String configuration = server.control().get("/config").text();
        int descriptors = TestServer.descriptors(server.pid());
        long router = router();
        try (Callers callers = new Callers()
            .with("reads", CLIENTS, answers -> Callers.keepAlive(Http.unix(control),
                "GET /config HTTP/1.1\r\nHost: localhost\r\n\r\n", configuration, answers))
            .with("status", 1, answers -> {
                Response reply = server.control().get("/status/requests/total");
                answers.good();
                return reply.status() == 200 ? "" : reply.statusLine();
            })
            .with("changes", 1, answers -> {
                Response reply = server.control().put("/config/routes/0/action/return", "200");
                answers.good();
                return reply.status() == 200 ? "" : reply.statusLine() + reply.text();
            })
            .with("requests", 1, answers -> Callers.keepAlive(Http.tcp(port), GET.formatted("fixed"), "", answers))) {
            callers.awaitMore(1);
            for (int i = 0; i < 3; i++) {
                long old = controller();
                Response reply = server.control().get("/control/processes/controller/restart");
                assertEquals(200, reply.status(), reply.text());
                Await.until("another controller", () -> controller() != old && controller() != 0);
                callers.awaitMore(2);
                callers.gently();
            }
            assertEquals(Map.of(), callers.stop(), "not one request failed");
        }
        assertEquals(router, router(), "the router lives on");
        Await.until("main has as many descriptors as before", () ->
            TestServer.descriptors(server.pid()) <= descriptors);
    }

    @Test
    @Order(7)
    void aControllerIsNotReplacedWhileAChangeWaits() throws Exception {
        long old = controller();
        assertEquals(200, server.control().put("/config/routes/0/action/return?confirm=60", "200").status());
        Response reply = server.control().get("/control/processes/controller/restart");
        assertEquals(409, reply.status(), reply.text());
        assertEquals(200, server.control().post("/control/confirm", "").status());
        assertEquals(old, controller());
    }

    @Test
    @Order(8)
    void badOrdersAreRefused() throws IOException {
        Control control = server.control();
        assertEquals(404, control.get("/control/processes/main/restart").status());
        assertEquals(404, control.get("/control/processes/router").status());
        assertEquals(405, control.post("/control/processes/router/restart", "").status());
        Response reply = control.get("/control/processes/router/restart?seconds=-1");
        assertEquals(400, reply.status());
        assertTrue(reply.text().contains("is a number from 0 to 9999"), reply.text());
    }
}
