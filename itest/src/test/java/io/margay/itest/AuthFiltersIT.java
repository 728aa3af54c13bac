// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who a client is, in a running server: by a password, by a token, by what another server says. */
@Timeout(180)
class AuthFiltersIT {
    /** The hash of "secret", with 2^10 rounds. */
    private static final String BCRYPT = "$2y$10$abcdefghijklmnopqrstuuqflPDzB6gcMhKa1rZqKiun2YGL5sa2u";

    private static TestServer server;
    private static Origin origin;
    private static KeyPair keys;
    private static Path users;
    private static int port;

    @BeforeAll
    static void start() throws Exception {
        keys = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        origin = Origin.tcp(AuthFiltersIT::answer);
        server = TestServer.speaking();
        users = server.base().resolve("htpasswd");
        users("ann:" + BCRYPT);
        port = Distribution.freePorts(1).getFirst();
        String proxy = "\"proxy\": \"http://127.0.0.1:" + origin.port() + "\"";
        String asks = "{\"action\": {" + proxy + "}, \"uri\": \"%s\", \"headers\": \"X-User\", \"timeout\": 1}";
        server.control().apply("/config", """
            {"listeners": {"127.0.0.1:%d": {"pass": "routes"}}, "routes": [
                {"match": {"uri": "/basic"}, "action": {%s, "auth_basic": {"file": "%s", "user_header": "X-User"}}},
                {"match": {"uri": "/jwt"}, "action": {%s, "auth_jwt": {"keys_url": "http://127.0.0.1:%d/keys",
                    "issuer": "it", "headers": {"X-User": "sub"}}}},
                {"match": {"uri": "/ask*"}, "action": {%s, "auth_request": %s}},
                {"match": {"uri": "/late"}, "action": {"return": 200, "auth_request": %s}},
                {"action": {"return": 204}}]}""".formatted(port, proxy, users, proxy, origin.port(), proxy,
            asks.formatted("/verify?$uri"), asks.formatted("/never")));
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
        origin.close();
    }

    private static void users(String lines) throws IOException {
        Path next = server.base().resolve("htpasswd.new");
        Files.writeString(next, lines + "\n");
        Files.setPosixFilePermissions(next, PosixFilePermissions.fromString("rw-r--r--"));
        Files.move(next, users, StandardCopyOption.REPLACE_EXISTING);
    }

    /** Publishes the key, says who may come by the end of the path, and tells what else is asked for. */
    private static void answer(Origin.Call call) throws IOException {
        if (call.target().equals("/keys")) {
            byte[] encoded = keys.getPublic().getEncoded();
            call.answer("{\"keys\": [{\"kty\": \"OKP\", \"crv\": \"Ed25519\", \"kid\": \"1\", \"x\": \""
                + base64(Arrays.copyOfRange(encoded, encoded.length - 32, encoded.length)) + "\"}]}");
        } else if (call.target().equals("/never")) {
            call.awaitEnd();
        } else if (call.target().startsWith("/verify")) {
            call.send(call.target().endsWith("/ask") ? "HTTP/1.1 204 Yes\r\nX-User: ann\r\n\r\n"
                : "HTTP/1.1 302 No\r\nLocation: /login\r\nContent-Length: 0\r\n\r\n");
        } else {
            call.body();
            call.answer("user " + call.field("X-User") + " " + call.head().split("X-User|x.user|X_USER", -1).length);
        }
    }

