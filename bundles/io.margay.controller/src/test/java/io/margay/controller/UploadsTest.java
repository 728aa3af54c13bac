// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

import io.margay.control.ControlReply;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The resources of uploaded contents ({@code spec/control-api.md §8, §9}). */
class UploadsTest {
    private static final String CONF = ("{'listeners':{'*:443':{'pass':'routes','tls':{'certificate':'a'}}},"
        + "'routes':[],'settings':{'js_module':['m']}}").replace('\'', '"');
    private static final String MODULE = "export default {a: 1}";

    @TempDir
    private static Path directory;
    private static String first;
    private static String second;

    private final Bench bench = new Bench();

    @BeforeAll
    static void make() throws Exception {
        first = pem("one", "/C=DE/O=Margay/CN=one.example");
        second = pem("two", "/CN=" + "\u00e4".repeat(31) + ".example");
    }

    private static String pem(String name, String subject) throws Exception {
        Process process = new ProcessBuilder("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-utf8",
            "-keyout", name + ".key", "-out", name + ".crt", "-subj", subject, "-days", "20",
            "-addext", "subjectAltName=DNS:" + name + ".example,IP:127.0.0.1").directory(directory.toFile())
            .redirectErrorStream(true).redirectOutput(new File("/dev/null")).start();
        assertTrue(process.waitFor(60, TimeUnit.SECONDS) && process.exitValue() == 0);
        return Files.readString(directory.resolve(name + ".crt")) + Files.readString(directory.resolve(name + ".key"));
    }

