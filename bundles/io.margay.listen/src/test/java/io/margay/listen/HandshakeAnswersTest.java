// SPDX-License-Identifier: Apache-2.0
package io.margay.listen;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.certificate.CertificateBundle;
import io.margay.certificate.HandshakeAnswer;
import io.margay.log.ErrorLog;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Handshakes that prove something, beside those that lead to requests. */
@Timeout(120)
class HandshakeAnswersTest extends TlsStage {
    @TempDir
    private static Path directory;
    private static CertificateBundle usual;
    private static CertificateBundle proof;

    private volatile boolean awake = true;

    @BeforeAll
    static void make() throws Exception {
        usual = bundle(directory, "usual", "ec", "-pkeyopt", "ec_paramgen_curve:P-256");
        proof = bundle(directory, "proof", "ec", "-pkeyopt", "ec_paramgen_curve:P-256");
    }

    private final HandshakeAnswer answer = new HandshakeAnswer() {
        @Override
        public String protocol() {
            return "proof/1";
        }

        @Override
        public boolean isAwake() {
            return awake;
        }

        @Override
        public Optional<CertificateBundle> certificate(String host) {
            return host.equals("a.example") ? Optional.of(proof) : Optional.empty();
        }
    };

    private SSLSocket offer(String host, String... protocols) throws Exception {
        SSLSocket socket = (SSLSocket) client().getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(20_000);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setApplicationProtocols(protocols);
        parameters.setServerNames(List.of(new SNIHostName(host)));
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        return socket;
    }

    /** Whose certificate a client gets, the protocol, and what a request then gets. */
    private String told(String host, String... protocols) throws Exception {
        try (SSLSocket socket = offer(host, protocols)) {
            String who = subject(socket).substring(3) + ' ' + socket.getApplicationProtocol() + ' ';
            return who + (socket.getApplicationProtocol().equals("proof/1") ? socket.getInputStream().read()
                : ask(socket, GET).replaceAll("(?s).*\r\n", ""));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whoAsksForAProofGetsThatAndNothingElse(boolean boringSsl) throws Exception {
        answers.add(answer);
        TlsFactory made = new TlsFactory(ErrorLog.standardError(), answers, System::nanoTime, () -> boringSsl);
        serve(made.create(options(1, Map.of(), 0, false), material(usual)));
        assertEquals("proof proof/1 -1", told("A.example", "proof/1"));
        assertEquals("usual http/1.1 secure", told("a.example", "http/1.1"));
        assertEquals("usual http/1.1 secure", told("a.example", "proof/1", "http/1.1"), "it may do something else");
        assertEquals("usual  secure", told("b.example", "proof/1"));
        assertEquals("usual  secure", told("a.example", "proof/2"));
        awake = false;
        assertEquals("usual  secure", told("a.example", "proof/1"));
        awake = true;
        assertEquals("proof proof/1 -1", told("a.example", "proof/1"));
        answers.remove(answer);
        assertEquals("usual  secure", told("a.example", "proof/1"));
    }

    @Test
    void amongSeveralCertificatesAndWithFaultyOnes() throws Exception {
        answers.add(new HandshakeAnswer() {
            @Override
            public String protocol() {
                return "proof/1";
            }

            @Override
            public boolean isAwake() {
                throw new IllegalStateException("asleep or not");
            }

            @Override
            public Optional<CertificateBundle> certificate(String host) {
                throw new IllegalStateException("no certificate");
            }
        });
        answers.add(answer);
        serve(service(usual, proof));
        assertEquals("proof proof/1 -1", told("a.example", "proof/1"));
        assertEquals("proof http/1.1 secure", told("proof.example", "http/1.1"));
        assertTrue(lines.stream().anyMatch(line -> line.endsWith("IllegalStateException: no certificate")),
            lines.toString());
    }

    private static ByteBuf hello(String... names) {
        ByteBuf list = Unpooled.buffer();
        for (String name : names) {
            list.writeByte(name.length()).writeBytes(name.getBytes(StandardCharsets.US_ASCII));
        }
        ByteBuf extensions = Unpooled.buffer();
        extensions.writeShort(43).writeShort(1).writeByte(0);
        extensions.writeShort(16).writeShort(list.readableBytes() + 2).writeShort(list.readableBytes())
            .writeBytes(list);
        return Unpooled.buffer().writeZero(34).writeByte(2).writeZero(2).writeShort(4).writeZero(4).writeByte(1)
            .writeByte(0).writeShort(extensions.readableBytes()).writeBytes(extensions);
    }

    @ParameterizedTest
    @CsvSource({"a, a", "'a,b', ''", "acme-tls/1, acme-tls/1", "'', ''"})
    void whatIsOffered(String names, String only) {
        ByteBuf hello = hello(names.split(","));
        assertEquals(only, ClientHello.onlyProtocol(hello).orElse(""));
        assertEquals(0, hello.readerIndex());
    }

    @Test
    void anyPartOfAMessageIsHarmless() {
        ByteBuf whole = hello("a");
        List<String> found = new ArrayList<>();
        for (int i = 0; i < whole.readableBytes(); i++) {
            ClientHello.onlyProtocol(whole.slice(0, i)).ifPresent(found::add);
            ByteBuf lie = whole.copy();
            lie.setByte(i, 0xff);
            ClientHello.onlyProtocol(lie).filter(name -> name.length() > 1).ifPresent(found::add);
        }
        assertEquals(List.of(), found);
    }
}
