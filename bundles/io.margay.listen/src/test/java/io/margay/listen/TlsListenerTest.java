// SPDX-License-Identifier: Apache-2.0
package io.margay.listen;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.certificate.CertificateBundle;
import io.margay.http.Fields;
import io.netty.channel.DefaultFileRegion;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Real handshakes of the JDK's client with real listeners. */
@Timeout(120)
class TlsListenerTest extends TlsStage {
    @TempDir
    private static Path directory;
    private static CertificateBundle rsa;
    private static CertificateBundle ec;
    private static CertificateBundle ed;

    @BeforeAll
    static void make() throws Exception {
        rsa = bundle(directory, "rsa", "rsa:2048");
        ec = bundle(directory, "ec", "ec", "-pkeyopt", "ec_paramgen_curve:P-256");
        ed = bundle(directory, "ed", "ed25519");
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void requestsOverOneConnection(String protocol) throws Exception {
        serve(service(rsa));
        try (SSLSocket socket = connect("", protocol)) {
            assertEquals("http/1.1 " + protocol,
                socket.getApplicationProtocol() + " " + socket.getSession().getProtocol());
            for (int i = 0; i < 3; i++) {
                assertTrue(ask(socket, GET).endsWith("\r\n\r\nsecure"));
            }
            assertTrue(ask(socket, GET.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n")).endsWith("secure"));
            assertEquals(-1, socket.getInputStream().read(), "the end is told, not cut");
        }
    }

    @Test
    void keysOfAllKindsServe() throws Exception {
        serve(service(ec));
        for (CertificateBundle bundle : List.of(ec, rsa, ed)) {
            listener.secure(Optional.of(service(bundle)));
            try (SSLSocket socket = connect("")) {
                assertEquals(bundle.leaf().getSubjectX500Principal().getName(), subject(socket));
            }
        }
    }

    @Test
    void theCertificateFollowsTheName() throws Exception {
        serve(service(rsa, ec));
        for (String[] row : new String[][] {{"", "CN=rsa"}, {"ec.example", "CN=ec"}, {"x.EC.example", "CN=ec"},
            {"x.y.ec.example", "CN=rsa"}, {"rsa.example", "CN=rsa"}, {"other.test", "CN=rsa"}}) {
            try (SSLSocket socket = connect(row[0])) {
                assertEquals(row[1], subject(socket), row[0]);
                assertTrue(ask(socket, GET).endsWith("secure"));
            }
        }
    }

    @Test
    void plainHttpIsToldSo() throws Exception {
        serve(service(rsa));
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            assertTrue(ask(socket, GET).startsWith("HTTP/1.1 400 The plain HTTP request was sent to HTTPS port\r\n"));
        }
    }

    @Test
    void garbageEndsTheConnection() throws Exception {
        serve(service(rsa, ec));
        Random random = new Random(7);
        for (int i = 0; i < 50; i++) {
            byte[] bytes = new byte[1 + random.nextInt(400)];
            random.nextBytes(bytes);
            bytes[0] = 0x16;
            if (i % 2 == 0 && bytes.length > 6) {
                // A record that claims to be a client's first message.
                System.arraycopy(new byte[] {0x16, 3, 1, 0, (byte) Math.min(120, bytes.length - 5), 1}, 0, bytes, 0, 6);
            }
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                socket.setSoTimeout(20_000);
                socket.getOutputStream().write(bytes);
                socket.shutdownOutput();
                assertTrue(socket.getInputStream().readAllBytes().length < 100);
            } catch (IOException e) {
                assertTrue(e.getMessage().contains("reset") || e.getMessage().contains("pipe"), e.getMessage());
            }
        }
        try (SSLSocket socket = connect("")) {
            assertTrue(ask(socket, GET).endsWith("secure"), "the others are served");
        }
    }

    @Test
    void aHandshakeThatDoesNotEndIsEnded() throws Exception {
        serve(e -> e.respond(200, Fields.NONE, new byte[0]), service(rsa), 1);
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(new byte[] {0x16, 3, 1, 0, 100, 1, 0});
            assertEquals(-1, socket.getInputStream().read());
        }
        try (SSLSocket socket = connect("")) {
            assertTrue(ask(socket, "").startsWith("HTTP/1.1 408 "), "after it there is an answer");
        }
    }

    @Test
    void filesPassThrough() throws Exception {
        byte[] content = new byte[3_000_001];
        new Random(1).nextBytes(content);
        Path file = Files.write(directory.resolve("content"), content);
        serve(e -> {
            try {
                e.respond(200, Fields.NONE, new DefaultFileRegion(FileChannel.open(file), 1, content.length - 1));
            } catch (IOException failure) {
                throw new IllegalStateException(failure);
            }
        }, service(rsa), 30);
        try (SSLSocket socket = connect("")) {
            for (int i = 0; i < 2; i++) {
                byte[] body = ask(socket, GET).getBytes(StandardCharsets.ISO_8859_1);
                assertArrayEquals(Arrays.copyOfRange(content, 1, content.length),
                    Arrays.copyOfRange(body, body.length - content.length + 1, body.length));
            }
        }
    }

