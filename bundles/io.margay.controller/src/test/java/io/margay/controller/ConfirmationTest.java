// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.conf.ConfObject;
import io.margay.control.AccessPolicy;
import io.margay.control.ControlPeer;
import io.margay.control.ControlReply;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfirmationTest {
    private static final String BEFORE = "{\"routes\":[]}";
    private static final String NONE = "409 {\"error\": \"Nothing waits for a confirmation.\",\"detail\": \"No change "
        + "was made with \\\"confirm\\\", or it was taken back.\"}";

    private final Bench bench = new Bench().started("{}");

    /** The empty configuration is in force, and the one before was stored. */
    private void change() {
        bench.say("PUT", "/config", BEFORE);
        String reply = bench.say("DELETE", "/config?confirm=60", "");
        assertTrue(reply.matches("200 \\{\"success\": \"Reconfiguration done.\",\"confirm\": \\{\"deadline\": "
            + "\"[-0-9]{10}T[:0-9]{8}Z\",\"seconds\": 60}}"), reply);
        bench.applied.clear();
    }

    private String configuration() {
        return bench.say("GET", "/config", "").substring(4);
    }

    private boolean isStored() {
        return bench.stored.getLast().equals("{}");
    }

    @Test
    void whatNobodyConfirmsGoes() {
        assertEquals("200 {\"pending\": false}", bench.say("GET", "/control/confirm", ""));
        change();
        assertEquals(List.of("60000 ms"), bench.timers);
        assertEquals("{}", configuration());
        assertFalse(isStored());
        assertTrue(bench.say("GET", "/control/revisions", "").endsWith("\"current\": false}]"));
        String shown = bench.say("GET", "/control/confirm", "");
        assertTrue(shown.matches("200 \\{\"pending\": true,\"deadline\": \"[^\"]*\",\"seconds_left\": (59|60|58),"
            + "\"method\": \"DELETE\",\"path\": \"/config\",\"peer\": \\{\"uid\": 0,\"gid\": 0,\"pid\": 1}}"), shown);
        bench.runTimer();
        assertEquals(List.of(BEFORE), bench.applied);
        assertEquals("{\"routes\": []}", configuration());
        assertEquals("alert configuration rolled back since nobody has confirmed it in time: DELETE /config?confirm=60 "
            + "by uid 0, gid 0, pid 1", bench.log.getLast());
        assertTrue(bench.say("GET", "/control/revisions", "").endsWith("\"current\": true}]"));
        assertEquals(NONE, bench.say("POST", "/control/confirm", ""));
        assertEquals(NONE, bench.say("DELETE", "/control/confirm", ""));
        assertEquals(List.of(BEFORE), bench.stored);
    }

    @Test
    void whatIsConfirmedIsStored() {
        change();
        assertEquals("200 {\"success\": \"Reconfiguration confirmed.\"}", bench.say("POST", "/control/confirm", ""));
        assertTrue(isStored());
        assertEquals(Optional.empty(), bench.timer);
        assertEquals(List.of(), bench.applied);
        assertTrue(bench.say("GET", "/control/revisions", "").endsWith("\"method\": \"DELETE\",\"path\": \"/config\","
            + "\"peer\": {\"uid\": 0,\"gid\": 0,\"pid\": 1},\"current\": true}]"));
        assertEquals(NONE, bench.say("POST", "/control/confirm", ""));
        assertEquals("200", bench.say("PUT", "/config", BEFORE).substring(0, 3));
    }

    @ParameterizedTest
    @CsvSource({"PUT,/config", "DELETE,/config", "PUT,/config/settings?confirm=5", "PUT,/config?dry-run=false",
        "POST,/control/revisions/1/rollback"})
    void otherChangesWait(String method, String path) {
        change();
        String reply = bench.say(method, path, "{}");
        assertTrue(reply.matches("409 \\{\"error\": \"Another change waits for its confirmation.\",\"detail\": "
            + "\"DELETE /config\\?confirm=60 by uid 0, gid 0, pid 1 is in force until [^ ]*Z. POST /control/confirm "
            + "keeps it, DELETE /control/confirm takes it back.\"}"), reply);
        assertEquals(List.of(), bench.applied);
        assertEquals("200", bench.say("PUT", "/config?dry-run", BEFORE).substring(0, 3));
    }

    @Test
    void itCanBeTakenBackAtOnce() {
        change();
        assertEquals("200 {\"success\": \"Reconfiguration rolled back.\"}",
            bench.say("DELETE", "/control/confirm", ""));
        assertEquals(List.of(BEFORE), bench.applied);
        assertEquals(Optional.empty(), bench.timer);
        assertFalse(isStored());
    }

    /** A confirmation that came before the deadline counts, whatever it has to wait for. */
    @Test
    void aConfirmationCountsFromItsArrival() {
        change();
        bench.preview = new CompletableFuture<>();
        CompletableFuture<ControlReply> busy = bench.ask("PUT", "/config?dry-run", BEFORE);
        CompletableFuture<ControlReply> confirmation = bench.ask("POST", "/control/confirm", "");
        bench.runTimer();
        assertFalse(confirmation.isDone());
        bench.preview.complete(ConfObject.EMPTY);
        bench.drain();
        assertEquals(List.of(200, 200), List.of(busy.join().status(), confirmation.join().status()));
        assertTrue(isStored());
        assertEquals(List.of(), bench.applied);
    }

    @Test
    void lateIsLate() {
        change();
        bench.preview = new CompletableFuture<>();
        bench.ask("PUT", "/config?dry-run", BEFORE);
        bench.runTimer();
        CompletableFuture<ControlReply> confirmation = bench.ask("POST", "/control/confirm", "");
        bench.preview.complete(ConfObject.EMPTY);
        bench.drain();
        assertEquals(409, confirmation.join().status());
        assertEquals(List.of(BEFORE), bench.applied);
    }

    @Test
    void aFailedWayBackIsTriedAgain() {
        change();
        bench.applier = (conf, without) -> CompletableFuture.completedFuture(Applied.failure("no sockets left"));
        bench.runTimer();
        assertEquals("alert failed to roll the configuration back, trying again soon: no sockets left",
            bench.log.getLast());
        assertEquals("{}", configuration());
        assertEquals(409, bench.ask("PUT", "/config", BEFORE).join().status());
        assertEquals(List.of("60000 ms", "5000 ms"), bench.timers);
        bench.applier = (conf, without) -> CompletableFuture.completedFuture(Applied.success());
        bench.runTimer();
        assertEquals("{\"routes\": []}", configuration());
        assertEquals(Optional.empty(), bench.timer);
    }

    @Test
    void theNextRouterGetsWhatWasConfirmed() {
        change();
        bench.plane.routerGone();
        assertEquals(NONE, bench.say("POST", "/control/confirm", ""));
        bench.plane.reapply();
        bench.drain();
        assertEquals(List.of(BEFORE), bench.applied);
        assertEquals("{\"routes\": []}", configuration());
        assertEquals("200 {\"pending\": false}", bench.say("GET", "/control/confirm", ""));
    }

    /** New languages are no reason to give it up. */
    @Test
    void applyingAgainKeepsItWaiting() {
        change();
        bench.plane.reapply();
        bench.drain();
        assertEquals(List.of("{}"), bench.applied);
        bench.runTimer();
        assertEquals(List.of("{}", BEFORE), bench.applied);
    }

    @Test
    void aFailedStoreIsAWarning() {
        change();
        bench.storeFails = true;
        assertEquals("200 {\"success\": \"Reconfiguration confirmed.\",\"warning\": \"The configuration is not stored "
            + "and will be lost at the next start: disk full\"}", bench.say("POST", "/control/confirm", ""));
        assertEquals("200 {\"pending\": false}", bench.say("GET", "/control/confirm", ""));
    }

    @ParameterizedTest
    @CsvSource({"PUT,/config?confirm", "PUT,/config?confirm=0", "PUT,/config?confirm=3601", "PUT,/config?confirm=x",
        "PUT,/config?confirm=1&confirm=2", "DELETE,/config?dry-run=yes", "PUT,/config?dry-run&dry-run=false",
        "POST,/control/revisions/1/rollback?confirm=-1", "GET,/control/applications/c/restart?dry-run",
        "PUT,/certificates/a?dry-run", "POST,/control/confirm?confirm=5", "DELETE,/control/confirm?dry-run"})
    void parametersThatMakeNoSenseChangeNothing(String method, String target) {
        change();
        assertTrue(bench.say(method, target, BEFORE).startsWith("400 {\"error\": \"Invalid request.\""));
        assertEquals(List.of(), bench.applied);
        assertEquals(List.of(), bench.previewed);
        assertEquals("200", bench.say("GET", "/config?dry-run=x&confirm", "").substring(0, 3));
    }

    @ParameterizedTest
    @CsvSource({"confirm=1", "confirm=3600", "confirm=0060", "a=b&%63onfirm=5"})
    void secondsAreNumbers(String query) {
        assertEquals("200", bench.say("DELETE", "/config?" + query, "").substring(0, 3));
        assertEquals(1, bench.timers.size());
    }

    @Test
    void aRefusedChangeWaitsForNothing() {
        bench.applier = (conf, without) -> CompletableFuture.completedFuture(Applied.failure("no"));
        assertEquals(500, bench.ask("PUT", "/config?confirm=5", BEFORE).join().status());
        assertEquals(400, bench.ask("PUT", "/config?confirm=5", "{").join().status());
        assertEquals("200 {\"pending\": false}", bench.say("GET", "/control/confirm", ""));
        assertEquals(List.of(), bench.timers);
    }

    private static Bench limited() {
        return new Bench(null, new AccessPolicy(true, false, 5, List.of(new AccessPolicy.Rule(AccessPolicy.Who.NAMED,
            OptionalLong.of(7), OptionalLong.empty(), Set.of(), List.of(List.of("config", "routes")))))).started("{}");
    }

    @Test
    void whoMayNotConfirmMayNotHoldOthersUp() {
        Bench bench = limited();
        bench.peer = new ControlPeer.Local(7, 7, 2, List.of());
        assertTrue(bench.say("PUT", "/config/routes?confirm=60", "[]").startsWith("403 "));
        assertTrue(bench.say("PUT", "/config/routes", "[]").startsWith("200 "));
        assertEquals("200 {\"pending\": false}", new Bench().started("{}").say("GET", "/control/confirm", ""));
    }

    @Test
    void aChangeGivesWayToWhoMayDoEverything() {
        Bench bench = new Bench(null, new AccessPolicy(true, true, 5, List.of())).started("{}");
        bench.peer = new ControlPeer.Local(7, 7, 2, List.of());
        assertTrue(bench.say("PUT", "/config/routes?confirm=60", "[]").startsWith("200 "));
        bench.peer = new ControlPeer.Local(8, 8, 3, List.of());
        assertTrue(bench.say("PUT", "/config/listeners", "{}").startsWith("409 "), "an equal waits");
        bench.peer = new ControlPeer.Local(0, 0, 4, List.of());
        assertTrue(bench.say("PUT", "/config/listeners", "[]").startsWith("400 "), "a bad change takes nothing back");
        assertTrue(bench.say("GET", "/control/confirm", "").startsWith("200 {\"pending\": true"));
        assertEquals("200 {\"success\": \"Reconfiguration done.\"}", bench.say("PUT", "/config/listeners", "{}"));
        assertEquals("200 {\"listeners\": {}}", bench.say("GET", "/config", ""));
    }
}
