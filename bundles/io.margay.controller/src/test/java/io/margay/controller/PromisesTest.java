// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.conf.ConfObject;
import io.margay.control.CertificateProvider;
import io.margay.control.CertificateStore;
import io.margay.control.ControlReply;
import io.margay.testing.TestAuthority;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Certificates that somebody gets, while the configuration names them already. */
class PromisesTest {
    private static final String DONE = "200 {\"success\": \"Reconfiguration done.\"}";

    @TempDir
    private static Path directory;
    private static byte[] placeholder;

    private final Bench bench = new Bench();
    private final List<String> inForce = new ArrayList<>();

    /** Promises a certificate for each application, since every schema has those. */
    private final CertificateProvider provider = new CertificateProvider() {
        @Override
        public Set<String> names(ConfObject configuration) {
            return configuration.object("applications").orElse(ConfObject.EMPTY).members().keySet();
        }

        @Override
        public byte[] placeholder(ConfObject configuration, String name) {
            return placeholder;
        }

        @Override
        public boolean uses(ConfObject configuration, String name) {
            return name.equals("ca") && configuration.object("applications").filter(all -> all.has("a")).isPresent();
        }

        @Override
        public void inForce(ConfObject configuration) {
            inForce.add(names(configuration).toString());
        }
    };

    @BeforeAll
    static void make() {
        TestAuthority authority = TestAuthority.root(directory, "root");
        authority.issue("one", "server", 30);
        placeholder = authority.join("one.crt", "one.key").getBytes(StandardCharsets.US_ASCII);
    }

    @BeforeEach
    void start() {
        bench.plane.provides(provider, 7);
        bench.started(conf(""));
        inForce.clear();
        bench.log.clear();
    }

    private static String conf(String name) {
        String text = name.isEmpty() ? "{'listeners': {}, 'routes': []}"
            : "{'listeners': {'*:443': {'pass': 'routes', 'tls': {'certificate': 'NAME'}}}, 'routes': [], "
            + "'applications': {'NAME': {'type': 'external', 'executable': '/a'}}}";
        return text.replace("NAME", name).replace('\'', '"');
    }

    @Test
    void somethingServesUntilThen() {
        assertEquals(DONE, bench.say("PUT", "/config", conf("a")));
        assertEquals(List.of("store CERTIFICATE a"), bench.contents.deeds);
        assertEquals(List.of("[a]"), inForce);
        assertTrue(bench.say("GET", "/certificates/a/chain/0/subject", "").startsWith("200 {\"common_name\": \"one\""));
        assertEquals(DONE, bench.say("PUT", "/config", conf("a")), "what is there is left alone");
        assertEquals(List.of("store CERTIFICATE a"), bench.contents.deeds);
    }

    @Test
    void whatIsRefusedLeavesNothing() {
        bench.applier = (text, without) -> CompletableFuture.completedFuture(Applied.failure("no"));
        assertTrue(bench.say("PUT", "/config", conf("a")).startsWith("500 "));
        assertEquals("200 {}", bench.say("GET", "/certificates", ""));
        assertEquals(List.of("store CERTIFICATE a", "delete CERTIFICATE a"), bench.contents.deeds);
        assertEquals(List.of(), inForce);
    }

    @Test
    void whatCannotBeStoredIsNoCertificate() {
        bench.contents.fails = "store";
        String reply = bench.say("PUT", "/config", conf("a"));
        assertTrue(reply.startsWith("500 {\"error\": \"Failed to apply new configuration.\"") && reply.contains(
            "certificate \\\"a\\\""), reply);
        assertEquals(List.of(), bench.applied);
        assertEquals("200 {\"listeners\": {},\"routes\": []}", bench.say("GET", "/config", ""));
    }

    @Test
    void aDryRunStoresNothing() {
        assertTrue(bench.say("PUT", "/config?dry-run", conf("a")).startsWith("200 "));
        assertEquals(List.of(), bench.contents.deeds);
    }

    @Test
    void nobodyPromisesWhoHasLeft() {
        bench.plane.providesNoMore(provider);
        assertTrue(bench.say("PUT", "/config", conf("a")).contains("Certificate \\\"a\\\" is not found."));
    }

    @Test
    void whatIsNeededStays() {
        String pem = new String(placeholder, StandardCharsets.US_ASCII);
        assertTrue(bench.say("PUT", "/certificates/ca", pem).startsWith("200 "));
        assertTrue(bench.say("PUT", "/certificates/other", pem).startsWith("200 "));
        assertEquals(DONE, bench.say("PUT", "/config", conf("a")));
        assertEquals("400 {\"error\": \"Certificate is used in the configuration.\"}",
            bench.say("DELETE", "/certificates/ca", ""));
        assertTrue(bench.say("DELETE", "/certificates/other", "").startsWith("200 "));
        assertEquals(DONE, bench.say("PUT", "/config", conf("")));
        assertTrue(bench.say("DELETE", "/certificates/ca", "").startsWith("200 "));
    }

    /** A listener may show what only who gets it can say: a new content is in service before it is told. */
    @Test
    void whatIsNeededIsReplacedInService() {
        String pem = new String(placeholder, StandardCharsets.US_ASCII);
        assertTrue(bench.say("PUT", "/certificates/ca", pem).startsWith("200 "));
        assertTrue(bench.say("PUT", "/certificates/ca", pem).startsWith("200 "));
        assertFalse(bench.contents.deeds.contains("refresh CERTIFICATE ca"), bench.contents.deeds.toString());
        assertEquals(DONE, bench.say("PUT", "/config", conf("a")));
        assertTrue(bench.say("PUT", "/certificates/ca", pem).startsWith("200 "));
        assertTrue(bench.contents.deeds.contains("refresh CERTIFICATE ca"), bench.contents.deeds.toString());
    }

    @Test
    void whoDoesNotCountGetsNothing() {
        assertEquals(DONE, bench.say("PUT", "/config", conf("a")));
        bench.plane.counting(bundle -> bundle != 7);
        inForce.clear();
        assertTrue(bench.say("PUT", "/config", conf("b")).contains("Certificate \\\"b\\\" is not found."));
        assertEquals(DONE, bench.say("PUT", "/config", conf("a")));
        assertEquals(List.of("[]"), inForce, "it has nothing to do any more");
    }

    @Test
    void whoComesLateIsToldWhatIsInForce() {
        assertEquals(DONE, bench.say("PUT", "/config", conf("a")));
        inForce.clear();
        bench.plane.providesNoMore(provider);
        bench.plane.provides(provider, 7);
        bench.drain();
        assertEquals(List.of("[a]"), inForce);
    }

    @Test
    void theStoreTakesAndGives() {
        CertificateStore store = new PlaneCertificates(bench.plane);
        assertFalse(store.has("b"));
        assertTrue(store.load("b").toCompletableFuture().isCompletedExceptionally());
        assertEquals(200, status(store.store("b", placeholder, "somebody")));
        assertEquals(List.of("info certificate \"b\" uploaded by somebody"), bench.log);
        assertEquals(new String(placeholder, StandardCharsets.US_ASCII), new String(store.load("b")
            .toCompletableFuture().getNow(null), StandardCharsets.US_ASCII));
        assertEquals(400, status(store.store("b/c", placeholder, "somebody")));
        assertEquals(400, status(store.store("b", new byte[1], "somebody")));
    }

    private int status(CompletionStage<ControlReply> reply) {
        bench.drain();
        return reply.toCompletableFuture().getNow(ControlReply.error(0, "it waits")).status();
    }
}
