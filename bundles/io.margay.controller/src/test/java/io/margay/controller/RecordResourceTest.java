// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

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
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code /control/record}. */
class RecordResourceTest {
    private final List<String> asked = new ArrayList<>();
    private final Deque<Conf> answers = new ArrayDeque<>();
    private final Deque<Runnable> later = new ArrayDeque<>();
    private final RecordResource resource = new RecordResource(new ProcessQueries() {
        @Override
        public List<String> names() {
            return List.of("main", "router");
        }

        @Override
        public CompletionStage<Conf> ask(String process, String inspector, String question) {
            asked.add(process + " " + inspector + " " + question);
            return answers.isEmpty() ? CompletableFuture.failedFuture(new IllegalStateException("it is gone"))
                : CompletableFuture.completedFuture(answers.remove());
        }

        @Override
        public Executor loop() {
            return Runnable::run;
        }

        @Override
        public Runnable after(long millis, Runnable task) {
            later.add(task);
            return () -> later.remove(task);
        }
    });

    /** A client that takes what comes. */
    private static final class Client implements Flow.Subscriber<byte[]> {
        private final StringBuilder taken = new StringBuilder();
        private Flow.Subscription subscription;

        @Override
        public void onSubscribe(Flow.Subscription made) {
            subscription = made;
            made.request(1);
        }

        @Override
        public void onNext(byte[] piece) {
            taken.append(new String(piece, StandardCharsets.US_ASCII)).append('|');
        }

        @Override
        public void onError(Throwable failure) {
            taken.append(failure.getMessage());
        }

        @Override
        public void onComplete() {
            taken.append("end");
        }
    }

    private static ConfObject state(String state) {
        return ConfObject.builder().put("state", state).build();
    }

    private static ConfObject piece(String text, boolean last) {
        return ConfObject.builder().put("data", Base64.getEncoder().encodeToString(
            text.getBytes(StandardCharsets.US_ASCII))).put("last", last).build();
    }

    private ControlReply post(String target) {
        return resource.handle(new ControlRequest("POST", target, RequestHeaders.NONE, new byte[0],
            new ControlPeer.Remote("test"))).toCompletableFuture().join();
    }

    @Test
    void piecesComeAsTheyAreTaken() {
        answers.add(state("starting"));
        answers.add(state("recording"));
        ControlReply reply = post("/control/record?process=main&seconds=7");
        Client client = new Client();
        reply.stream().orElseThrow().subscribe(client);
        answers.add(piece("abc", false));
        later.remove().run();
        assertEquals("abc|", client.taken.toString());
        answers.add(piece("de", true));
        client.subscription.request(1);
        // The end is told when the last piece has left.
        assertEquals("abc|de|", client.taken.toString());
        answers.add(state("none"));
        client.subscription.request(1);
        assertEquals("abc|de|end", client.taken.toString());
        assertEquals(List.of("main recording start 7", "main recording read 0", "main recording read 0",
            "main recording read 3", "main recording end"), asked);
        client.subscription.cancel();
        assertEquals(5, asked.size());
    }

    @Test
    void whoLeavesEndsIt() {
        answers.add(state("starting"));
        answers.add(state("recording"));
        Client client = new Client();
        post("/control/record").stream().orElseThrow().subscribe(client);
        client.subscription.cancel();
        assertEquals(List.of("router recording start 30", "router recording read 0", "router recording end"), asked);
        later.forEach(Runnable::run);
        assertEquals(3, asked.size());
    }

    @Test
    void whatFailsIsCut() {
        answers.add(state("starting"));
        Client gone = new Client();
        post("/control/record").stream().orElseThrow().subscribe(gone);
        assertEquals("router: it is gone", gone.taken.toString());
        answers.add(state("starting"));
        answers.add(ConfObject.builder().put("state", "failed").put("error", "no memory").build());
        ControlReply reply = post("/control/record");
        Client failed = new Client();
        reply.stream().orElseThrow().subscribe(failed);
        assertEquals("router: no memory", failed.taken.toString());
        answers.add(state("starting"));
        answers.add(state("ended"));
        Client ended = new Client();
        post("/control/record").stream().orElseThrow().subscribe(ended);
        assertEquals("router: the recording has ended", ended.taken.toString());
    }

    @Test
    void aProcessMayRefuse() {
        answers.add(ConfObject.builder().put("error", "This process is being recorded already.").build());
        ControlReply reply = post("/control/record");
        assertEquals(409, reply.status());
        assertTrue(new String(reply.body(), StandardCharsets.UTF_8).contains("router: This process is being"));
        assertEquals(504, post("/control/record").status());
    }

    @ParameterizedTest
    @CsvSource({"?process=app,400", "?seconds=0,400", "?seconds=3601,400", "?seconds=,400", "?x=1,400",
        "?seconds=1&seconds=1,400", "/more,404"})
    void whatIsNoRequestIsRefused(String rest, int status) {
        assertEquals(status, post("/control/record" + rest).status());
        assertEquals(List.of(), asked);
    }
}