    /** One certificate and one module, both in use. */
    private void serve() {
        assertEquals("200 {\"success\": \"Certificate chain uploaded.\"}", bench.say("PUT", "/certificates/a", first));
        assertEquals("200 {\"success\": \"JS module uploaded.\"}", bench.say("PUT", "/js_modules/m", MODULE));
        bench.started(CONF);
        assertEquals("200 " + CONF, bench.say("GET", "/config", "").replace(": ", ":").replace(", ", ","));
        bench.contents.deeds.clear();
        bench.log.clear();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "PUT|/certificates|400 Invalid certificate name.", "DELETE|/certificates/|400 Invalid certificate name.",
        "POST|/certificates/x/chain|400 Invalid certificate name.", "PUT|/js_modules|400 Invalid JS module name.",
        "PUT|/js_modules/a%00b|400 Invalid JS module name.", "PUT|/js_modules/%FF|400 Invalid JS module name.",
        "PUT|/certificates/.margay.tmp|400 Invalid certificate name.",
        "POST|/certificates/a|405 Invalid method.", "PATCH|/js_modules/m|405 Invalid method.",
        "GET|/certificates/x|404 Certificate doesn't exist.", "GET|/js_modules/a|404 JS module doesn't exist.",
        "GET|/certificates/a/chain/1|404 Invalid path.", "GET|/certificates/a/key/x|404 Invalid path.",
        "GET|/js_modules/m/0|404 Invalid path.", "DELETE|/certificates/x|404 Certificate doesn't exist.",
        "DELETE|/js_modules/x|404 JS module doesn't exist.",
        "DELETE|/certificates/a|400 Certificate is used in the configuration.",
        "DELETE|/js_modules/m|400 JS module is used in the configuration.",
        "PUT|/js_modules/m|400 JS module already exists.",
        "PUT|/js_modules/m?replace|400 JS module already exists."})
    void refusals(String method, String target, String expected) {
        serve();
        String reply = bench.say(method, target, "whatever");
        assertEquals(expected.substring(0, 4) + "{\"error\": \"" + expected.substring(4) + "\"}", reply);
        assertEquals(List.of(), bench.contents.deeds);
    }

    @Test
    void aChainIsShownWithoutItsKey() {
        serve();
        String reply = bench.say("GET", "/certificates", "").replaceAll("\"(since|until)\": "
            + "\"[A-Z][a-z]{2} [ 0-9]\\d \\d\\d:\\d\\d:\\d\\d \\d{4} GMT\"",
            "$1").replaceAll("([0-9A-F]{2}:){31}[0-9A-F]{2}", "SHA");
        assertEquals("200 " + ("{'a': {'key': 'RSA (2048 bits)','chain': [{'subject': {'common_name': 'one.example',"
            + "'alt_names': ['one.example'],'country': 'DE','organization': 'Margay'},'issuer': {'common_name': "
            + "'one.example','country': 'DE','organization': 'Margay'},'validity': {since,until},"
            + "'fingerprint': 'SHA'}]}}")
            .replace('\'', '"'), reply);
        assertEquals("200 \"one.example\"", bench.say("GET", "/certificates/a/chain/0/subject/common_name", ""));
        assertEquals("200 \"" + MODULE + "\"", bench.say("GET", "/js_modules/m", ""));
        assertTrue(bench.say("GET", "/", "").startsWith("200 {\"certificates\": {\"a\": {\"key\""));
    }

    @Test
    void invalidContentsAreRefusedWithTheReason() {
        assertEquals("400 {\"error\": \"Invalid certificate.\",\"detail\": \"No certificates found in the bundle.\"}",
            bench.say("PUT", "/certificates/x", "garbage"));
        assertEquals("400 {\"error\": \"Invalid JS module.\",\"detail\": "
            + "\"\\\"SyntaxError: Unexpected token \\\\\\\"}\\\\\\\" in x y:1\\\"\"}",
            bench.say("PUT", "/js_modules/x%20y", "export default }"));
        assertEquals(List.of(), bench.contents.deeds);
        assertEquals("200 {}", bench.say("GET", "/certificates", ""));
    }

    @Test
    void whatIsNotStoredIsNotListed() {
        bench.contents.fails = "store";
        assertEquals("500 {\"error\": \"Failed to store certificate.\",\"detail\": \"disk full\"}",
            bench.say("PUT", "/certificates/a", first));
        assertEquals("500 {\"error\": \"Failed to store script.\",\"detail\": \"disk full\"}",
            bench.say("PUT", "/js_modules/m", MODULE));
        assertEquals("404 {\"error\": \"Certificate doesn't exist.\"}", bench.say("GET", "/certificates/a", ""));
        assertEquals("alert Failed to store certificate \"a\": disk full", bench.log.getFirst());
    }

    @Test
    void unusedContentsAreDeleted() {
        assertTrue(bench.say("PUT", "/certificates/b%2Fc", first).startsWith("200 "));
        assertTrue(bench.contents.files.containsKey("b%2Fc"));
        bench.contents.fails = "delete";
        assertEquals("500 {\"error\": \"Failed to delete certificate.\",\"detail\": \"disk full\"}",
            bench.say("DELETE", "/certificates/b%2Fc", ""));
        bench.contents.fails = "";
        assertEquals("200 {\"success\": \"Certificate deleted.\"}", bench.say("DELETE", "/certificates/b%2Fc", ""));
        assertEquals("200 {}", bench.say("GET", "/certificates", ""));
        assertTrue(bench.contents.files.isEmpty());
    }

    @Test
    void whatAConfigurationNamesMustExist() {
        bench.started("{}");
        assertEquals("400 {\"error\": \"Invalid configuration.\",\"detail\": \"Certificate \\\"a\\\" is not found.\","
            + "\"location\": {\"path\": \"/listeners/*:443/tls/certificate\"}}", bench.say("PUT", "/config", CONF));
        bench.say("PUT", "/certificates/a", first);
        assertEquals("400 {\"error\": \"Invalid configuration.\",\"detail\": \"JS module \\\"m\\\" is not found.\","
            + "\"location\": {\"path\": \"/settings/js_module/0\"}}", bench.say("PUT", "/config", CONF));
        bench.say("PUT", "/js_modules/m", MODULE);
        assertTrue(bench.say("PUT", "/config", CONF).startsWith("200 "));
    }

    @Test
    void aCertificateInUseIsReplacedAndTakenIntoService() {
        serve();
        assertEquals("200 {\"success\": \"Certificate chain uploaded.\"}",
            bench.say("PUT", "/certificates/a", second));
        assertEquals(List.of("load CERTIFICATE a", "store CERTIFICATE a", "refresh CERTIFICATE a"),
            bench.contents.deeds);
        assertTrue(bench.say("GET", "/certificates/a/chain/0/subject/alt_names", "").contains("two.example"));
        assertArrayEquals(second.getBytes(StandardCharsets.UTF_8), bench.contents.files.get("a"));
    }

    @Test
    void aConditionMayForbidOrDemandReplacement() {
        serve();
        assertEquals(412, bench.ask("PUT", "/certificates/a", second, Map.of("If-Match", "\"1\"")).join().status());
        assertEquals(412, bench.ask("PUT", "/certificates/a", second, Map.of("If-None-Match", "*")).join().status());
        assertEquals(412, bench.ask("PUT", "/certificates/b", second, Map.of("If-Match", "*")).join().status());
        assertEquals(List.of(), bench.contents.deeds);
        assertEquals(200, bench.ask("PUT", "/certificates/a", second, Map.of("if-match", "*")).join().status());
        assertTrue(bench.say("GET", "/certificates/a/chain/0/subject/alt_names", "").contains("two.example"));
    }

    @Test
    void aReplacementThatCannotServeLeavesTheOldOne() {
        serve();
        bench.contents.fails = "refresh";
        assertEquals("500 {\"error\": \"Failed to store certificate.\",\"detail\": \"disk full\"}",
            bench.say("PUT", "/certificates/a?replace", second));
        assertEquals(List.of("load CERTIFICATE a", "store CERTIFICATE a", "refresh CERTIFICATE a",
            "store CERTIFICATE a"), bench.contents.deeds);
        assertTrue(bench.say("GET", "/certificates/a/chain/0/subject/alt_names", "").contains("one.example"));
        assertArrayEquals(first.getBytes(StandardCharsets.UTF_8), bench.contents.files.get("a"));
        assertEquals("400 {\"error\": \"Invalid certificate.\",\"detail\": \"No certificates found in the bundle.\"}",
            bench.say("PUT", "/certificates/a?replace", ""));
    }

    @Test
    void anUnusedCertificateIsReplacedWithoutTheRouter() {
        bench.started("{}");
        bench.say("PUT", "/certificates/a", first);
        bench.contents.deeds.clear();
        assertTrue(bench.say("PUT", "/certificates/a?replace", second).startsWith("200 "));
        assertEquals(List.of("store CERTIFICATE a"), bench.contents.deeds);
    }

    @Test
    void uploadsWaitForEachOtherAndReadsDoNot() {
        bench.started("{}");
        bench.contents.gate = new CompletableFuture<>();
        CompletableFuture<ControlReply> one = bench.ask("PUT", "/certificates/a", first);
        CompletableFuture<ControlReply> two = bench.ask("PUT", "/certificates/a", second);
        CompletableFuture<ControlReply> gone = bench.ask("DELETE", "/certificates/a", "");
        assertFalse(one.isDone() || two.isDone() || gone.isDone());
        assertEquals("200 {}", bench.say("GET", "/certificates", ""));
        bench.contents.gate.complete(null);
        bench.drain();
        assertEquals(List.of(200, 200, 200), List.of(one.join().status(), two.join().status(), gone.join().status()));
    }

    @Test
    void whatMayComeBackIsInUse() {
        serve();
        bench.say("DELETE", "/config?confirm=60", "");
        assertEquals("400 {\"error\": \"Certificate is used in the configuration.\"}",
            bench.say("DELETE", "/certificates/a", ""));
        bench.say("POST", "/control/confirm", "");
        assertEquals("200 {\"success\": \"Certificate deleted.\"}", bench.say("DELETE", "/certificates/a", ""));
    }

    @Test
    void whatIsBeingAppliedIsInUse() {
        bench.started("{}");
        bench.say("PUT", "/certificates/a", first);
        bench.say("PUT", "/js_modules/m", MODULE);
        CompletableFuture<Applied> applying = new CompletableFuture<>();
        bench.applier = (conf, without) -> applying;
        CompletableFuture<ControlReply> change = bench.ask("PUT", "/config", CONF);
        assertEquals("400 {\"error\": \"Certificate is used in the configuration.\"}",
            bench.say("DELETE", "/certificates/a", ""));
        applying.complete(Applied.failure("no"));
        bench.drain();
        assertEquals(500, change.join().status());
        assertEquals("200 {\"success\": \"Certificate deleted.\"}", bench.say("DELETE", "/certificates/a", ""));
    }

    @Test
    void aLostCertificateIsLeftToItsListenerAtTheStart() {
        bench.applier = (conf, without) -> CompletableFuture.completedFuture(bench.applied.size() == 1
            ? Applied.closed("certificate \"a\": not stored", "*:443") : Applied.success());
        bench.started(CONF);
        assertTrue(bench.say("GET", "/config/listeners", "").contains("443"), bench.log.toString());
        assertTrue(bench.say("PUT", "/config", CONF).contains("Certificate \\\"a\\\" is not found."));
    }

    @Test
    void storedContentsAreRestoredAsFarAsTheyAreUsable() {
        Map<String, byte[]> stored = new LinkedHashMap<>();
        stored.put("bad\n", new byte[] {1});
        stored.put("a", first.getBytes(StandardCharsets.UTF_8));
        bench.uploads.restore(ContentKind.CERTIFICATE, stored);
        bench.uploads.restore(ContentKind.SCRIPT, Map.of("m", MODULE.getBytes(StandardCharsets.UTF_8)));
        bench.started(CONF);
        assertEquals(List.of("alert stored certificate \"bad?\" is skipped: No certificates found in the bundle."),
            bench.log);
        assertTrue(bench.say("GET", "/config", "").contains("443"));
    }
}
