// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.conf.ConfObject;
import io.margay.conf.ConfParser;
import io.margay.conf.ConfSyntaxException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DryRunTest {
    private static final String CONF = "{\"listeners\":{\"*:80\":{\"pass\":\"routes\"},\"*:81\":{\"pass\":"
        + "\"routes\"}},\"routes\":[{\"action\":{\"return\":200}}],\"settings\":{\"http\":{\"body_read_timeout\":3}}}";

    private final Bench bench = new Bench().started(CONF);

    private void preview(String json) throws ConfSyntaxException {
        bench.preview = CompletableFuture.completedFuture((ConfObject) ConfParser.parse(
            Bench.bytes(json.replace('\'', '"'))));
    }

    @Test
    void theReportJoinsWhatRouterAndTextsSay() throws ConfSyntaxException {
        preview("{'listeners':{'opened':['*:82'],'closed':[],'kept':['*:80','*:81']},'applications':{'kept':['a']}}");
        String other = "{'*:80':{'pass':'routes'},'*:81':{'pass':'routes','forwarded':{'client_ip':'X','source':"
            + "'1.2.3.4'}},'*:82':{'pass':'routes'}}";
        String expected = "200 {'success': 'Dry run passed, nothing is changed.','listeners': {'opened': ['*:82'],"
            + "'closed': [],'changed': ['*:81'],'kept': ['*:80'],"
            + "'left_out': []},'applications': {'kept': ['a']},'access_log': false,'acme': false,"
            + "'routes': false,'schedules': false,'settings': false,'upstreams': false}";
        assertEquals(expected.replace('\'', '"'),
            bench.say("PUT", "/config/listeners?dry-run", other.replace('\'', '"')));
        assertEquals(1, bench.previewed.size());
        assertEquals(List.of(), bench.applied);
        assertEquals(List.of(), bench.stored);
        assertEquals(List.of(), bench.log);
        assertEquals("200 {\"pass\": \"routes\"}", bench.say("GET", "/config/listeners/*:81", ""));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "PUT|/config/routes/0/action/return?dry-run=true|404|routes", "DELETE|/config/settings?dry-run||settings",
        "POST|/config/routes?dry-run|{\"action\":{\"return\":1}}|routes",
        "PUT|/config/access_log?dry-run|\"/tmp/x\"|access_log",
        "PUT|/config/upstreams?dry-run|{\"u\":{\"servers\":{\"127.0.0.1:1\":{}}}}|upstreams",
        "PUT|/config/routes?dry-run|[{\"action\":{\"return\":200}}]|nothing"})
    void partsThatChange(String method, String target, String body, String part) {
        String reply = bench.say(method, target, body == null ? "" : body);
        for (String each : List.of("routes", "upstreams", "settings", "access_log")) {
            assertTrue(reply.contains("\"" + each + "\": " + each.equals(part)), reply);
        }
        assertEquals(List.of(), bench.applied);
    }

    @Test
    void whatIsRefusedIsRefused() {
        assertTrue(bench.say("PUT", "/config?dry-run", "{").startsWith("400 "));
        assertTrue(bench.say("PUT", "/config/lissen?dry-run", "{}").startsWith("400 "));
        assertTrue(bench.say("DELETE", "/config/nowhere?dry-run", "").startsWith("404 "));
        assertEquals(List.of(), bench.previewed);
        bench.preview = CompletableFuture.failedFuture(new IllegalStateException("no router"));
        assertEquals("500 {\"error\": \"Failed to try the new configuration.\",\"detail\": \"no router\"}",
            bench.say("PUT", "/config?dry-run", "{}"));
    }

    @Test
    void falseIsFalse() {
        assertEquals("200 {\"success\": \"Reconfiguration done.\"}", bench.say("PUT", "/config?dry-run=false", "{}"));
        assertEquals(List.of("{}"), bench.applied);
    }
}
