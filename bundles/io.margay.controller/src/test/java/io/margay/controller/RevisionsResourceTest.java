// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.conf.ConfObject;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RevisionsResourceTest {
    private static final String PEER = "\"peer\": {\"uid\": 0,\"gid\": 0,\"pid\": 1}";

    private final Bench bench = new Bench().started("{}");

    private void threeChanges() {
        bench.say("PUT", "/config?x=y", "{\"routes\":[]}");
        bench.say("PUT", "/config/routes", "[{\"action\":{\"return\":201}}]");
        bench.say("DELETE", "/config/routes/0", "");
    }

    private static String note(int number, String method, String path) {
        return "{\"number\": " + number + ",\"method\": \"" + method + "\",\"path\": \"" + path + "\"," + PEER;
    }

    @Test
    void eachChangeIsOne() {
        assertEquals("200 []", bench.say("GET", "/control/revisions", ""));
        threeChanges();
        assertEquals("200 [" + note(1, "PUT", "/config") + ",\"current\": false},"
            + note(2, "PUT", "/config/routes") + ",\"current\": false},"
            + note(3, "DELETE", "/config/routes/0") + ",\"current\": true}]",
            bench.say("GET", "/control/revisions", ""));
        assertEquals("200 " + note(2, "PUT", "/config/routes") + ",\"current\": false,\"configuration\": "
            + "{\"routes\": [{\"action\": {\"return\": 201}}]}}", bench.say("GET", "/control/revisions/2/", ""));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "/control/revisions/1/diff|[]", "/control/revisions/3/diff/1|[]",
        "/control/revisions/1/diff/2|[{\"op\": \"add\",\"path\": \"/routes/0\",\"to\": {\"action\": "
            + "{\"return\": 201}}}]",
        "/control/revisions/2/diff|[{\"op\": \"remove\",\"path\": \"/routes/0\",\"from\": {\"action\": "
            + "{\"return\": 201}}}]"})
    void differences(String path, String expected) {
        threeChanges();
        assertEquals("200 " + expected, bench.say("GET", path, ""));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "GET|/control/revisions/4|404|There is no revision 4.",
        "GET|/control/revisions/1/diff/9|404|There is no revision 9.",
        "GET|/control/revisions/4/diff|404|There is no revision 4.",
        "POST|/control/revisions/4/rollback|404|There is no revision 4.",
        "GET|/control/revisions/0|404|", "GET|/control/revisions/01|404|", "GET|/control/revisions/x|404|",
        "GET|/control/revisions/1/x|404|", "GET|/control/revisions/1/diff/x|404|",
        "GET|/control/revisions/1/diff/2/3|404|", "GET|/control/revisions/1/rollback/x|404|",
        "GET|/control/Revisions|404|", "GET|/control/revisions/9999999999999999999|404|",
        "GET|/control/revisions/1/rollback|405|", "POST|/control/revisions|405|", "PUT|/control/revisions/1|405|",
        "POST|/control/revisions/x/rollback|405|", "DELETE|/control/revisions/1|405|"})
    void everythingElseIsRefused(String method, String path, int status, String detail) {
        threeChanges();
        bench.applied.clear();
        String text = status == 405 ? "Method isn't allowed." : "Value doesn't exist.";
        assertEquals(status + " {\"error\": \"" + text + "\"" + (detail == null ? ""
            : ",\"detail\": \"" + detail + "\"") + "}", bench.say(method, path, ""));
        assertEquals(List.of(), bench.applied);
    }

    @Test
    void theWayBackIsAChangeLikeOthers() {
        threeChanges();
        assertEquals("200 {\"success\": \"Reconfiguration done.\"}",
            bench.say("POST", "/control/revisions/2/rollback", "ignored"));
        assertEquals("{\"routes\":[{\"action\":{\"return\":201}}]}", bench.applied.getLast());
        assertEquals(bench.applied, bench.stored);
        assertTrue(bench.say("GET", "/control/revisions", "").endsWith(
            note(4, "POST", "/control/revisions/2/rollback") + ",\"current\": true}]"));
        assertEquals("info configuration changed: POST /control/revisions/2/rollback by uid 0, gid 0, pid 1",
            bench.log.getLast());
        assertEquals(412, bench.ask("POST", "/control/revisions/1/rollback", "", Map.of("If-Match", "\"x\"")).join()
            .status());
        assertTrue(bench.say("POST", "/control/revisions/1/rollback?dry-run", "").contains("\"routes\": true"));
        assertEquals(4, bench.stored.size());
    }

    /** The rules of today decide, not those of the day when it was stored. */
    @Test
    void whatIsNotValidAnyMoreIsRefused() {
        bench.history.add(new Revision(ConfObject.builder().put("number", 1).build(), Bench.bytes("{\"x\":1}")));
        bench.history.add(new Revision(ConfObject.builder().put("number", 2).build(), Bench.bytes("{")));
        assertTrue(bench.say("POST", "/control/revisions/1/rollback", "").startsWith(
            "400 {\"error\": \"Invalid configuration.\""));
        assertTrue(bench.say("POST", "/control/revisions/2/rollback", "").startsWith(
            "500 {\"error\": \"The revision is damaged.\""));
        assertEquals(List.of(), bench.applied);
    }

    @Test
    void theStoredOneIsKnownByItsNumber() {
        Bench next = new Bench();
        next.history.addAll(List.of(new Revision(ConfObject.builder().put("number", 1).build(), Bench.bytes("{}"))));
        next.plane.start(Optional.of(Bench.bytes("{}")), OptionalLong.of(1), () -> { });
        next.drain();
        assertEquals("200 [{\"number\": 1,\"current\": true}]", next.say("GET", "/control/revisions", ""));
        next.plane.reapply();
        next.drain();
        assertEquals("200 [{\"number\": 1,\"current\": true}]", next.say("GET", "/control/revisions", ""));
        Bench rejected = new Bench();
        rejected.history.addAll(next.history);
        rejected.plane.start(Optional.of(Bench.bytes("{")), OptionalLong.of(1), () -> { });
        rejected.drain();
        assertEquals("200 [{\"number\": 1,\"current\": false}]", rejected.say("GET", "/control/revisions", ""));
    }

    @Test
    void whatIsNotStoredIsNotTheCurrentOne() {
        threeChanges();
        bench.storeFails = true;
        bench.say("DELETE", "/config", "");
        assertTrue(bench.say("GET", "/control/revisions", "").endsWith("\"current\": false}]"));
    }

    @Test
    void readsDoNotWaitForChanges() {
        threeChanges();
        bench.applier = (conf, without) -> new CompletableFuture<>();
        bench.ask("DELETE", "/config", "");
        assertEquals("200 []", bench.say("GET", "/control/revisions/1/diff", ""));
        bench.helpersFail = true;
        assertEquals("500 {\"error\": \"Failed to read revisions.\",\"detail\": \"no main\"}",
            bench.say("GET", "/control/revisions", ""));
    }
}
