// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.conf.ConfArray;
import io.margay.conf.ConfObject;
import io.margay.conf.Conf;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the control API makes of requests about modules; main is played. */
class ModulesResourceTest {
    private static final ConfObject PYTHON = ConfObject.builder().put("version", "1.0.0")
        .put("extensions", new ConfArray(List.of(Conf.of("lang:python")))).build();

    private final Bench bench = new Bench().started("{\"listeners\":{},\"applications\":{\"shop\":{\"type\":\"python\","
        + "\"module\":\"wsgi\",\"path\":\"/\"}}}");

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "PUT /modules/a b           | jar   | PUT a b 3",
        "PUT /modules/a%2Fb         | jar   | PUT a/b 3",
        "POST /modules              | jar   | PUT  3",
        "DELETE /modules/a          |       | REMOVE a 0",
        "DELETE /modules/a?force=true |     | REMOVE a 0 force",
        "POST /modules/a/rollback   |       | ROLLBACK a 0",
        "PUT /modules/a/pinned      | true  | PIN a 0",
        "PUT /modules/a/pinned      | false | UNPIN a 0"})
    void eachRequestIsAnOrder(String request, String body, String order) {
        bench.moduleAnswer = ConfObject.builder().put("value", PYTHON).build();
        String[] words = request.split(" ", 2);
        String reply = bench.say(words[0], words[1], body == null ? "" : body);
        assertTrue(reply.startsWith("200 "), reply);
        assertEquals(List.of(order), bench.orders.stream().map(each -> each.verb() + " " + each.name() + " "
            + each.size() + (each.force() ? " force" : "")).toList());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "PUT /modules/a             |       | 400 | there is no jar in the request",
        "PUT /modules/a/pinned      | yes   | 400 | true or false",
        "DELETE /modules/a%0Ab      |       | 400 | no control characters",
        "PATCH /modules/a           | x     | 405 | ",
        "PUT /modules/a/b           | x     | 405 | ",
        "POST /modules/a            | x     | 405 | "})
    void whatIsNoOrderIsRefused(String request, String body, int status, String text) {
        String[] words = request.split(" ", 2);
        String reply = bench.say(words[0], words[1], body == null ? "" : body);
        assertTrue(reply.startsWith(status + " ") && reply.contains(text == null ? "" : text), reply);
        assertEquals(List.of(), bench.orders);
    }

    @ParameterizedTest
    @CsvSource({"INVALID,400", "MISSING,404", "USED,409", "CONFLICT,412", "BUSY,503", "FAILED,500", "other,500"})
    void theKindOfARefusalIsAStatus(String kind, int status) {
        bench.moduleAnswer = ConfObject.builder().put("kind", kind).put("error", "the reason").build();
        String reply = bench.say("DELETE", "/modules/a", "");
        assertTrue(reply.startsWith(status + " ") && reply.contains("the reason"), reply);
    }

    @Test
    void whoUsesAModuleIsShown() {
        bench.moduleAnswer = ConfObject.builder().put("value", ConfObject.builder().put("io.margay.lang.python",
            PYTHON).build()).build();
        String all = bench.say("GET", "/modules", "");
        assertTrue(all.startsWith("200 ") && all.contains("\"users\": [\"shop\"]"), all);
        assertTrue(bench.say("GET", "/modules/io.margay.lang.python/version", "").contains("1.0.0"));
        assertTrue(bench.say("GET", "/modules/none", "").startsWith("404 "));
    }
}