    private static String base64(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private static Response ask(String target, String... fields) throws IOException {
        try (Http http = Http.tcp(port)) {
            return http.exchange("GET " + target + " HTTP/1.1\r\nHost: a\r\nX-User: root\r\nX_USER: root\r\n"
                + Stream.of(fields).map(field -> field + "\r\n").reduce("", String::concat) + "\r\n");
        }
    }

    private static Response basic(String credentials) throws IOException {
        return ask("/basic", "Authorization: Basic " + Base64.getEncoder().encodeToString(credentials.getBytes(
            StandardCharsets.UTF_8)));
    }

    @Test
    void passwords() throws IOException {
        Response asked = ask("/basic");
        assertEquals(401, asked.status());
        assertEquals("Basic realm=\"Restricted\", charset=\"UTF-8\"", asked.header("WWW-Authenticate").orElse(""));
        assertEquals("user ann 2", basic("ann:secret").text());
        assertEquals(401, basic("ann:Secret").status());
        assertEquals(401, basic("bob:secret").status());
        users("bob:" + BCRYPT);
        Await.until("the file is read again", () -> basic("bob:secret").status() == 200);
        assertEquals(401, basic("ann:secret").status());
        users("ann:" + BCRYPT);
        Await.until("the file is read again", () -> basic("ann:secret").status() == 200);
    }

    /** While passwords are tried, others are served, and nobody is let in. */
    @Test
    void manyPasswordsAtOnce() throws Exception {
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<Integer>> tries = Stream.iterate(0, i -> i + 1).limit(30).<Callable<Integer>>map(i -> () ->
                i % 2 == 0 ? basic("ann:no" + i).status() : Http.get(port, "/free").status()).toList();
            List<Future<Integer>> answers = clients.invokeAll(tries);
            for (int i = 0; i < answers.size(); i++) {
                assertEquals(i % 2 == 0 ? 401 : 204, answers.get(i).get());
            }
        }
    }

    private static String token(String claims) throws GeneralSecurityException {
        String signed = base64("{\"alg\":\"EdDSA\",\"kid\":\"1\"}".getBytes(StandardCharsets.UTF_8)) + "."
            + base64(claims.getBytes(StandardCharsets.UTF_8));
        Signature signature = Signature.getInstance("EdDSA");
        signature.initSign(keys.getPrivate());
        signature.update(signed.getBytes(StandardCharsets.US_ASCII));
        return "Authorization: Bearer " + signed + "." + base64(signature.sign());
    }

    @Test
    void tokens() throws Exception {
        long end = System.currentTimeMillis() / 1000 + 600;
        String good = token("{\"iss\": \"it\", \"sub\": \"eve\", \"exp\": " + end + "}");
        // The keys may be on their way, or have been asked for when the server of keys was not there yet.
        Await.until("the keys are there", () -> ask("/jwt", good).status() != 503);
        assertEquals("user eve 2", ask("/jwt", good).text());
        assertEquals(401, ask("/jwt", token("{\"iss\": \"other\", \"exp\": " + end + "}")).status());
        String[] parts = good.split("\\.");
        assertEquals(401, ask("/jwt", "Authorization: Bearer " + base64("{\"alg\":\"none\"}".getBytes(
            StandardCharsets.UTF_8)) + "." + parts[1] + ".").status());
        assertEquals(401, ask("/jwt").status());
    }

    @Test
    void anotherServerSays() throws IOException {
        assertEquals("user ann 2", ask("/ask").text());
        Response login = ask("/ask/more");
        assertEquals(302, login.status());
        assertEquals("/login", login.header("Location").orElse(""));
        assertTrue(origin.heads().stream().anyMatch(head -> head.startsWith("GET /verify?/ask/more HTTP/1.1\r\n")
            && head.contains("X-Forwarded-Uri: /ask/more\r\n") && !head.contains("root")), "what was asked");
        assertEquals(504, ask("/late").status());
        assertFalse(origin.heads().stream().anyMatch(head -> head.startsWith("GET /late")), "it was passed on");
    }

    /** What is wrong is refused with its place, before anything is changed. */
    @Test
    void faults() throws IOException {
        Response refused = server.control().put("/config/routes/0/action/auth_basic",
            "{\"users\": {\"ann\": \"secret\"}}");
        assertEquals(400, refused.status());
        assertTrue(refused.text().contains("/config/routes/0/action/auth_basic/users/ann")
            || refused.text().contains("/routes/0/action/auth_basic/users/ann"), refused.text());
        assertEquals(401, ask("/basic").status());
    }
}
