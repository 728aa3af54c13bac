// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.testing.TestAuthority;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Clients that prove who they are, to curl: stored authorities, what they revoke, and what requests tell. */
@Timeout(180)
class ClientCertificatesIT {
    @TempDir
    private static Path directory;
    private static TestAuthority root;
    private static TestServer server;
    private static int port;

    @BeforeAll
    static void start() throws Exception {
        root = TestAuthority.root(directory, "root");
        root.issue("server", "server", 9);
        root.issue("alice", "client", 9);
        root.list("none.crl", "351231000000Z");
        root.issue("bob", "client", 9);
        root.revoke();
        root.list("bob.crl", "351231000000Z");
        server = TestServer.speaking();
        port = Distribution.freePorts(1).getFirst();
        put("server", "server.crt", "server.key");
        put("clients", "root.crt", "none.crl");
    }

    @AfterAll
    static void stop() throws Exception {
        server.close();
    }

    private static void put(String name, String... files) throws Exception {
        Response reply = server.control().put("/certificates/" + name, root.join(files));
        assertEquals(200, reply.status(), reply.text());
    }

    private static String json(Response reply) {
        return reply.text().replaceAll("[\\r\\n\\t]", "").replace("\": ", "\":");
    }

    private static String listener(String client) {
        StringBuilder fields = new StringBuilder("\"X-Verify\": \"$ssl_client_verify\"");
        for (String name : List.of("protocol", "cipher", "server_name", "session_reused", "client_s_dn", "client_i_dn",
            "client_serial", "client_fingerprint", "client_v_start", "client_v_end", "client_v_remain",
            "client_escaped_cert")) {
            fields.append(", \"X-").append(name.replace('_', '-')).append("\": \"$ssl_").append(name).append('"');
        }
        return "{\"listeners\": {\"127.0.0.1:" + port + "\": {\"pass\": \"routes\", \"tls\": {\"certificate\": "
            + "\"server\", \"client\": " + client + "}}}, \"routes\": [{\"action\": {\"return\": 204, "
            + "\"response_headers\": {" + fields + "}}}]}";
    }

    /** What the response tells by name; the exit code of curl if there is none. */
    private static Map<String, String> ask(String... options) throws Exception {
        List<String> command = new ArrayList<>(List.of("curl", "-s", "-S", "--max-time", "20", "-D", "-", "--resolve",
            "server.example:" + port + ":127.0.0.1", "--cacert", "root.crt", "https://server.example:" + port + "/"));
        command.addAll(List.of(options));
        Distribution.Result result = Distribution.run(directory, Map.of(), command.toArray(String[]::new));
        Map<String, String> told = new TreeMap<>();
        told.put("code", Integer.toString(result.code()));
        result.out().lines().filter(line -> line.regionMatches(true, 0, "x-", 0, 2)).forEach(line ->
            told.put(line.substring(2, line.indexOf(':')).toLowerCase(),
                line.substring(line.indexOf(':') + 1).strip()));
        return told;
    }

    private static Map<String, String> as(String name, String... options) throws Exception {
        List<String> words = new ArrayList<>(List.of("--cert", name + ".crt", "--key", name + ".key"));
        words.addAll(List.of(options));
        return ask(words.toArray(String[]::new));
    }

    private static String openssl(String... words) throws Exception {
        String out = new OpenSsl(directory).run(words).strip();
        return out.substring(out.indexOf('=') + 1);
    }

    @Test
    void requestsTellWhoTheClientIs() throws Exception {
        server.control().apply("/config", listener("{\"ca\": \"clients\", \"verify\": \"optional\"}"));
        for (String http : new String[] {"--http1.1", "--http2"}) {
            Map<String, String> nobody = ask(http);
            assertEquals("NONE server.example TLSv1.3", nobody.get("verify") + " " + nobody.get("server-name") + " "
                + nobody.get("protocol"));
            Map<String, String> alice = as("alice", http);
            assertEquals("SUCCESS", alice.get("verify"), alice.toString());
            assertEquals(".", alice.get("session-reused"));
            assertTrue(alice.get("cipher").startsWith("TLS_"), alice.get("cipher"));
            assertEquals(openssl("x509", "-in", "alice.crt", "-noout", "-subject", "-nameopt", "RFC2253"),
                alice.get("client-s-dn"));
            assertEquals(openssl("x509", "-in", "alice.crt", "-noout", "-issuer", "-nameopt", "RFC2253"),
                alice.get("client-i-dn"));
            assertEquals(openssl("x509", "-in", "alice.crt", "-noout", "-serial"), alice.get("client-serial"));
            assertEquals(openssl("x509", "-in", "alice.crt", "-noout", "-fingerprint", "-sha1").replace(":", "")
                .toLowerCase(), alice.get("client-fingerprint"));
            assertEquals(openssl("x509", "-in", "alice.crt", "-noout", "-startdate"), alice.get("client-v-start"));
            assertEquals(openssl("x509", "-in", "alice.crt", "-noout", "-enddate"), alice.get("client-v-end"));
            assertEquals("8", alice.get("client-v-remain"));
            assertEquals(root.join("alice.crt"), URLDecoder.decode(alice.get("client-escaped-cert"),
                StandardCharsets.US_ASCII));
        }
    }

