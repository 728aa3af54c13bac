// SPDX-License-Identifier: Apache-2.0
package io.margay.control.acme;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.certificate.CertificateBundle;
import io.margay.conf.Conf;
import io.margay.conf.ConfWriter;
import io.margay.control.CertificateStore;
import io.margay.control.ControlReply;
import io.margay.control.ProcessQueries;
import io.margay.testing.RouteSite;
import io.margay.testing.TestAuthority;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** One certificate over the months, with a clock, a loop, a store and an authority of the test. */
class RenewalTest {
    @TempDir
    private static Path directory;
    /** Of server.example, for 30 days from now. */
    private static String issued;
    private static Instant begin;

    private final Map<String, byte[]> stored = new HashMap<>();
    private final List<String> log = new ArrayList<>();
    private final Deque<OrderException> failures = new ArrayDeque<>();
    private Instant now = begin;
    private Optional<Runnable> timer = Optional.empty();
    private Duration pause = Duration.ZERO;
    private int orders;
    private Optional<X509Certificate> replaced = Optional.empty();
    private int storeStatus = 200;
    private final Deque<OrderException> unknown = new ArrayDeque<>();
    private Optional<RenewalWindow> window = Optional.empty();
    private int looks;

    private final ProcessQueries processes = new ProcessQueries() {
        @Override
        public List<String> names() {
            return List.of();
        }

        @Override
        public CompletionStage<Conf> ask(String process, String inspector, String question) {
            throw new IllegalStateException("the order asks");
        }

        @Override
        public Executor loop() {
            return Runnable::run;
        }

        @Override
        public Runnable after(long millis, Runnable task) {
            timer = Optional.of(task);
            pause = Duration.ofMillis(millis);
            return () -> timer = timer.filter(other -> other != task);
        }
    };

    private final CertificateStore store = new CertificateStore() {
        @Override
        public boolean has(String name) {
            return stored.containsKey(name);
        }

        @Override
        public CompletionStage<byte[]> load(String name) {
            return CompletableFuture.completedFuture(stored.get(name));
        }

        @Override
        public CompletionStage<ControlReply> store(String name, byte[] pem, String who) {
            if (storeStatus == 200) {
                stored.put(name, pem);
            }
            return CompletableFuture.completedFuture(new ControlReply(storeStatus, "{\"error\": \"full\"}"
                .getBytes(StandardCharsets.US_ASCII)));
        }
    };

