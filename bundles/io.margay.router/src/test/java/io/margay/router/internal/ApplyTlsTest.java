// SPDX-License-Identifier: Apache-2.0
package io.margay.router.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.certificate.CertificateKind;
import io.margay.conf.Conf;
import io.margay.conf.ConfString;
import io.margay.listen.TlsService;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Listeners that get TLS, keep it and lose it with the configuration. */
@Timeout(60)
class ApplyTlsTest extends ApplyStage {

    @TempDir
    private static Path made;
    private static byte[] one;
    private static byte[] two;

    @BeforeAll
    static void make() throws Exception {
        one = pem("one");
        two = pem("two");
    }

    private static byte[] pem(String name) throws Exception {
        Process process = new ProcessBuilder("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj",
            "/CN=" + name, "-keyout", name + ".key", "-out", name + ".crt").directory(made.toFile())
            .redirectErrorStream(true).redirectOutput(new File("/dev/null")).start();
        assertTrue(process.waitFor(30, TimeUnit.SECONDS) && process.exitValue() == 0);
        return (Files.readString(made.resolve(name + ".crt")) + Files.readString(made.resolve(name + ".key")))
            .getBytes(StandardCharsets.UTF_8);
    }

    private String secure(String name, String certificate) {
        return "\"" + address(name) + "\":{\"pass\":\"routes\",\"tls\":{\"certificate\":" + certificate + "}}";
    }

    private TlsService service(String name) {
        return current.listeners().get(address(name)).tls().orElseThrow();
    }

    @Test
    void tlsIsKeptUntilSomethingOfItChanges() throws IOException {
        stage.certificates.put("c", one);
        stage.certificates.put("d", two);
        apply(conf(secure("a", "\"c\""), "200", ""));
        assertEquals(List.of("SOCKET " + address("a") + " -1", "CERT_GET c"), stage.asked);
        TlsService first = service("a");
        assertEquals("400", ask("a"), "plain requests are told so");
        apply(conf(secure("a", "\"c\""), "404", ""));
        assertSame(first, service("a"));
        apply(conf(secure("a", "[\"c\",\"d\"]"), "404", ""));
        TlsService second = service("a");
        assertNotSame(first, second);
        stage.certificates.put("d", one);
        apply(conf(secure("a", "[\"c\",\"d\"]"), "404", ""));
        assertNotSame(second, service("a"), "the content has changed");
        apply(conf(listener("a", "routes"), "404", ""));
        assertFalse(current.listeners().get(address("a")).tls().isPresent());
        assertEquals("404", ask("a"));
    }

    @Test
    void aCertificateThatCannotServeTakesEverythingBack() {
        stage.certificates.put("c", one);
        apply(conf(secure("a", "\"c\""), "200", ""));
        Configuration before = current;
        TlsService service = service("a");
        stage.certificates.put("bad", "garbage".getBytes(StandardCharsets.US_ASCII));
        String[][] table = {{"b", "\"none\"", "certificate \"none\": not stored"},
            {"c", "[\"c\",\"bad\"]", "certificate \"bad\": No certificates found in the bundle."}};
        for (String[] row : table) {
            stage.asked.clear();
            ApplyException thrown = refused(conf(secure("a", "\"c\"") + "," + secure(row[0], row[1]), "200", ""));
            assertEquals(row[2], thrown.getMessage());
            assertEquals("LISTENER " + address(row[0]), thrown.part() + " " + thrown.name());
            stage.await("the socket is given back", () -> stage.asked.contains("SOCKET_UNLINK " + address(row[0])));
            assertThrows(IOException.class, () -> connect(row[0]));
            assertSame(before, current);
            assertSame(service, service("a"));
        }
        ApplyException thrown = refused(conf(secure("a", "\"c\",\"conf_commands\":{\"X\":\"y\"}"), "200", ""));
        assertEquals("unknown command \"X\" in \"conf_commands\" option", thrown.getMessage());
        assertEquals("error " + thrown.getMessage(), stage.lines.all.getLast());
    }

    @Test
    void whatIsDescribedServesUnderTheNameThatItsBundleGives() throws IOException {
        stage.certificates.put("kind-x", one);
        kinds.add(new CertificateKind() {
            @Override
            public String option() {
                return "kind";
            }

            @Override
            public String name(Conf value) {
                if (value.equals(Conf.of(5))) {
                    throw new IllegalArgumentException("five is none");
                }
                return "kind-" + ((ConfString) value).value();
            }
        });
        apply(conf(secure("a", "{\"kind\":\"x\"}") + "," + secure("b", "[{\"kind\":\"x\"}]"), "200", ""));
        assertEquals(1, stage.asked.stream().filter("CERT_GET kind-x"::equals).count(), "both have the same");
        assertEquals(List.of("kind-x"), service("b").options().certificates());
        assertEquals("400", ask("a"), "plain requests are told so");
        TlsService before = service("a");
        String[][] table = {{"{\"other\":\"x\"}", "No installed bundle supports \"other\"."},
            {"{\"kind\":5}", "five is none"},
            {"{\"kind\":true}", "The certificate \"kind\" cannot be named: java.lang.ClassCast"}};
        for (String[] row : table) {
            ApplyException thrown = refused(conf(secure("a", row[0]), "200", ""));
            assertTrue(thrown.getMessage().startsWith(row[1]), thrown.getMessage());
            assertEquals("OPTION /listeners/" + address("a").replace("/", "~1") + "/tls/certificate",
                thrown.part() + " " + thrown.name());
            assertSame(before, service("a"));
        }
    }

    @Test
    void whatCannotBeObeyedIsToldWithItsPlace() {
        stage.certificates.put("c", one);
        String[][] table = {
            {"a", "\"stapling\":true", "/stapling", "\"stapling\" needs the issuer of certificate \"c\" in its bundle"},
            {"b", "\"client\":{\"ca\":[\"c\"],\"revocation\":\"client\"}", "/client/revocation",
                "\"revocation\" needs a revocation list in one of the bundles \"c\""}};
        for (String[] row : table) {
            ApplyException thrown = refused(conf(secure(row[0], "\"c\"," + row[1]), "200", ""));
            assertEquals(row[3], thrown.getMessage());
            assertEquals("OPTION /listeners/" + address(row[0]).replace("/", "~1") + "/tls" + row[2],
                thrown.part() + " " + thrown.name());
            stage.await("the socket is given back", () -> stage.asked.contains("SOCKET_UNLINK " + address(row[0])));
        }
    }
}