    @Test
    void whoIsRevokedIsLeftAtOnce() throws Exception {
        put("clients", "root.crt", "none.crl");
        server.control().apply("/config", listener("{\"ca\": \"clients\"}"));
        assertEquals("SUCCESS", as("bob").get("verify"));
        assertEquals("[{\"issuer\":{\"common_name\":\"root\",\"organization\":\"Margay\"},\"validity\":{\"since\":"
            + "\"Jan  1 00:00:00 2025 GMT\",\"until\":\"Dec 31 00:00:00 2035 GMT\"},\"certificates\":0}]",
            json(server.control().get("/certificates/clients/revocations")));
        put("clients", "root.crt", "bob.crl");
        assertEquals("1", json(server.control().get("/certificates/clients/revocations/0/certificates")));
        assertTrue(!as("bob").get("code").equals("0"));
        server.awaitLog("failed: the certificate of \"CN=bob,O=Margay\" was revoked");
        assertEquals("SUCCESS", as("alice").get("verify"));
        assertTrue(!ask().get("code").equals("0"));
        server.awaitLog("PEER_DID_NOT_RETURN_A_CERTIFICATE");
        server.control().apply("/config", listener("{\"ca\": \"clients\", \"verify\": \"request\"}"));
        assertEquals("FAILED:the certificate of \"CN=bob,O=Margay\" was revoked", as("bob").get("verify"));
        assertEquals("Certificate is used in the configuration.",
            json(server.control().delete("/certificates/clients")).split("\"")[3]);
    }

    @Test
    void anAnswerOfTheAuthorityIsStapled() throws Exception {
        put("stapled", "server.crt", "root.crt", "server.key");
        Files.writeString(directory.resolve("answers"), "V\t350101000000Z\t\t02\tunknown\t/CN=server\n");
        root.openssl("ocsp", "-index", "answers", "-CA", "root.crt", "-rsigner", "root.crt", "-rkey", "root.key",
            "-issuer", "root.crt", "-cert", "server.crt", "-respout", "answer", "-ndays", "3");
        // Where the router may read it.
        Path answer = Files.copy(directory.resolve("answer"), server.base().resolve("answer"));
        server.control().apply("/config", "{\"listeners\": {\"127.0.0.1:" + port + "\": {\"pass\": \"routes\", "
            + "\"tls\": {\"certificate\": \"stapled\", \"stapling\": \"" + answer
            + "\"}}}, \"routes\": []}");
        OpenSsl ssl = new OpenSsl(directory);
        Await.until("the answer was read", () -> {
            try {
                return ssl.connect(port, "-status").out().contains("Cert Status: good");
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
    }

    @Test
    void whatCannotBeObeyedIsRefused() throws Exception {
        put("bare", "root.crt");
        for (String[] row : new String[][] {
            {"{\"ca\": \"none\"}", "400", "Certificate \\\"none\\\" is not found."},
            {"{}", "400", "\\\"ca\\\""},
            {"{\"ca\": \"clients\", \"verify\": \"maybe\"}", "400", "The \\\"verify\\\" option can either be"},
            {"{\"ca\": \"bare\", \"revocation\": \"chain\"}", "400", "\\\"revocation\\\" needs a revocation list"},
            {"{\"ca\": \"bare\", \"revocation\": \"chain\"}", "400", "/tls/client/revocation\""},
            {"{\"ca\": \"clients\"}, \"stapling\": true", "400", "/tls/stapling\""},
            {"{\"ca\": \"clients\"}}}, \"unix:/nowhere\": {\"pass\": \"routes\", \"tls\": {\"certificate\": \"bare\"",
                "400", "Certificate \\\"bare\\\" has no private key; it is a bundle of authorities."}}) {
            Response reply = server.control().put("/config", listener(row[0]));
            assertEquals(row[1], Integer.toString(reply.status()), reply.text());
            assertTrue(json(reply).contains(row[2]), reply.text());
        }
    }
}