    private final Clock clock = new Clock() {
        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            return now;
        }
    };

    @BeforeAll
    static void make() throws Exception {
        TestAuthority authority = TestAuthority.root(directory, "root");
        authority.issue("one", "server", 30);
        issued = authority.join("one.key", "one.crt");
        begin = CertificateBundle.parse(issued.getBytes(StandardCharsets.US_ASCII)).leaf().getNotBefore().toInstant();
    }

    private Renewal renewal(String domain, String more) throws AcmeOptions.Fault {
        AcmeOptions options = AcmeOptions.read(RouteSite.conf("{'s': {'domains': '" + domain
            + "', 'terms_of_service_agreed': true" + more + "}}")).get("s");
        return new Renewal("s", options, new Renewal.Parts(processes, store, CertificateBundle::parse, Runnable::run,
            new Renewal.Orders() {
                @Override
                public String run(AcmeOptions wanted, Optional<X509Certificate> old) throws OrderException {
                    orders++;
                    replaced = old;
                    if (!failures.isEmpty()) {
                        throw failures.pop();
                    }
                    return issued;
                }

                @Override
                public Optional<RenewalWindow> window(AcmeOptions wanted, X509Certificate leaf) throws OrderException {
                    looks++;
                    if (!unknown.isEmpty()) {
                        throw unknown.pop();
                    }
                    return window;
                }
            }, (level, text) -> log.add(level.word() + " " + text), clock, () -> 0));
    }

    private Renewal started() throws AcmeOptions.Fault {
        Renewal renewal = renewal("server.example", "");
        renewal.start();
        return renewal;
    }

    private void pass(Duration time) {
        now = now.plus(time);
        Runnable task = timer.orElseThrow();
        timer = Optional.empty();
        task.run();
    }

    private static Instant next(Renewal renewal) {
        return Instant.parse(renewal.report().string("next_try").orElseThrow());
    }

    private static String shown(Renewal renewal) {
        return ConfWriter.compactText(renewal.report());
    }

    @Test
    void itIsRenewedAfterTwoThirds() throws Exception {
        Renewal renewal = started();
        assertEquals(1, orders);
        assertEquals(Optional.empty(), replaced, "it is the first one");
        assertEquals("{\"state\":\"valid\",\"domains\":[\"server.example\"],\"directory\":\"https://acme-v02.api."
            + "letsencrypt.org/directory\",\"failures\":0,\"valid_until\":\"" + begin.plus(30, ChronoUnit.DAYS)
            + "\",\"next_try\":\"" + begin.plus(20, ChronoUnit.DAYS) + "\"}", shown(renewal));
        assertTrue(log.getFirst().startsWith("notice certificate \"s\" is there, from acme-v02."), log.toString());
        assertEquals(Duration.ofHours(1), pause, "clocks may be set");
        pass(Duration.ofDays(20).minusMillis(1));
        assertEquals(1, orders);
        pass(Duration.ofMillis(1));
        assertEquals(2, orders);
        assertEquals(begin, replaced.orElseThrow().getNotBefore().toInstant(), "the authority may know what it is for");
    }

    /** From day 5 to day 7, or what else the authority says later. */
    @Test
    void theAuthoritySaysWhenItIsRenewed() throws Exception {
        window = Optional.of(new RenewalWindow(begin.plus(5, ChronoUnit.DAYS), begin.plus(7, ChronoUnit.DAYS),
            begin.plus(2, ChronoUnit.HOURS)));
        Renewal renewal = started();
        assertEquals(begin.plus(5, ChronoUnit.DAYS), next(renewal));
        pass(Duration.ofMinutes(119));
        assertEquals(1, looks);
        window = Optional.of(new RenewalWindow(begin.plus(3, ChronoUnit.HOURS), begin.plus(7, ChronoUnit.DAYS),
            begin.plus(9, ChronoUnit.DAYS)));
        unknown.add(new OrderException("not now"));
        pass(Duration.ofMinutes(1));
        assertEquals("info it cannot be known when acme-v02.api.letsencrypt.org wants certificate \"s\" to be renewed: "
            + "not now", log.getLast());
        assertEquals(begin.plus(5, ChronoUnit.DAYS), next(renewal), "it is as before");
        pass(Duration.ofDays(1));
        assertEquals(3, looks, "at least once a day");
        assertEquals(now.plusSeconds(5), next(renewal), "the time is over already");
        window = Optional.empty();
        pass(Duration.ofSeconds(5));
        assertEquals(2, orders);
        assertEquals(begin.plus(20, ChronoUnit.DAYS), next(renewal));
    }

    @ParameterizedTest
    @CsvSource({"04183016801469885B6B87464041E1B37B847BA0AE2CDE01C8D4, 8765 4321, aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE",
        "0404300280020102, 1, ''", "0400, 1, ''", "'', 1, ''", "040630048002AABB, 1, qrs.AQ",
        "040730810480 02AABB, 1, qrs.AQ", "0406300481020102, 1, ''"})
    void howACertificateIsNamed(String extension, String serial, String id) {
        assertEquals(id, RenewalId.of(HexFormat.of().parseHex(extension.replace(" ", "")),
            new BigInteger(serial.replace(" ", ""), 16)).orElse(""));
    }

    @Test
    void whatIsGoodIsNotOrderedAgain() throws Exception {
        started().stop();
        now = begin.plus(10, ChronoUnit.DAYS);
        started();
        assertEquals(1, orders);
        // Another name, another kind of key, another authority: that is another certificate.
        for (String[] other : new String[][] {{"other.example", ""}, {"server.example", ", 'key_type': 'RSA-2048'"},
            {"server.example", ", 'directory': 'https://staging.example/'"}}) {
            int before = orders;
            renewal(other[0], other[1]).start();
            assertEquals(before + 1, orders, String.join(" ", other));
        }
        stored.put("s", issued.getBytes(StandardCharsets.US_ASCII));
        started();
        assertEquals(5, orders, "somebody has uploaded it");
    }

    @Test
    void failuresAreToldAndTriedAgainEverLater() throws Exception {
        failures.add(new OrderException("no"));
        failures.add(new OrderException("busy", null, Duration.ofHours(5)));
        failures.add(new OrderException("never"));
        Renewal renewal = started();
        assertEquals(List.of("error certificate \"s\" cannot be had from acme-v02.api.letsencrypt.org: no; the next "
            + "try is at " + now.plus(2, ChronoUnit.MINUTES)), log);
        assertTrue(shown(renewal).contains("\"state\":\"failed\"") && shown(renewal).endsWith(
            "\"last_error\":{\"text\":\"no\",\"time\":\"" + now + "\"}}"), shown(renewal));
        pass(Duration.ofMinutes(2));
        assertTrue(shown(renewal).contains("\"next_try\":\"" + now.plus(5, ChronoUnit.HOURS) + "\""), shown(renewal));
        pass(Duration.ofHours(5));
        assertTrue(shown(renewal).contains("\"failures\":3,\"next_try\":\"" + now.plus(8, ChronoUnit.MINUTES) + "\""),
            shown(renewal));
        renewal.order();
        assertEquals(4, orders);
        assertTrue(shown(renewal).contains("\"failures\":0,") && !shown(renewal).contains("last_error"));
    }

    @Test
    void whatIsNotAskedForOrNotStoredIsAFailure() throws Exception {
        renewal("other.example", "").start();
        assertTrue(log.getFirst().contains("is not the one that was asked for"), log.toString());
        assertEquals(Map.of(), stored);
        now = begin.plus(31, ChronoUnit.DAYS);
        started();
        assertTrue(log.get(1).contains("is not the one that was asked for"), "it is over already");
        now = begin;
        storeStatus = 500;
        started();
        assertTrue(log.get(2).contains("the certificate cannot be stored: {\"error\": \"full\"}"), log.toString());
    }

    @Test
    void whatIsNotWantedAnyMoreIsLeft() throws Exception {
        Renewal renewal = started();
        renewal.stop();
        assertTrue(timer.isEmpty());
        renewal.order();
        assertEquals(1, orders);
    }
}
