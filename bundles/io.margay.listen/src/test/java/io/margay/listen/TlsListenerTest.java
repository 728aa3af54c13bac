// SPDX-License-Identifier: Apache-2.0
package io.margay.listen;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.certificate.CertificateBundle;
import io.margay.engine.EventLoop;
import io.margay.engine.EventLoops;
import io.margay.engine.Generation;
import io.margay.http.ExchangeHandler;
import io.margay.http.Fields;
import io.margay.http.HttpBinding;
import io.margay.http.HttpLoop;
import io.margay.http.HttpSettings;
import io.margay.http.Protocols;
import io.margay.log.ErrorLog;
import io.margay.posix.Address;
import io.margay.posix.Fd;
import io.margay.posix.Sockets;
import io.margay.protocol.http1.Http1Protocol;
import io.netty.channel.DefaultFileRegion;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
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
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Real handshakes of the JDK's client with real listeners. */
@Timeout(120)
class TlsListenerTest {
    private static final String GET = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
    private static final byte[] NOTHING = {};

    @TempDir
    private static Path directory;
    private static CertificateBundle rsa;
    private static CertificateBundle ec;
    private static CertificateBundle ed;

    private final EventLoops loops = EventLoops.create("tls-test", 2);
    private final List<HttpLoop> http = new ArrayList<>();
    private static final List<String> ALPN = List.of("http/1.1");

    private final TlsFactory factory = new TlsFactory(ErrorLog.standardError());
    /** Remembers sessions, and with them the names of the first connection; else each connection has a new one. */
    private Optional<SSLContext> client = Optional.empty();
    private Listener listener;
    private int port;

    @BeforeAll
    static void make() throws Exception {
        rsa = bundle("rsa", "rsa:2048");
        ec = bundle("ec", "ec", "-pkeyopt", "ec_paramgen_curve:P-256");
        ed = bundle("ed", "ed25519");
    }

    private static CertificateBundle bundle(String name, String... algorithm) throws Exception {
        List<String> command = new ArrayList<>(List.of("openssl", "req", "-x509", "-nodes", "-days", "9", "-subj",
            "/CN=" + name, "-addext", "subjectAltName=DNS:" + name + ".example,DNS:*." + name + ".example", "-keyout",
            name + ".key", "-out", name + ".crt", "-newkey"));
        command.addAll(List.of(algorithm));
        Process process = new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true)
            .redirectOutput(new File("/dev/null")).start();
        assertTrue(process.waitFor(60, TimeUnit.SECONDS) && process.exitValue() == 0);
        return CertificateBundle.parse((Files.readString(directory.resolve(name + ".crt"))
            + Files.readString(directory.resolve(name + ".key"))).getBytes(StandardCharsets.UTF_8));
    }

    private static SSLContext client() {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {new AllTrust()}, new SecureRandom());
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    TlsListenerTest() {
        for (EventLoop loop : loops.all()) {
            http.add(new HttpLoop(loop.netty(), http.size(), "1.35.0", ErrorLog.standardError()));
        }
    }

    @AfterEach
    void end() throws Exception {
        if (listener != null) {
            listener.close().toCompletableFuture().get(20, TimeUnit.SECONDS);
        }
        loops.shutdown().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    private static TlsOptions options(int certificates, Map<String, String> commands, long cache, boolean tickets) {
        return new TlsOptions(Arrays.asList("a", "b", "c").subList(0, certificates), commands, cache, 300, tickets,
            List.of());
    }

    private TlsService service(CertificateBundle... bundles) {
        return factory.create(options(bundles.length, Map.of(), 0, false), List.of(bundles), ALPN);
    }

    private void serve(ExchangeHandler handler, TlsService service, int idle) {
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        Fd socket = Sockets.socket(Sockets.AF_INET, Sockets.SOCK_STREAM, 0);
        Sockets.setOption(socket, Sockets.SOL_SOCKET, Sockets.SO_REUSEADDR, 1);
        Sockets.bind(socket, Address.parse("127.0.0.1:" + port));
        listener = Listener.open(socket, -1, new HttpBinding(HttpSettings.DEFAULTS.change().idleTimeout(idle)
            .bodyTempPath(directory.toString()).build(), handler, new Generation(), true),
            Protocols.of(List.of(new Http1Protocol())));
        listener.secure(Optional.of(service));
        listener.serve(http);
    }

    private void serve(TlsService service) {
        serve(e -> e.respond(200, Fields.NONE,
            (e.request().isTls() ? "secure" : "plain").getBytes(StandardCharsets.US_ASCII)),
            service, 30);
    }

    private SSLSocket connect(String host, String... protocols) throws IOException {
        SSLSocket socket = (SSLSocket) client.orElseGet(TlsListenerTest::client).getSocketFactory()
            .createSocket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(20_000);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {"h2", "http/1.1"});
        if (!host.isEmpty()) {
            parameters.setServerNames(List.of(new SNIHostName(host)));
        }
        if (protocols.length > 0) {
            parameters.setProtocols(protocols);
        }
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        return socket;
    }

    private static String ask(Socket socket, String request) throws IOException {
        socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
        StringBuilder head = new StringBuilder();
        while (!head.toString().endsWith("\r\n\r\n")) {
            int next = socket.getInputStream().read();
            if (next < 0) {
                return head.append("<end>").toString();
            }
            head.append((char) next);
        }
        int start = head.indexOf("Content-Length: ") + 16;
        int length = Integer.parseInt(head.substring(start, head.indexOf("\r\n", start)));
        return head + new String(socket.getInputStream().readNBytes(length), StandardCharsets.ISO_8859_1);
    }

    private static String subject(SSLSocket socket) throws IOException {
        return ((X509Certificate) socket.getSession().getPeerCertificates()[0]).getSubjectX500Principal().getName();
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
                List.of(rsa), ALPN)));
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
            "Groups", "secp384r1"), 0, false), List.of(rsa), ALPN));
        try (SSLSocket socket = connect("")) {
            assertEquals("TLSv1.2 TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
                socket.getSession().getProtocol() + " " + socket.getSession().getCipherSuite());
        }
        listener.secure(Optional.of(factory.create(options(1, Map.of("MinProtocol", "TLSv1.3"), 0, false),
            List.of(rsa), ALPN)));
        assertThrows(SSLException.class, () -> connect("", "TLSv1.2"));
        for (String[] bad : new String[][] {{"CipherString", "NO-SUCH"}, {"Curves", "P-1"}}) {
            TlsOptions options = options(1, Map.of(bad[0], bad[1]), 0, false);
            TlsException e = assertThrows(TlsException.class, () -> factory.create(options, List.of(rsa), ALPN));
            assertTrue(e.getMessage().startsWith("invalid value \"" + bad[1] + "\" for command \"" + bad[0]
                + "\" in \"conf_commands\" option"), e.getMessage());
        }
    }
}
