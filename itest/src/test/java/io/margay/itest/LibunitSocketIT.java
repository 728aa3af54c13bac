// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** WebSockets of an application of type {@code external}, which gets frames as they came and sends its own. */
@Timeout(120)
class LibunitSocketIT {

    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    private static TestServer server;
    private static int port;

    @BeforeAll
    static void start() throws IOException {
        server = TestServer.speaking("external");
        server.expect("exited on signal 9");
        port = Distribution.freePorts(1).getFirst();
        server.control().apply("/config", "{\"listeners\": {\"127.0.0.1:" + port + "\": {\"pass\": "
            + "\"applications/ws\"}}, \"applications\": {\"ws\": " + Tongue.EXTERNAL.app(server, "app") + "}}");
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    private static WebSocket open(Inbox inbox) {
        return CLIENT.newWebSocketBuilder().buildAsync(URI.create("ws://127.0.0.1:" + port + "/ws"), inbox).join();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 9, 10, 11, 125, 126, 16_376, 65_535, 65_536, 200_000, 1_000_000})
    void messagesComeBack(int size) throws Exception {
        Inbox inbox = new Inbox();
        WebSocket socket = open(inbox);
        byte[] message = new byte[size];
        new Random(size).nextBytes(message);
        socket.sendBinary(ByteBuffer.wrap(message), true).join();
        assertArrayEquals(message, (byte[]) inbox.next());
        socket.sendText("t".repeat(size), true).join();
        assertEquals("t".repeat(size), inbox.next());
        socket.sendClose(WebSocket.NORMAL_CLOSURE, "bye").join();
        assertEquals("close 1000 bye", inbox.next());
    }

    @Test
    void aRequestForOneThatGetsNoneIsAnOrdinaryOne() throws Exception {
        try (Http http = Http.tcp(port)) {
            http.send("GET /echo HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n");
            Response response = http.response(false);
            assertEquals(200, response.status());
            assertTrue(response.text().contains("|0 1 0 "), response.text());
        }
    }

    /** The application sleeps at each, so that many are unread: the client waits, and nothing is lost. */
    @Test
    void moreThanTheApplicationReads() throws Exception {
        Inbox inbox = new Inbox();
        WebSocket socket = open(inbox);
        for (int i = 0; i < 2000; i++) {
            socket.sendBinary(ByteBuffer.wrap(new byte[20 + i]), true).join();
        }
        for (int i = 0; i < 2000; i++) {
            assertEquals(20 + i, ((byte[]) inbox.next()).length);
        }
        socket.sendClose(WebSocket.NORMAL_CLOSURE, "").join();
    }

    @Test
    void manyInOneProcessWithRequestsBesides() throws Exception {
        List<Inbox> inboxes = new ArrayList<>();
        List<WebSocket> sockets = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            inboxes.add(new Inbox());
            sockets.add(open(inboxes.getLast()));
        }
        for (int i = 0; i < 50; i++) {
            sockets.get(i).sendText("message " + i, true).join();
        }
        assertEquals("Hello world\n", Http.get(port, "/hello").text());
        for (int i = 0; i < 50; i++) {
            assertEquals("message " + i, inboxes.get(i).next());
        }
        sockets.forEach(socket -> socket.sendClose(WebSocket.NORMAL_CLOSURE, "").join());
    }

    @Test
    void theApplicationHearsOfALostClient() throws Exception {
        int before = server.log().length();
        WebSocket socket = open(new Inbox());
        socket.abort();
        Await.until("it is told", () -> server.log().substring(before).contains("the client of a WebSocket is gone"));
        assertEquals("Hello world\n", Http.get(port, "/hello").text());
    }

    @Test
    void aProcessThatDiesCutsThem() throws Exception {
        Inbox inbox = new Inbox();
        open(inbox);
        assertEquals(503, Http.get(port, "/killed").status());
        String end = (String) inbox.next();
        assertTrue(end.equals("error") || end.startsWith("close "), end);
        assertEquals("Hello world\n", Http.get(port, "/hello").text());
    }
}
