// SPDX-License-Identifier: Apache-2.0
package io.margay.control.upstreams;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.margay.conf.Conf;
import io.margay.conf.ConfObject;
import io.margay.control.ControlPeer;
import io.margay.control.ControlReply;
import io.margay.control.ControlRequest;
import io.margay.control.ProcessQueries;
import io.margay.control.RequestHeaders;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UpstreamsResourceTest {
    private static final ConfObject ALL = ConfObject.builder().put("a", ConfObject.builder().put("servers",
        ConfObject.builder().put("unix:/x", ConfObject.builder().put("state", "up").build()).build()).build()).build();

    private String asked = "";
    private final UpstreamsResource resource = new UpstreamsResource(new ProcessQueries() {
        @Override
        public List<String> names() {
            return List.of();
        }

        @Override
        public CompletionStage<Conf> ask(String process, String inspector, String question) {
            asked = process + " " + inspector + " " + question;
            if (question.contains("gone")) {
                return CompletableFuture.failedFuture(new IllegalStateException("gone"));
            }
            return CompletableFuture.completedFuture(question.isEmpty() ? ALL : question.contains("\"a\"")
                ? ConfObject.builder().put("state", "draining").build()
                : ConfObject.builder().put("error", "no such server").build());
        }

        @Override
        public Executor loop() {
            return Runnable::run;
        }

        @Override
        public Runnable after(long millis, Runnable task) {
            throw new UnsupportedOperationException();
        }
    });

    private ControlReply send(String method, String target, String content) {
        return resource.handle(new ControlRequest(method, target, RequestHeaders.NONE,
            content.getBytes(StandardCharsets.UTF_8), new ControlPeer.Remote("test"))).toCompletableFuture().join();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "|200 {\"a\":{\"servers\":{\"unix:/x\":{\"state\":\"up\"}}}}",
        "/a|200 {\"servers\":{\"unix:/x\":{\"state\":\"up\"}}}",
        "/a/servers/unix:%2Fx|200 {\"state\":\"up\"}", "/a/servers/unix:%2Fx/state|404", "/b|404", "/a/other|404",
        "/a/servers/y|404"})
    void partsAreShown(String path, String expected) {
        ControlReply reply = send("GET", "/control/upstreams" + (path == null ? "" : path), "");
        String text = new String(reply.body(), StandardCharsets.UTF_8).replaceAll("\\s+", "");
        assertEquals(expected, reply.status() + (reply.status() == 200 ? " " + text : ""));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "/a/servers/unix:%2Fx|{\"drain\": true}|200|{\"upstream\":\"a\",\"server\":\"unix:/x\",\"drain\":true}",
        "/a/servers/1:2|{\"drain\": false}|200|{\"upstream\":\"a\",\"server\":\"1:2\",\"drain\":false}",
        "/b/servers/1:2|{\"drain\": true}|404|{\"upstream\":\"b\",\"server\":\"1:2\",\"drain\":true}",
        "/gone/servers/1:2|{\"drain\": true}|504|{\"upstream\":\"gone\",\"server\":\"1:2\",\"drain\":true}",
        "/a|{\"drain\": true}|405|", "/a/other/1:2|{\"drain\": true}|405|", "/a/servers/1:2|true|400|",
        "/a/servers/1:2|{\"drain\": 1}|400|", "/a/servers/1:2|{\"drain\": true, \"x\": 1}|400|",
        "/a/servers/1:2|{|400|"})
    void serversAreDrained(String path, String content, int status, String question) {
        assertEquals(status, send("PUT", "/control/upstreams" + path, content).status());
        assertEquals(question == null ? "" : "router upstreams " + question, asked);
    }
}
