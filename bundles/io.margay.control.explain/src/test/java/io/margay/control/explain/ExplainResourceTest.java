// SPDX-License-Identifier: Apache-2.0
package io.margay.control.explain;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.conf.Conf;
import io.margay.conf.ConfObject;
import io.margay.control.ControlPeer;
import io.margay.control.ControlReply;
import io.margay.control.ControlRequest;
import io.margay.control.ProcessQueries;
import io.margay.control.RequestHeaders;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExplainResourceTest {
    private final List<String> asked = new ArrayList<>();
    private CompletionStage<Conf> answer = CompletableFuture.completedFuture(ConfObject.EMPTY);
    private final ExplainResource resource = new ExplainResource(new ProcessQueries() {
        @Override
        public List<String> names() {
            return List.of();
        }

        @Override
        public CompletionStage<Conf> ask(String process, String inspector, String question) {
            asked.add(process + " " + inspector + " " + question);
            return answer;
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

    private String get(String target) {
        ControlReply reply = resource.handle(new ControlRequest("GET", target, RequestHeaders.NONE,
            new byte[0], new ControlPeer.Remote("test"))).toCompletableFuture().join();
        return reply.status() + " " + new String(reply.body(), StandardCharsets.UTF_8).replaceAll("\\s+", " ");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "/control/explain|{\"headers\":[]}",
        "/control/explain?listener=*:80&uri=/a%3Fb=c|{\"listener\":\"*:80\",\"uri\":\"/a?b=c\",\"headers\":[]}",
        "/control/explain?header.A=1&header.A=2&cookie=x%3Dy|"
            + "{\"headers\":[[\"Cookie\",\"x=y\"],[\"A\",\"1\"],[\"A\",\"2\"]]}"})
    void theRouterIsAsked(String target, String question) {
        assertEquals("200 {}", get(target).strip());
        assertEquals(List.of("router explain " + question), asked);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "/control/explain?hots=a|400|Unknown parameter", "/control/explain?host=a&host=b|400|2 times",
        "/control/explain?header.=a|400|Unknown parameter", "/control/explain/x|404|Value doesn't exist"})
    void whatIsNoQuestionIsRefused(String target, int status, String why) {
        assertTrue(get(target).startsWith(status + " "), get(target));
        assertTrue(get(target).contains(why), get(target));
        assertEquals(List.of(), asked);
    }

    @Test
    void aLongQuestionIsRefused() {
        assertTrue(get("/control/explain?uri=/" + "a".repeat(13_000)).contains("exceeds"));
        assertEquals(List.of(), asked);
    }

    @Test
    void whatTheRouterRefusesIsTheCallersFault() {
        answer = CompletableFuture.completedFuture(ConfObject.builder().put("error", "There is no listener.").build());
        assertEquals("400 { \"error\": \"Invalid request.\", \"detail\": \"There is no listener.\" }",
            get("/control/explain").strip());
    }

    @Test
    void aRouterThatIsSilentIsNamed() {
        answer = CompletableFuture.failedFuture(new IllegalStateException("it has gone"));
        assertTrue(get("/control/explain").startsWith("504 "), get("/control/explain"));
        assertTrue(get("/control/explain").contains("router: it has gone"));
    }
}
