// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.testing.AcmeServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Certificates that the server gets by itself, from an authority that really asks it. */
@Timeout(180)
class AcmeIT {
    private static final String PLACEHOLDER = "not there yet";
    private static final Pattern DESCRIBED = Pattern.compile("\"(acme-e\\.example-[0-9a-f]{12})\"");

    @TempDir
    private static Path directory;
    private static AcmeServer authority;
    private static TestServer server;
    private static int plain;
    private static int secure;

    @BeforeAll
    static void start() throws Exception {
        authority = new AcmeServer(directory);
        server = TestServer.speaking();
        List<Integer> ports = Distribution.freePorts(2);
        plain = ports.get(0);
        secure = ports.get(1);
        server.control().apply("/certificates/ca", authority.root());
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
        authority.close();
    }

    private static String wanted(String domains, String more) {
        return "{\"domains\": " + domains + ", \"terms_of_service_agreed\": true, \"directory\": \"" + authority.url()
            + "\", \"ca\": \"ca\"" + more + "}";
    }

    private static String configuration(String name) {
        return """
            {"listeners": {"127.0.0.1:%d": {"pass": "routes"}, "127.0.0.1:%d": {"pass": "routes",
            "tls": {"certificate": "%s"}}}, "routes": [{"action": {"return": 204}}],
            "acme": {"%s": %s}}""".formatted(plain, secure, name, name, wanted("[\"a.example\", \"b.example\"]", ""));
    }

    private static String text(String place) throws IOException {
        return server.control().get(place).text().replaceAll("\\s+", "");
    }

    private static String subject() throws IOException {
        try (TlsClient client = TlsClient.connect(secure)) {
            return client.subject();
        }
    }

    @Test
    void theFirstAndTheNextWithoutTouchingConnections() throws Exception {
        authority.validateAt(plain);
        int before = authority.issued();
        // Two thirds of its life are over already, so that it is renewed at once.
        authority.life(Duration.ofMinutes(2), Duration.ofMinutes(1));
        server.control().apply("/config", configuration("site"));
        String first = Integer.toString(before + 1);
        assertTrue(Set.of(PLACEHOLDER, first).contains(subject()), "the listener is there before the certificate");
        Await.until("the first certificate serves", () -> subject().equals(first));
        authority.life(Duration.ZERO, Duration.ofDays(90));
        try (TlsClient old = TlsClient.connect(secure)) {
            Await.until("the next certificate serves", () -> Integer.parseInt(subject()) > before + 1);
            assertEquals(204, old.get("/"));
        }
        Await.until("that is good for long", () -> text("/control/acme/site").matches(
            "\\{\"state\":\"valid\",\"domains\":\\[\"a.example\",\"b.example\"],\"directory\":\"https://.*\","
                + "\"failures\":0,\"valid_until\":\".*Z\",\"next_try\":\".*Z\"}"));
        server.awaitLog("\\[notice] .*certificate \"site\" is there, from 127.0.0.1, valid until ");
        assertTrue(text("/certificates/site/chain/0/subject").contains("\"alt_names\":[\"a.example\",\"b.example\"]"));
        noKeyIsShown();
        server.control().apply("/config/routes", "[]");
        assertEquals(200, server.control().delete("/config/acme").status());
        assertEquals("{}", text("/control/acme"));
        assertTrue(Integer.parseInt(subject()) > before, "what is there stays");
    }

