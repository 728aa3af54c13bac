// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.conf.ConfObject;
import io.margay.conf.ConfWriter;
import io.margay.control.ControlPeer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ShellResourceTest {
    private final Bench bench = new Bench().started("{}");

    @BeforeEach
    void begin() {
        bench.resources.add(new ShellResource(bench.plane), Map.of());
        bench.shellAnswer = ConfObject.builder().put("value", ConfObject.builder().put("status", 0).build()).build();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "POST /control/shell             |                    | {\"verb\":\"open\",\"session\":\"\",\"uid\":0}",
        "POST /control/shell/ab          | {\"line\":\"lb\",\"x\":1} "
            + "| {\"line\":\"lb\",\"cursor\":-1,\"verb\":\"run\",\"session\":\"ab\",\"uid\":0}",
        "POST /control/shell/ab          | {\"line\":\"lb\",\"input\":\"i\"} "
            + "| {\"line\":\"lb\",\"input\":\"i\",\"cursor\":-1,\"verb\":\"run\",\"session\":\"ab\",\"uid\":0}",
        "POST /control/shell/ab/complete | {\"line\":\"l\",\"cursor\":1} "
            + "| {\"line\":\"l\",\"cursor\":1,\"verb\":\"complete\",\"session\":\"ab\",\"uid\":0}",
        "POST /control/shell/ab/interrupt|                    | {\"verb\":\"interrupt\",\"session\":\"ab\",\"uid\":0}",
        "DELETE /control/shell/ab        |                    | {\"verb\":\"close\",\"session\":\"ab\",\"uid\":0}"})
    void eachRequestIsAnOrder(String request, String body, String order) {
        String[] words = request.strip().split(" ", 2);
        assertEquals("200 {\"status\": 0}", bench.say(words[0], words[1], body == null ? "" : body));
        assertEquals(List.of(order), bench.shellOrders.stream().map(ConfWriter::compactText).toList());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "POST /control/shell/ab            | lb              | 400 | is no JSON",
        "POST /control/shell/ab            | [\"lb\"]        | 400 | \"line\\\"",
        "POST /control/shell/ab            | {\"line\":7}    | 400 | \"line\\\"",
        "POST /control/shell/ab?dry-run    | {\"line\":\"x\"} | 400 | takes no parameters",
        "POST /control/shell?dry-run       |                 | 400 | dry-run",
        "POST /control/shell/ab/else       | {}              | 405 | ",
        "GET /control/shell                |                 | 405 | ",
        "DELETE /control/shell             |                 | 405 | ",
        "POST /control/shell/a/complete/b  | {}              | 404 | "})
    void whatIsNoOrderIsRefused(String request, String body, int status, String text) {
        String[] words = request.split(" ", 2);
        String reply = bench.say(words[0], words[1], body == null ? "" : body);
        assertTrue(reply.startsWith(status + " ") && reply.contains(text == null ? "" : text), reply);
        assertEquals(List.of(), bench.shellOrders);
    }

    @Test
    void mainsReasonIsTold() {
        bench.shellAnswer = ConfObject.builder().put("status", 409).put("error", "the reason").build();
        String reply = bench.say("POST", "/control/shell/ab", "{\"line\":\"lb\"}");
        assertTrue(reply.startsWith("409 ") && reply.contains("the reason"), reply);
    }

    @Test
    void whoHasNoNameHasNoShell() {
        bench.peer = new ControlPeer.Remote("127.0.0.1");
        assertTrue(bench.say("POST", "/control/shell", "").startsWith("403 "));
        assertEquals(List.of(), bench.shellOrders);
    }

    @Test
    void aCommandIsInTheLogWithoutItsValues() {
        bench.say("POST", "/control/shell/ab", "{\"line\":\"conf:put /applications/x {\\\"password\\\": 1}\"}");
        assertTrue(bench.audit.stream().anyMatch(line ->
            line.contains("control: shell \"conf:put /applications/x ...\" by uid 0, gid 0, pid 1")),
            bench.audit::toString);
        assertEquals("a?b?", ShellResource.shown("a\nb\u001b"));
        assertEquals(200, ShellResource.shown("x".repeat(1000)).length());
    }
}