    @RepeatedTest(5)
    void aRefusedUploadGetsItsAnswer() throws Exception {
        serve(service(rsa));
        try (SSLSocket socket = connect("")) {
            String head = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9000000\r\n\r\n" + "x".repeat(3_000_000);
            // More than fits into any buffer on the way: the answer is there, the rest is taken all the same.
            CompletableFuture<Void> upload = CompletableFuture.runAsync(() -> {
                try {
                    socket.getOutputStream().write(head.getBytes(StandardCharsets.ISO_8859_1));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }, task -> new Thread(task).start());
            assertTrue(ask(socket, "").startsWith("HTTP/1.1 413 "));
            assertEquals(-1, socket.getInputStream().read());
            upload.join();
        }
    }

    @Test
    void noHandshakeFailsWhileCertificatesAreReplaced() throws Exception {
        serve(service(rsa, ec));
        AtomicBoolean end = new AtomicBoolean();
        AtomicInteger done = new AtomicInteger();
        List<CompletableFuture<Void>> clients = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            clients.add(CompletableFuture.runAsync(() -> handshakes(end, done), task -> new Thread(task).start()));
        }
        try (SSLSocket before = connect("ec.example")) {
            for (int i = 0; i < 40 || done.get() < 60; i++) {
                listener.secure(Optional.of(i % 2 == 0 ? service(ec, rsa) : service(rsa, ec)));
                try (SSLSocket socket = connect("")) {
                    assertEquals(i % 2 == 0 ? "CN=ec" : "CN=rsa", subject(socket), "used at once");
                }
            }
            assertTrue(ask(before, GET).endsWith("secure"), "connections go on");
        }
        end.set(true);
        for (CompletableFuture<Void> each : clients) {
            each.get(20, TimeUnit.SECONDS);
        }
    }

    private void handshakes(AtomicBoolean end, AtomicInteger done) {
        while (!end.get()) {
            int count = done.incrementAndGet();
            try (SSLSocket socket = connect(count % 2 == 0 ? "" : "ec.example")) {
                assertTrue(ask(socket, GET).endsWith("secure"));
            } catch (IOException e) {
                throw new IllegalStateException("handshake " + count, e);
            }
        }
    }

    @Test
    void sessionsAreResumedOnlyWhereThatIsAsked() throws Exception {
        serve(service(rsa));
        for (Object[] row : new Object[][] {{0L, false, "TLSv1.2", false}, {0L, false, "TLSv1.3", false},
            {10L, false, "TLSv1.2", true}, {0L, true, "TLSv1.2", true}, {0L, true, "TLSv1.3", true}}) {
            listener.secure(Optional.of(factory.create(options(1, Map.of(), (Long) row[0], (Boolean) row[1]),
                material(rsa))));
            client = Optional.of(client());
            long[] created = new long[2];
            for (int i = 0; i < 2; i++) {
                try (SSLSocket socket = connect("resume.test", (String) row[2])) {
                    ask(socket, GET);
                    created[i] = socket.getSession().getCreationTime();
                }
                // The creation time of a session that was resumed is the old one.
                long now = System.currentTimeMillis();
                while (System.currentTimeMillis() <= now) {
                    Thread.onSpinWait();
                }
            }
            assertEquals(row[3], created[0] == created[1], Arrays.toString(row));
        }
    }

    @Test
    void commandsAreObeyed() throws Exception {
        serve(factory.create(options(1, Map.of("CipherString", "ECDHE-RSA-AES256-GCM-SHA384", "MaxProtocol", "TLSv1.2",
            "Groups", "secp384r1"), 0, false), material(rsa)));
        try (SSLSocket socket = connect("")) {
            assertEquals("TLSv1.2 TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
                socket.getSession().getProtocol() + " " + socket.getSession().getCipherSuite());
        }
        listener.secure(Optional.of(factory.create(options(1, Map.of("MinProtocol", "TLSv1.3"), 0, false),
            material(rsa))));
        assertThrows(SSLException.class, () -> connect("", "TLSv1.2"));
        for (String[] bad : new String[][] {{"CipherString", "NO-SUCH"}, {"Curves", "P-1"}}) {
            TlsOptions options = options(1, Map.of(bad[0], bad[1]), 0, false);
            TlsException e = assertThrows(TlsException.class, () -> factory.create(options, material(rsa)));
            assertTrue(e.getMessage().startsWith("invalid value \"" + bad[1] + "\" for command \"" + bad[0]
                + "\" in \"conf_commands\" option"), e.getMessage());
        }
    }
}
