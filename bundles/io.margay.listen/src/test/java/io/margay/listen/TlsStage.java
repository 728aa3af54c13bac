// SPDX-License-Identifier: Apache-2.0
package io.margay.listen;

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
import io.margay.testing.AllTrust;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
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
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/** A listener with TLS, and the JDK's client. */
abstract class TlsStage {
    static final String GET = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
    static final List<String> ALPN = List.of("http/1.1");

    @TempDir
    private Path bodies;
    private final EventLoops loops = EventLoops.create("tls-test", 2);
    private final List<HttpLoop> http = new ArrayList<>();
    /** Lines of the log. */
    final List<String> lines = new CopyOnWriteArrayList<>();
    final HandshakeAnswers answers = new HandshakeAnswers((level, text) -> lines.add(text));
    final TlsFactory factory = new TlsFactory(ErrorLog.standardError(), answers);
    /** Remembers sessions, and with them the names of the first connection; else each connection has a new one. */
    Optional<SSLContext> client = Optional.empty();
    Listener listener;
    int port;

    static CertificateBundle bundle(Path directory, String name, String... algorithm) throws Exception {
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

    static SSLContext client(KeyManager... keys) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys, new TrustManager[] {new AllTrust()}, new SecureRandom());
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    TlsStage() {
        for (EventLoop loop : loops.all()) {
            http.add(new HttpLoop(loop.netty(), http.size(), "1.35.0", (level, text) -> lines.add(text)));
        }
    }

    @AfterEach
    void end() throws Exception {
        if (listener != null) {
            listener.close().toCompletableFuture().get(20, TimeUnit.SECONDS);
        }
        loops.shutdown().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    static TlsOptions options(int certificates, Map<String, String> commands, long cache, boolean tickets) {
        return new TlsOptions(Arrays.asList("a", "b", "c").subList(0, certificates), commands, cache, 300, tickets,
            List.of(), Optional.empty(), Optional.empty());
    }

    static TlsMaterial material(CertificateBundle... bundles) {
        return new TlsMaterial(List.of(bundles), List.of(), ALPN);
    }

    TlsService service(CertificateBundle... bundles) {
        return factory.create(options(bundles.length, Map.of(), 0, false), material(bundles));
    }

    void serve(ExchangeHandler handler, TlsService service, int idle) {
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        Fd socket = Sockets.socket(Sockets.AF_INET, Sockets.SOCK_STREAM, 0);
        Sockets.setOption(socket, Sockets.SOL_SOCKET, Sockets.SO_REUSEADDR, 1);
        Sockets.bind(socket, Address.parse("127.0.0.1:" + port));
        listener = Listener.open(socket, -1, new HttpBinding(HttpSettings.DEFAULTS.change().idleTimeout(idle)
            .bodyTempPath(bodies.toString()).build(), handler, new Generation(), true),
            Protocols.of(List.of(new Http1Protocol())));
        listener.secure(Optional.of(service));
        listener.serve(http);
    }

    void serve(TlsService service) {
        serve(e -> e.respond(200, Fields.NONE,
            (e.request().isTls() ? "secure" : "plain").getBytes(StandardCharsets.US_ASCII)), service, 30);
    }

    SSLSocket connect(String host, String... protocols) throws IOException {
        SSLSocket socket = (SSLSocket) client.orElseGet(TlsStage::client).getSocketFactory()
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

    static String ask(Socket socket, String request) throws IOException {
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

    static String subject(SSLSocket socket) throws IOException {
        return ((X509Certificate) socket.getSession().getPeerCertificates()[0]).getSubjectX500Principal().getName();
    }
}
