// SPDX-License-Identifier: Apache-2.0
package io.margay.wire.fastcgi.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.http.Records;
import io.margay.lang.RequestEncoder;
import io.margay.posix.Fd;
import io.margay.posix.Files;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests and responses of an application that keeps to the rules. */
class FastCgiTest extends Stage {

    private static byte[] random(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }

    private void echoes() {
        responder.script = talk -> talk.answer("\r\n" + talk.variables.length() + " "
            + new String(talk.body, StandardCharsets.ISO_8859_1));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 65_535, 65_536, 131_080})
    void variablesOfAnyLength(int length) throws Exception {
        make("");
        echoes();
        variables = "v".repeat(length);
        assertEquals("200 " + length + " ", send(0).await());
        assertEquals("200 " + length + " ", send(1).await());
    }

    @Test
    void tooManyVariablesAreTheClientsFault() throws Exception {
        make("");
        echoes();
        variables = "v".repeat(300_000);
        assertEquals("431", send(0).await());
        variables = "v";
        assertEquals("200 1 ", send(0).await());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 10_000, 65_535, 65_536, 200_000, 5_000_000})
    void bodiesFromMemoryAndFile(int size) throws Exception {
        make("");
        echoes();
        byte[] body = random(size);
        String expected = "200 1 " + new String(body, StandardCharsets.ISO_8859_1);
        assertEquals(expected, send(0, new Client(body, Optional.empty(), size)).await());
        try (Fd file = Files.sealedMemory("body", body)) {
            assertEquals(expected, send(1, new Client(new byte[0], Optional.of(file), size)).await());
        }
        assertEquals(1, responder.accepted.get(), "one connection for all of it");
    }

    @Test
    void aBodyThatNobodyReadsDoesNotHoldUpTheResponse() throws Exception {
        responder.readsBodies = false;
        make("");
        AtomicInteger requests = new AtomicInteger();
        responder.script = talk -> talk.answer("\r\n" + requests.incrementAndGet());
        byte[] body = random(5_000_000);
        assertEquals("200 1", send(0, new Client(body, Optional.empty(), body.length)).await());
        assertEquals("200 2", send(0).await());
        assertEquals(List.of(), log);
    }

    @Test
    void responsesInPiecesAndWhatGoesBesideThem() throws Exception {
        make("");
        CountDownLatch more = new CountDownLatch(1);
        responder.script = talk -> {
            talk.send(Records.STDERR, "first\nsecond \u0007\n");
            talk.send(Records.STDOUT, "Status: 201\r\nA:");
            talk.send(Records.STDOUT, " b\r\n\r\n");
            talk.send(new byte[] {1, 11, 0, 0, 0, 8, 0, 0, 99, 0, 0, 0, 0, 0, 0, 0});
            talk.send(Records.STDOUT, "one ");
            more.await(20, TimeUnit.SECONDS);
            talk.send(Records.STDOUT, "two");
            talk.send(Records.STDOUT, "");
            talk.end(0);
        };
        Client client = send(0);
        await("the first part", () -> client.received == 4);
        more.countDown();
        assertEquals("201 A: b\r\none two", client.await());
        assertEquals(List.of("application \"blog\": first", "application \"blog\": second  "), log);
    }

    @Test
    void aSlowClientStopsTheApplication() throws Exception {
        make("'processes': 2");
        AtomicInteger sent = new AtomicInteger();
        responder.script = talk -> {
            talk.send(Records.STDOUT, "\r\n");
            for (int i = 0; i < 1000; i++) {
                talk.send(Records.STDOUT, new byte[10_000]);
                sent.addAndGet(10_000);
            }
            talk.end(0);
        };
        Client slow = new Client(new byte[0], Optional.empty(), 0);
        slow.writable = false;
        send(0, slow);
        await("it waits", () -> slow.wake.isPresent());
        responder.script = talk -> talk.answer("\r\nquick");
        for (int i = 0; i < 20; i++) {
            assertEquals("200 quick", send(i % 2).await());
        }
        assertTrue(sent.get() < 2_000_000, sent + " bytes were taken though the client takes none");
        slow.writable = true;
        run(0, slow.wake.orElseThrow());
        assertEquals("200 ".length() + 10_000_000, slow.await().length());
    }

    @Test
    void aClientThatLeavesIsToldToTheApplication() throws Exception {
        make("");
        CountDownLatch begun = new CountDownLatch(1);
        responder.script = talk -> {
            talk.send(Records.STDOUT, "\r\nsome");
            begun.countDown();
            talk.request(Records.STDIN);
        };
        Client client = send(0);
        await("it has begun", () -> client.received == 4);
        run(0, client::leave);
        await("the application knows", () -> responder.orders.contains("abort"));
        responder.script = talk -> talk.answer("\r\nnext");
        assertEquals("200 next", send(1).await());
        assertEquals(1, pool.status().cancelled());
    }

    @Test
    void aProcessThatGoesOnAfterItsResponseGetsNoOther() throws Exception {
        responder.readsEnds = false;
        make("");
        CountDownLatch over = new CountDownLatch(1);
        responder.script = talk -> {
            talk.answer("\r\nfirst");
            over.await(20, TimeUnit.SECONDS);
            talk.record();
        };
        assertEquals("200 first", send(0).await());
        long since = System.nanoTime();
        await("that is longer than any response takes to end", () -> System.nanoTime() - since > 50_000_000);
        responder.script = talk -> {
            talk.answer("\r\nother");
            talk.record();
        };
        assertEquals("200 other", send(1).await());
        assertEquals(2, responder.accepted.get());
        assertEquals("200 other", send(0).await());
        over.countDown();
    }

    @Test
    void anIdleProcessThatEndsCostsNothing() throws Exception {
        make("");
        AtomicInteger closed = new AtomicInteger();
        responder.script = talk -> {
            talk.answer("\r\nlast");
            talk.fd.close();
            closed.incrementAndGet();
        };
        for (int i = 1; i <= 10; i++) {
            int count = i;
            assertEquals("200 last", send(i % 2).await());
            await("it is gone", () -> closed.get() == count);
        }
        assertEquals(List.of(), log);
    }

    @Test
    void whatTheLanguageAnswersNeedsNoProcess() throws Exception {
        make("");
        direct = Optional.of(new RequestEncoder.Answer(301, "Location: /x/\r\n".getBytes(StandardCharsets.US_ASCII)));
        assertEquals("301 Location: /x/\r\n", send(0).await());
        direct = Optional.of(new RequestEncoder.Answer(404, new byte[0]));
        assertEquals("404", send(0).await());
        direct = Optional.empty();
        assertEquals("200 Content-Type: text/plain\r\nhello", send(0).await());
    }

    @Test
    void aMasterThatEndsIsReplaced() throws Exception {
        make("'processes': 2");
        int first = responder.master();
        pool.workerGone(first, 0);
        await("another one", () -> responder.orders.equals(List.of("start listen", "closed", "start listen"))
            && pool.status().running() == 2);
        assertEquals("200 Content-Type: text/plain\r\nhello", send(0).await());
    }

    @Test
    void aRestartFinishesWhatRuns() throws Exception {
        make("");
        CountDownLatch more = new CountDownLatch(1);
        responder.script = talk -> {
            talk.send(Records.STDOUT, "\r\nold");
            more.await(20, TimeUnit.SECONDS);
            talk.end(0);
        };
        Client client = send(0);
        await("it runs", () -> client.received == 3);
        int first = responder.master();
        responder.script = talk -> talk.answer("\r\nnew");
        pool.restart();
        await("the new one serves", () -> responder.master() != first && pool.status().running() == 1);
        assertEquals("200 new", send(1).await());
        assertEquals(List.of("start listen", "start listen"), responder.orders, "the old one is not stopped");
        more.countDown();
        assertEquals("200 old", client.await());
        await("the old one is stopped", () -> responder.orders.contains("stop " + first));
        pool.workerGone(first, 0);
        await("and gone", () -> responder.orders.contains("closed"));
    }
}
