// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** WebSockets of ASGI applications, with the JDK's client. */
@Timeout(120)
class WebSocketIT {

    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    private static TestServer server;
    private static int port;
    /** Leads to the same application, over a stream of HTTP/2 (RFC 8441). */
    private static int forwarded;

    @BeforeAll
    static void start() throws IOException {
        server = TestServer.speaking("python");
        List<Integer> ports = Distribution.freePorts(3);
        port = ports.getFirst();
        forwarded = ports.get(1);
        server.control().apply("/config", """
            {"listeners": {"127.0.0.1:%1$d": {"pass": "applications/ws"}, "127.0.0.1:%2$d": {"pass": "upstreams/u"},
              "127.0.0.1:%3$d": {"pass": "applications/ws", "h2c": true}},
             "upstreams": {"u": {"servers": {"127.0.0.1:%3$d": {}}, "http2": true}}, "applications": {"ws": %4$s}}"""
            .formatted(port, forwarded, ports.get(2), server.python("websocket", "ws", "\"processes\": 2",
            "\"stdout\": \"" + server.base() + "/tmp/out\"")));
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    private static WebSocket open(String path, Inbox inbox, String... protocols) {
        return open(port, path, inbox, protocols);
    }

    private static WebSocket open(int port, String path, Inbox inbox, String... protocols) {
        WebSocket.Builder builder = CLIENT.newWebSocketBuilder();
        if (protocols.length > 0) {
            builder.subprotocols(protocols[0], protocols.length > 1 ? new String[] {protocols[1]} : new String[0]);
        }
        return builder.buildAsync(URI.create("ws://127.0.0.1:" + port + path), inbox).join();
    }

    private static String active() throws IOException {
        return server.control().get("/status/applications/ws/requests/active").text().strip();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 125, 126, 65_535, 65_536, 200_000, 1_000_000})
    void messagesComeBack(int size) throws Exception {
        messagesComeBack(port, size);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 126, 1_000_000})
    void messagesComeBackFromAServerInHttp2(int size) throws Exception {
        messagesComeBack(forwarded, size);
    }

    private static void messagesComeBack(int port, int size) throws Exception {
        Inbox inbox = new Inbox();
        WebSocket socket = open(port, "/echo", inbox);
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        socket.sendBinary(ByteBuffer.wrap(bytes), true).join();
        assertArrayEquals(bytes, (byte[]) inbox.next());
        String text = "\u00e9".repeat(size / 2);
        socket.sendText(text, true).join();
        assertEquals(text, inbox.next());
        socket.sendText("a", false).join();
        socket.sendText("", false).join();
        socket.sendText("b", true).join();
        assertEquals("ab", inbox.next());
        socket.sendPing(ByteBuffer.wrap(new byte[7])).join();
        assertEquals("pong 7", inbox.next());
        socket.sendClose(4321, "over").join();
        assertEquals("close 4321 ", inbox.next());
    }

    @Test
    void theApplicationChoosesTheProtocolAndIsTold() throws Exception {
        Inbox inbox = new Inbox();
        WebSocket socket = open("/echo", inbox, "chat", "superchat");
        assertEquals("superchat", socket.getSubprotocol());
        assertEquals("0", active(), "a WebSocket is no active request");
        socket.abort();
        Await.until("the application hears of it", () ->
            java.nio.file.Files.readString(server.base().resolve("tmp/out")).contains("disconnected with 1001"));
    }

    private static long lost() throws IOException {
        return java.nio.file.Files.readString(server.base().resolve("tmp/out")).lines()
            .filter(line -> line.contains("disconnected with 1001")).count();
    }

    /** What the application denies, says and ends, what a slow client gets, and a client that goes. */
    @Test
    void aServerInHttp2IsLikeAnyOther() throws Exception {
        CompletionException failure = assertThrows(CompletionException.class,
            () -> open(forwarded, "/deny", new Inbox()));
        assertEquals(403, ((WebSocketHandshakeException) failure.getCause()).getResponse().statusCode());
        Inbox closed = new Inbox();
        open(forwarded, "/closes", closed);
        assertEquals("bye", closed.next());
        assertEquals("close 3333 ", closed.next());
        Inbox slow = new Inbox();
        open(forwarded, "/floods", slow);
        for (int i = 0; i < 64; i++) {
            byte[] message = (byte[]) slow.next();
            assertEquals(i, message[message.length - 1]);
        }
        assertEquals("close 1000 ", slow.next());
        WebSocket socket = open(forwarded, "/echo", new Inbox(), "chat", "superchat");
        assertEquals("superchat", socket.getSubprotocol());
        long before = lost();
        socket.abort();
        Await.until("the application hears of it", () -> lost() > before);
    }

    @Test
    void whatWasAskedBeforeTheCloseIsAnswered() throws Exception {
        Inbox inbox = new Inbox();
        WebSocket socket = open("/echo", inbox);
        for (int i = 0; i < 20; i++) {
            socket.sendText("message " + i, true).join();
        }
        socket.sendClose(4321, "over").join();
        for (int i = 0; i < 20; i++) {
            assertEquals("message " + i, inbox.next());
        }
        assertEquals("close 4321 ", inbox.next());
    }

    @Test
    void whoDoesNotReceiveIsNotWaitedForLong() throws Exception {
        Inbox inbox = new Inbox();
        WebSocket socket = open("/deaf", inbox);
        socket.sendText("is anybody there?", true).join();
        socket.sendClose(4321, "over").join();
        assertEquals("close 4321 ", inbox.next());
    }

    @Test
    void itMayBeDenied() {
        CompletionException failure = assertThrows(CompletionException.class, () -> open("/deny", new Inbox()));
        assertEquals(403, ((WebSocketHandshakeException) failure.getCause()).getResponse().statusCode());
    }

    @ParameterizedTest
    @CsvSource({"/returns,close 1000", "/raises,close 1011"})
    void anEndIsAClose(String path, String close) throws Exception {
        Inbox inbox = new Inbox();
        open(path, inbox);
        assertEquals(close + " ", inbox.next());
        if (path.equals("/raises")) {
            server.awaitLog("ValueError: raised in a WebSocket");
        }
    }

    @Test
    void theApplicationCloses() throws Exception {
        Inbox inbox = new Inbox();
        open("/closes", inbox);
        assertEquals("bye", inbox.next());
        assertEquals("close 3333 ", inbox.next());
    }

    @Test
    void wrongMessagesAreErrors() throws Exception {
        Inbox inbox = new Inbox();
        open("/wrong", inbox);
        assertEquals("""
            RuntimeError: WebSocket not accepted yet
            RuntimeError: WebSocket already accepted
            RuntimeError: Exactly one of 'bytes' or 'text' must be non-None
            TypeError: 'text' is not a unicode string
            TypeError: 'bytes' is not a byte string
            RuntimeError: Exactly one of 'bytes' or 'text' must be non-None
            RuntimeError: Unexpected ASGI message 'nonsense'
            TypeError: 'code' is not integer""", inbox.next());
    }

    @Test
    void aSlowClientGetsEverythingInOrder() throws Exception {
        Inbox inbox = new Inbox();
        open("/floods", inbox);
        for (int i = 0; i < 64; i++) {
            byte[] message = (byte[]) inbox.next();
            assertEquals(1 << 20, message.length);
            assertEquals(i, message[message.length - 1]);
        }
        assertEquals("close 1000 ", inbox.next());
    }

    @Test
    void whatNobodyReadsEndsWithAClose() throws Exception {
        Inbox inbox = new Inbox();
        WebSocket socket = open("/deaf", inbox);
        for (int i = 0; i < 11 && !socket.isOutputClosed(); i++) {
            try {
                socket.sendBinary(ByteBuffer.wrap(new byte[1_000_000]), true).join();
            } catch (CompletionException e) {
                // It has been closed by then.
                break;
            }
        }
        assertEquals("close 1009 ", inbox.next());
    }

    @Test
    void manyAtOnceAndPlainRequestsBesides() throws Exception {
        List<Inbox> inboxes = new ArrayList<>();
        List<WebSocket> sockets = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            inboxes.add(new Inbox());
            sockets.add(open("/echo", inboxes.getLast()));
        }
        for (int i = 0; i < 200; i++) {
            sockets.get(i).sendText("number " + i, true).join();
        }
        assertEquals("plain", Http.get(port, "/").text());
        for (int i = 0; i < 200; i++) {
            assertEquals("number " + i, inboxes.get(i).next());
            sockets.get(i).sendClose(WebSocket.NORMAL_CLOSURE, "").join();
            assertEquals("close 1000 ", inboxes.get(i).next());
        }
    }

    @Test
    void aChangeOfTheConfigurationKeepsThem() throws Exception {
        Inbox inbox = new Inbox();
        WebSocket socket = open("/echo", inbox);
        for (int i = 0; i < 20; i++) {
            server.control().apply("/config/settings", "{\"http\": {\"idle_timeout\": " + (100 + i) + "}}");
        }
        socket.sendText("still there", true).join();
        assertEquals("still there", inbox.next());
        assertEquals(200, server.control().get("/control/applications/ws/restart").status());
        socket.sendText("and after a restart", true).join();
        assertEquals("and after a restart", inbox.next());
        socket.sendClose(WebSocket.NORMAL_CLOSURE, "").join();
        assertEquals("close 1000 ", inbox.next());
    }

    /** Of the worker after a restart, and of the server. */
    @Test
    void whoLeavesSaysSo() throws Exception {
        try (TestServer own = TestServer.speaking("python")) {
            own.expect("exited on signal 9");
            int other = Distribution.freePorts(1).getFirst();
            own.control().apply("/config", """
                {"listeners": {"127.0.0.1:%d": {"pass": "applications/ws"}}, "applications": {"ws": %s}}"""
                .formatted(other, own.python("websocket", "ws", "\"limits\": {\"stop_timeout\": 5}", "\"stdout\": \""
                    + own.base() + "/tmp/out\"")));
            Inbox first = new Inbox();
            WebSocket socket = open(other, "/echo", first);
            assertEquals(200, own.control().get("/control/applications/ws/restart").status());
            socket.sendText("still there", true).join();
            assertEquals("still there", first.next());
            assertEquals("close 1001 Server is going away", first.next());
            own.awaitLog("was to leave and has done nothing for 5 s");

            Inbox second = new Inbox();
            open(other, "/echo", second);
            TestServer.signal(own.pid(), "QUIT");
            assertEquals("close 1001 Server is going away", second.next());
            Await.until("the server has ended", () -> own.processes().isEmpty());
        }
    }

    @Test
    void aWorkerThatDiesTakesOnlyItsOwnAlong() throws Exception {
        Inbox inbox = new Inbox();
        WebSocket socket = open("/echo", inbox);
        long worker = server.processes().entrySet().stream().filter(entry -> entry.getValue().contains("application"))
            .mapToLong(java.util.Map.Entry::getKey).findFirst().orElseThrow();
        server.expect("exited on signal 9");
        TestServer.signal(worker, "KILL");
        socket.sendText("to whom it may concern", true);
        Object answer = inbox.next();
        assertTrue(answer.equals("error") || answer.equals("to whom it may concern")
            || answer.toString().startsWith("close 1006"), answer.toString());
        assertEquals("plain", Http.get(port, "/").text());
        assertFalse(answer.toString().isEmpty());
    }
}
