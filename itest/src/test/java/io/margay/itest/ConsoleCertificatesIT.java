// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Certificates by the web console: uploaded, replaced, removed; keys go in and never come out. */
@Timeout(120)
class ConsoleCertificatesIT {
    private static String order(String action, String pem, boolean replace) {
        return "{\"action\": \"" + action + "\", \"name\": \"one\", \"pem\": \"" + pem.replace("\n", "\\n")
            + "\", \"replace\": " + replace + "}";
    }

    private static void refused(ConsoleClient console, String order, String reason) throws IOException {
        Response reply = console.order("certificates", order);
        assertTrue(reply.status() >= 400 && reply.status() < 500 && reply.text().contains(reason),
            reply.status() + " " + reply.text());
    }

    @Test
    void uploadedReplacedAndRemoved() throws Exception {
        try (TestServer server = ConsoleClient.start()) {
            ConsoleClient console = new ConsoleClient(server);
            OpenSsl openssl = new OpenSsl(server.base());
            openssl.selfSigned("old", "rsa:2048");
            openssl.selfSigned("new", "rsa:2048");
            String first = openssl.join("old.crt", "old.key");
            String second = openssl.join("new.crt", "new.key");
            refused(console, order("upload", "no certificate", false), "Invalid certificate");
            assertEquals(200, console.order("certificates", order("upload", first, false)).status());
            refused(console, order("upload", second, false), "already exists");
            String shown = console.json("certificates").text();
            assertTrue(shown.contains("old.example") && !shown.contains("PRIVATE KEY"), shown);
            assertEquals(200, console.order("certificates", order("upload", second, true)).status());
            assertTrue(console.json("certificates").text().contains("new.example"));
            assertEquals(200, console.order("certificates", order("remove", "", false)).status());
            assertFalse(console.json("certificates").text().contains("new.example"));
            assertFalse(server.log().contains("PRIVATE KEY"));
            describedByAListener(server, console);
        }
    }

    /** The page is told where a certificate is used whose name no listener says. */
    private static void describedByAListener(TestServer server, ConsoleClient console) throws IOException {
        int port = Distribution.freePorts(1).getFirst();
        server.control().apply("/config", """
            {"listeners": {"127.0.0.1:%d": {"pass": "routes", "tls": {"certificate": {"acme": {"domains": "a.example",
            "terms_of_service_agreed": true, "directory": "https://127.0.0.1:1/d"}}}}}, "routes": []}"""
            .formatted(port));
        String shown = console.json("certificates").text().replaceAll("\\s+", "");
        assertTrue(shown.contains("\"described\":{\"acme\":{\"acme-a.example-"), shown);
        assertTrue(shown.contains("\"places\":[\"/listeners/127.0.0.1:" + port + "/tls/certificate/acme\"]"), shown);
        assertTrue(shown.contains("notthereyet"), shown);
    }
}