    private static void noKeyIsShown() throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.list(server.base().resolve("state/certs"))) {
            files = all.filter(file -> !file.endsWith("ca")).toList();
        }
        assertEquals(1, files.stream().map(file -> file.getFileName().toString())
            .filter(file -> file.matches("acme-account-[0-9a-f]{16}")).count(), files.toString());
        for (Path file : files) {
            assertTrue(Files.readString(file).contains("PRIVATE KEY"), file.toString());
            assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
        }
        for (String place : List.of("/", "/certificates", "/control/acme", "/control/inspect/router/acme")) {
            assertFalse(server.control().get(place).text().contains("PRIVATE"), place);
        }
    }

    @Test
    void aHandshakeProvesTheDomainsWhileTheListenerServes() throws Exception {
        authority.validateByTlsAt(secure);
        int before = authority.issued();
        server.control().apply("/config", """
            {"listeners": {"127.0.0.1:%d": {"pass": "routes", "tls": {"certificate": "quick"}}},
            "routes": [{"action": {"return": 204}}], "acme": {"quick": %s}}""".formatted(secure,
            wanted("[\"c.example\", \"d.example\"]", ", \"challenge\": \"tls-alpn-01\"")));
        Await.until("the certificate serves", () -> subject().equals(Integer.toString(before + 1)));
        Await.until("all is well", () -> text("/control/acme/quick").startsWith("{\"state\":\"valid\","));
        assertEquals("{\"tokens\":0}", text("/control/inspect/router/acme"));
        authority.suggest(Instant.parse("2099-01-02T03:04:05Z"), Instant.parse("2099-01-02T03:04:06Z"));
        try {
            assertEquals(200, server.control().post("/control/acme/quick", "").status());
            Await.until("it is renewed when the authority says", () ->
                text("/control/acme/quick").contains("\"next_try\":\"2099-01-02T03:04:0"));
        } finally {
            authority.suggestNothing();
        }
        Response refused = server.control().delete("/certificates/ca");
        assertEquals(400, refused.status());
        assertTrue(refused.text().contains("is used in the configuration"), refused.text());
    }

    /** The listener that describes its certificate proves the domains itself, with nothing at any other port. */
    @Test
    void aHandshakeProvesWhatAListenerDescribes() throws Exception {
        authority.validateByTlsAt(secure);
        int before = authority.issued();
        String own = "{\"acme\": " + wanted("[\"h.example\", \"i.example\"]", ", \"challenge\": \"tls-alpn-01\"") + "}";
        String tls = "/listeners/127.0.0.1:" + secure + "/tls";
        server.control().apply("/config", """
            {"listeners": {"127.0.0.1:%d": {"pass": "routes", "tls": {"certificate": %s}}},
            "routes": [{"action": {"return": 204}}]}""".formatted(secure, own));
        Await.until("the certificate serves", () -> subject().equals(Integer.toString(before + 1)));
        try (TlsClient client = TlsClient.connect(secure)) {
            assertEquals(204, client.get("/"));
        }
        Await.until("all is well", () -> text("/control/acme").matches(
            "\\{\"acme-h\\.example-[0-9a-f]{12}\":\\{\"state\":\"valid\",.*\"places\":\\[\"" + tls
            + "/certificate/acme\"]}}"));
        assertEquals("{\"tokens\":0}", text("/control/inspect/router/acme"));
        // One more domain is proven in the same way, while the listener serves with what it has.
        String domains = "/config" + tls + "/certificate/acme/domains";
        assertEquals(200, server.control().post(domains, "\"j.example\"").status());
        Await.until("there is one for the domain too", () -> subject().equals(Integer.toString(before + 2)));
        assertEquals(200, server.control().delete("/config" + tls).status());
        assertEquals("{}", text("/control/acme"));
    }

    @Test
    void aFailureIsToldAndTheServerServesOn() throws Exception {
        int nobody = Distribution.freePorts(1).getFirst();
        authority.validateAt(nobody);
        int before = authority.issued();
        server.control().apply("/config", configuration("other"));
        Await.until("it has failed", () -> text("/control/acme/other").matches("\\{\"state\":\"failed\",.*"
            + "\"failures\":1,\"next_try\":\".*\",\"last_error\":\\{\"text\":\"\\\\\"a.example\\\\\"isinvalid.*"));
        server.awaitLog("\\[error] .*certificate \"other\" cannot be had from 127.0.0.1: \"a.example\" is invalid "
            + "connection: .*; the next try is at ");
        assertEquals(PLACEHOLDER, subject());
        assertEquals(before, authority.issued());
        try (TlsClient client = TlsClient.connect(secure)) {
            assertEquals(204, client.get("/"));
        }
        authority.validateAt(plain);
        assertEquals(404, server.control().post("/control/acme/none", "").status());
        assertEquals(200, server.control().post("/control/acme/other", "").status());
        Await.until("it is there", () -> subject().equals(Integer.toString(before + 1)));
        Await.until("all is well", () -> text("/control/acme/other").startsWith("{\"state\":\"valid\","));
    }

    private static String described() throws IOException {
        Matcher name = DESCRIBED.matcher(text("/control/acme"));
        assertTrue(name.find(), text("/control/acme"));
        return name.group(1);
    }

    @Test
    void aListenerDescribesItsCertificate() throws Exception {
        authority.validateAt(plain);
        int before = authority.issued();
        int other = Distribution.freePorts(1).getFirst();
        String own = "{\"acme\": " + wanted("[\"e.example\", \"f.example\"]", "") + "}";
        String tls = "/listeners/127.0.0.1:" + secure + "/tls/certificate";
        server.control().apply("/config", """
            {"listeners": {"127.0.0.1:%d": {"pass": "routes"}, "127.0.0.1:%d": {"pass": "routes",
            "tls": {"certificate": %s}}, "127.0.0.1:%d": {"pass": "routes", "tls": {"certificate": [%s]}}},
            "routes": [{"action": {"return": 204}}]}""".formatted(plain, secure, own, other, own));
        Await.until("the certificate serves", () -> subject().equals(Integer.toString(before + 1)));
        try (TlsClient client = TlsClient.connect(other)) {
            assertEquals(Integer.toString(before + 1), client.subject(), "both listeners have the same");
            assertEquals(204, client.get("/"));
        }
        String name = described();
        Await.until("all is well", () -> text("/control/acme/" + name).startsWith("{\"state\":\"valid\","));
        assertTrue(text("/control/acme/" + name).endsWith("\"places\":[\"" + tls + "/acme\",\"" + tls.replace(
            ":" + secure, ":" + other) + "/0/acme\"]}"), text("/control/acme/" + name));
        for (String needed : List.of(name, "ca")) {
            assertEquals(400, server.control().delete("/certificates/" + needed).status(), needed);
        }
        assertEquals(200, server.control().delete("/config/listeners/127.0.0.1:" + other).status());
        assertEquals(200, server.control().put("/config" + tls + "/acme/contact", "\"mailto:a@e.example\"").status());
        String renamed = described();
        assertFalse(renamed.equals(name), "it is another certificate now");
        Await.until("what was there is good for it", () ->
            text("/control/acme/" + renamed).startsWith("{\"state\":\"valid\","));
        assertEquals(before + 1, authority.issued());
        assertEquals(Integer.toString(before + 1), subject());
        assertEquals(200, server.control().delete("/certificates/" + name).status());
        assertEquals(200, server.control().post("/config" + tls + "/acme/domains", "\"g.example\"").status());
        assertTrue(Set.of(before + 1, before + 2).contains(Integer.parseInt(subject())), "what was there serves on");
        Await.until("there is one for the domain too", () -> subject().equals(Integer.toString(before + 2)));
        assertEquals("[\"e.example\",\"f.example\",\"g.example\"]", text("/config" + tls + "/acme/domains"));
        String bad = server.control().put("/config" + tls + "/acme/domains/0", "\"*.example\"").text();
        assertTrue(bad.contains("\"" + tls + "/acme/domains\"") && bad.contains("name the hosts"), bad);
        bad = server.control().put("/config" + tls, "{\"acne\": {}}").text();
        assertTrue(bad.contains("\"" + tls + "\"") && bad.contains("\"acme\""), bad);
        bad = server.control().put("/config" + tls, "[{\"vault\": {}}]").text();
        assertTrue(bad.contains("\"" + tls + "/0/vault\"") && bad.contains("provides the certificate"), bad);
        assertEquals(200, server.control().delete("/config/listeners/127.0.0.1:" + secure).status());
        assertEquals("{}", text("/control/acme"));
    }

    @Test
    void badInputChangesNothing() throws Exception {
        String before = server.control().get("/config").text();
        for (String[] row : new String[][] {
            {wanted("\"*.a.example\"", ""), "/acme/bad/domains", "name the hosts"},
            {wanted("\"a.example\"", "").replace("true", "false"), "/acme/bad/terms_of_service_agreed", "agree"},
            {wanted("\"a.example\"", "").replace("https:", "ftp:"), "/acme/bad/directory", "https://"},
            {wanted("\"a.example\"", ", \"challenge\": \"dns-01\""), "/acme/bad/challenge", "tls-alpn-01"},
            {wanted("[]", ""), "/acme/bad/domains", ""},
            {wanted("\"a.example\"", "").replace("\"ca\": \"ca\"", "\"ca\": \"none\""), "/acme/bad/ca", "not found"},
            {"{\"terms_of_service_agreed\": true}", "/acme/bad", "\\\"domains\\\""}}) {
            Response reply = server.control().put("/config", """
                {"listeners": {"127.0.0.1:%d": {"pass": "routes", "tls": {"certificate": "bad"}}}, "routes": [],
                "acme": {"bad": %s}}""".formatted(secure, row[0]));
            assertEquals(400, reply.status(), row[0]);
            assertTrue(reply.text().contains("\"" + row[1] + "\"") && reply.text().contains(row[2]), reply.text());
        }
        assertEquals(before, server.control().get("/config").text());
        assertFalse(text("/certificates").contains("\"bad\""), "nothing is kept for what is refused");
    }
}
