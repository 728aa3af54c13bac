// SPDX-License-Identifier: Apache-2.0
package io.margay.listen;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.margay.certificate.CertificateBundle;
import io.margay.http.Fields;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that come back, while keys of tickets change. */
@Timeout(120)
class SessionsTest extends TlsStage {
    private static final String NO_KEYS = "";

    @TempDir
    private static Path directory;
    private static CertificateBundle server;

    private final AtomicLong clock = new AtomicLong();
    private final TlsFactory aging = new TlsFactory((level, text) -> lines.add(text), answers, clock::get,
        () -> true);

    @BeforeAll
    static void make() throws Exception {
        server = bundle(directory, "server", "ec", "-pkeyopt", "ec_paramgen_curve:P-256");
    }

    /** Keys by a letter each, in the order of the configuration; a capital letter is one of 80 bytes. */
    private TlsService service(String keys) {
        List<String> tickets = keys.chars().mapToObj(letter -> {
            byte[] key = new byte[Character.isUpperCase(letter) ? 80 : 48];
            Arrays.fill(key, (byte) letter);
            return Base64.getEncoder().encodeToString(key);
        }).toList();
        return aging.create(new TlsOptions(List.of("a"), Map.of(), 0, 300, keys.equals(NO_KEYS), tickets,
            Optional.empty(), Optional.empty()), material(server));
    }

    private void told(TlsService service) {
        serve(e -> e.respond(200, Fields.NONE, Boolean.toString(e.request().handshake().orElseThrow().resumed())
            .getBytes(StandardCharsets.US_ASCII)), service, 30);
        client = Optional.of(client());
    }

    private boolean resumed(String protocol) throws IOException {
        try (SSLSocket socket = connect("x.test", protocol)) {
            return ask(socket, GET).endsWith("true");
        }
    }

    /** Whether a client that was there once is known when it comes again. */
    private boolean known(String protocol, TlsService first, TlsService second) throws IOException {
        listener.secure(Optional.of(first));
        client = Optional.of(client());
        assertEquals(false, resumed(protocol));
        listener.secure(Optional.of(second));
        return resumed(protocol);
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void allKeysDecryptAndTheLastEncrypts(String protocol) throws IOException {
        told(service("a"));
        for (Object[] row : new Object[][] {{"a", "a", true}, {"a", "ab", true}, {"ab", "b", true}, {"ab", "a", false},
            {"ab", "bC", true}, {"bC", "C", true}, {"bC", "b", false}, {"a", "d", false}, {"a", "cdba", true}}) {
            assertEquals(row[2], known(protocol, service((String) row[0]), service((String) row[1])),
                Arrays.toString(row));
        }
    }

    @Test
    void aTicketUnderAnOlderKeyIsRenewed() throws IOException {
        told(service("a"));
        assertEquals(false, resumed("TLSv1.2"));
        for (String keys : new String[] {"ab", "b", "bC", "C"}) {
            listener.secure(Optional.of(service(keys)));
            assertEquals(true, resumed("TLSv1.2"), keys);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void theKeyOfTheProcessChangesAndTheOneBeforeDecrypts(String protocol) throws IOException {
        TlsService service = service(NO_KEYS);
        told(service);
        assertEquals(false, resumed(protocol));
        assertEquals(true, resumed(protocol));
        clock.addAndGet(TimeUnit.HOURS.toNanos(13));
        assertEquals(true, resumed(protocol));
        Optional<SSLContext> before = client;
        for (int i = 0; i < 2; i++) {
            // Others come, so that the key changes twice.
            clock.addAndGet(TimeUnit.HOURS.toNanos(13));
            client = Optional.of(client());
            assertEquals(false, resumed(protocol));
        }
        client = before;
        assertEquals(false, resumed(protocol));
    }

    @Test
    void aTurnComesTwiceADay() {
        TicketRing ring = new TicketRing(clock::get);
        List<byte[]> first = ring.keys();
        assertEquals(1, first.size());
        clock.addAndGet(TimeUnit.HOURS.toNanos(12) - 1);
        assertSame(first, ring.keys());
        clock.addAndGet(1);
        List<byte[]> second = ring.keys();
        assertNotSame(first, second);
        assertSame(first.getFirst(), second.get(1));
        clock.addAndGet(TimeUnit.HOURS.toNanos(12));
        assertEquals(2, ring.keys().size());
        assertSame(second.getFirst(), ring.keys().get(1));
    }
}
