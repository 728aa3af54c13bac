// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

import io.margay.conf.ConfWriter;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.control.ControlReply;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ControlApiTest {
    private static final String CONF = ("{'listeners':{'*:80':{'pass':'routes'}},'routes':[{'action':{'return':200}}],"
        + "'applications':{'a/b':{'type':'external','executable':'x'},'c':{'type':'external','executable':'y'}},"
        + "'settings':{'http':{'static':{'mime_types':{'text/html':['.htm']}}}}}").replace('\'', '"');

    private final Bench bench = new Bench().started(CONF);

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "GET|/config/listeners|200 {'*:80': {'pass': 'routes'}}", "GET|/config/listeners/*:80/pass|200 'routes'",
        "GET|/config/listeners/%2A%3A80|200 {'pass': 'routes'}", "GET|/config/routes/0/action/return|200 200",
        "GET|/config/routes/00/|200 {'action': {'return': 200}}",
        "GET|//config/./x/../listeners?a#b|200 {'*:80': {'pass': 'routes'}}",
        "GET|/config/settings/http/static/mime_types/text%2Fhtml|200 ['.htm']",
        "GET|/config/settings/http/static/mime_types/text/html|MISSING", "GET|/config/x|MISSING",
        "GET|/configX|MISSING", "GET|/config/routes/1|MISSING", "GET|/Config|MISSING", "PATCH|/config|NOT ALLOWED",
        "POST|/config|NOT ALLOWED", "HEAD|/config/x|NOT ALLOWED", "PUT|/|405 {'error': 'Invalid method.'}",
        "GET|/status|200 {'connections': {'active': 1}}", "GET|/status/connections/active|200 1",
        "GET|/status/x|404 {'error': 'Invalid path.'}", "PUT|/status|405 {'error': 'Invalid method.'}",
        "GET|/certificates|200 {}", "GET|/js_modules|200 {}", "GET|/control|MISSING", "PUT|/control/|MISSING",
        "PUT|/control/x|NOT ALLOWED", "GET|/control/x|MISSING",
        "GET|/control/applications/c/restart|200 {'success': 'Ok'}",
        "GET|/control/applications/a/b/restart|200 {'success': 'Ok'}",
        "GET|/control/applications/a%2Fb/restart|200 {'success': 'Ok'}",
        "GET|/control/applications/d/restart|MISSING", "GET|/control/applications/restart|MISSING",
        "POST|/control/applications/c/restart|NOT ALLOWED", "GET|/%|BAD", "GET|/..|BAD", "GET|http://x/|BAD"})
    void readingAndRefusing(String method, String target, String expected) {
        String text = switch (expected) {
            case "MISSING" -> "404 {\"error\": \"Value doesn't exist.\"}";
            case "NOT ALLOWED" -> "405 {\"error\": \"Method isn't allowed.\"}";
            case "BAD" -> "400 {\"error\": \"Invalid request.\",\"detail\": \"The request target must be "
                + "an absolute path.\"}";
            default -> expected.replace('\'', '"');
        };
        assertEquals(text, bench.say(method, target, ""));
        assertEquals(List.of(), bench.applied);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "PUT|/config|{}|200|{}", "DELETE|/config||200|{}", "PUT|/config/routes/0/action/return|404|200|",
        "POST|/config/routes|{\"action\":{\"return\":201}}|200|", "DELETE|/config/routes/0||200|",
        "PUT|/config/listeners/unix:%2Frun%2Fa.sock|{\"pass\":\"routes\"}|200|", "PUT|/config|[1|400|",
        "PUT|/config/listeners|1|400|", "DELETE|/config/routes||400|", "PUT|/config/nowhere/x|{|400|",
        "PUT|/config/nowhere/x|1|404|", "PUT|/config/routes/5|1|404|", "PUT|/config/listeners/*:80/pass/x|1|404|",
        "POST|/config/listeners|1|405|", "POST|/config/nowhere|1|404|", "DELETE|/config/nowhere||404|"})
    void changing(String method, String target, String body, int status, String whole) {
        String reply = bench.say(method, target, body == null ? "" : body);
        assertTrue(reply.startsWith(status + " "), reply);
        assertEquals(status == 200 ? 1 : 0, bench.applied.size());
        assertEquals(bench.applied, bench.stored);
        if (whole != null) {
            assertEquals(List.of(whole), bench.applied);
            assertEquals("200 " + whole, bench.say("GET", "/config", ""));
        }
        String line = "info configuration changed: " + method + " " + target + " by uid 0, gid 0, pid 1";
        assertEquals(status == 200 ? List.of(line) : List.of(), bench.log);
    }

    @Test
    void refusalsSayWhere() {
        assertEquals("400 {\"error\": \"Invalid JSON.\",\"detail\": \"Unexpected end of JSON payload.  There's an "
            + "object without a closing brace (}).\",\"location\": {\"offset\": 1,\"line\": 1,\"column\": 2}}",
            bench.say("PUT", "/config", "{"));
        assertEquals("400 {\"error\": \"Invalid configuration.\",\"detail\": \"Unknown parameter \\\"lissen\\\".\","
            + "\"location\": {\"path\": \"\"}}", bench.say("PUT", "/config/lissen", "{}"));
        assertEquals("400 {\"error\": \"Invalid configuration.\",\"detail\": \"Unknown parameter \\\"routs\\\".\","
            + "\"location\": {\"path\": \"\"},\"suggestion\": \"routes\"}", bench.say("PUT", "/config/routs", "{}"));
    }

    @Test
    void longNamesDoNotExist() {
        assertTrue(bench.say("PUT", "/config/" + "x".repeat(257), "1").startsWith("404 "));
        assertTrue(bench.say("GET", "/config/" + "x".repeat(257), "").startsWith("404 "));
    }

    @Test
    void aFailedApplicationKeepsTheOldConfiguration() {
        bench.applier = (conf, without) -> CompletableFuture.completedFuture(Applied.failure("bind() failed"));
        assertEquals("500 {\"error\": \"Failed to apply new configuration.\",\"detail\": \"bind() failed\"}",
            bench.say("PUT", "/config", "{}"));
        bench.applier = (conf, without) -> {
            throw new IllegalStateException();
        };
        assertEquals("500 {\"error\": \"Failed to apply new configuration.\",\"detail\": \"IllegalStateException\"}",
            bench.say("PUT", "/config", "{}"));
        assertEquals(List.of(), bench.stored);
        assertEquals(CONF, new String(ConfWriter.compact(bench.plane.current()), StandardCharsets.UTF_8));
        assertEquals("alert failed to apply new conf: bind() failed", bench.log.getFirst());
    }

    @Test
    void aFailedStoreIsAWarning() {
        bench.storeFails = true;
        assertEquals("200 {\"success\": \"Reconfiguration done.\",\"warning\": \"The configuration is not stored and "
            + "will be lost at the next start: disk full\"}", bench.say("PUT", "/config", "{}"));
        assertEquals("200 {}", bench.say("GET", "/config", ""));
    }

    @Test
    void withoutMainAChangeIsNotDone() {
        bench.mainIsGone = true;
        assertEquals("500 {\"error\": \"Failed to store the new configuration.\",\"detail\": \"The server ends, its "
            + "next start has the configuration before: main takes no requests\"}", bench.say("PUT", "/config", "{}"));
    }

    @Test
    void failingHelpersAreReported() {
        bench.helpersFail = true;
        assertEquals("500 {\"error\": \"Failed to get status.\"}", bench.say("GET", "/", ""));
        assertEquals("500 {\"error\": \"Failed to restart app.\"}",
            bench.say("GET", "/control/applications/c/restart", ""));
        assertEquals(List.of("c"), bench.restarted);
    }

    @Test
    void changesWaitForEachOtherAndReadsDoNot() {
        CompletableFuture<Applied> first = new CompletableFuture<>();
        bench.applier = (conf, without) -> first;
        List<CompletableFuture<ControlReply>> waiting = new ArrayList<>();
        waiting.add(bench.ask("DELETE", "/config", ""));
        waiting.add(bench.ask("PUT", "/config/routes", "[]"));
        waiting.add(bench.ask("PUT", "/config", "["));
        waiting.add(bench.ask("GET", "/status", ""));
        waiting.add(bench.ask("GET", "/", ""));
        waiting.add(bench.ask("GET", "/control/applications/c/restart", ""));
        assertEquals("200 " + "\"routes\"", bench.say("GET", "/config/listeners/*:80/pass", ""));
        assertEquals("405 {\"error\": \"Method isn't allowed.\"}", bench.say("POST", "/config", ""));
        assertTrue(waiting.stream().noneMatch(CompletableFuture::isDone));
        bench.applier = (conf, without) -> CompletableFuture.completedFuture(Applied.success());
        first.complete(Applied.success());
        bench.drain();
        assertEquals(List.of(200, 200, 400, 200, 200, 404), waiting.stream().map(f -> f.join().status()).toList());
        assertEquals("{\"certificates\": {},\"js_modules\": {},"
            + "\"config\": {\"routes\": []},\"status\": {\"connections\": {\"active\": 1}}}",
            Bench.compact(waiting.get(4).join()));
    }

    @Test
    void theQueueIsBounded() {
        bench.applier = (conf, without) -> new CompletableFuture<>();
        for (int i = 0; i < 1001; i++) {
            assertFalse(bench.ask("DELETE", "/config", "").isDone());
        }
        assertEquals("500 {\"error\": \"Too many requests are waiting.\"}", bench.say("GET", "/status", ""));
    }

    @Test
    void nothingIsAnsweredBeforeTheStart() {
        Bench fresh = new Bench();
        CompletableFuture<ControlReply> early = fresh.ask("PUT", "/config/routes", "[]");
        assertFalse(early.isDone());
        fresh.plane.start(Optional.empty(), () -> { });
        fresh.drain();
        assertEquals(200, early.join().status());
        assertEquals(List.of("{\"listeners\":{},\"routes\":[],\"applications\":{}}",
            "{\"listeners\":{},\"routes\":[],\"applications\":{}}"), fresh.applied);
    }

    @Test
    void aNewRouterGetsTheConfigurationBeforeAnythingElse() {
        CompletableFuture<Applied> dying = new CompletableFuture<>();
        bench.applier = (conf, without) -> dying;
        CompletableFuture<ControlReply> change = bench.ask("DELETE", "/config", "");
        CompletableFuture<ControlReply> next = bench.ask("PUT", "/config/routes", "[]");
        CompletableFuture<Boolean> again = bench.plane.reapply().toCompletableFuture();
        bench.applier = (conf, without) -> CompletableFuture.completedFuture(Applied.success());
        dying.complete(Applied.failure("router died"));
        bench.drain();
        assertEquals(List.of(500, 200), List.of(change.join().status(), next.join().status()));
        assertTrue(again.join());
        assertEquals(List.of("{}", CONF), bench.applied.subList(0, 2));
    }
}
