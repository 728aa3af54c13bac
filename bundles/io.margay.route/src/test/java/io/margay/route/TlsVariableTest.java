// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.http.Exchange;
import io.margay.http.Request;
import io.margay.http.TlsInfo;
import io.netty.util.AsciiString;
import java.io.ByteArrayInputStream;
import java.lang.reflect.Proxy;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What templates know of a handshake, in the words of nginx. */
class TlsVariableTest {
    /** Made for this test, of nobody; serial 0xff01, until 2126. */
    private static final String PEM = """
        -----BEGIN CERTIFICATE-----
        MIIBuzCCAWKgAwIBAgIDAP8BMAoGCCqGSM49BAMCMDsxCzAJBgNVBAYTAlhYMRMw
        EQYDVQQKDApUZXN0LCBJbmMuMRcwFQYDVQQDDA5HcsO8w59lIGNsaWVudDAgFw0y
        NjExMjgwMzM2MTVaGA8yMTI2MTEwNDAzMzYxNVowOzELMAkGA1UEBhMCWFgxEzAR
        BgNVBAoMClRlc3QsIEluYy4xFzAVBgNVBAMMDkdyw7zDn2UgY2xpZW50MFkwEwYH
        KoZIzj0CAQYIKoZIzj0DAQcDQgAE92/9ugSXpIIfx8sZWnvaxeZGlW5hecczyPW7
        zMscjDkQLCvuOSPac8im90GVDr7ehNLLpW1s6Y33+BDMQA3BK6NTMFEwHQYDVR0O
        BBYEFLNNTIHxiUMlgTBLbUwFDxgfmKuoMB8GA1UdIwQYMBaAFLNNTIHxiUMlgTBL
        bUwFDxgfmKuoMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDRwAwRAIgA6DZ
        ah+DvmU9tMCiHzx8siomFTNz0AWPYqPNTmcyCDMCIF0wpvDc3WlyKrSLjL+gGJLJ
        RHCTU/qOHuTU419x7+Oe
        -----END CERTIFICATE-----
        """;

    private static X509Certificate certificate() {
        try {
            return (X509Certificate) CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(PEM.getBytes(StandardCharsets.US_ASCII)));
        } catch (CertificateException e) {
            throw new IllegalStateException(e);
        }
    }

    private static TlsInfo info(boolean resumed, String name, Optional<X509Certificate> client) {
        return new TlsInfo(AsciiString.of("TLSv1.3"), AsciiString.of("TLS_AES_128_GCM_SHA256"), AsciiString.of(name),
            resumed, client.isPresent() ? TlsInfo.SUCCESS : TlsInfo.NONE, client);
    }

    /** An exchange whose request knows of its handshake, and of nothing else. */
    private static Exchange exchange(Optional<TlsInfo> info) {
        ClassLoader loader = TlsVariableTest.class.getClassLoader();
        Object request = Proxy.newProxyInstance(loader, new Class<?>[] {Request.class}, (self, method, args) -> {
            assertEquals("handshake", method.getName());
            return info;
        });
        return (Exchange) Proxy.newProxyInstance(loader, new Class<?>[] {Exchange.class}, (self, method, args) -> {
            assertEquals("request", method.getName());
            return request;
        });
    }

    private static String value(String name, Optional<TlsInfo> info) {
        return TlsVariable.named(name).orElseThrow().of(exchange(info)).map(AsciiString::toString).orElse("-");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        ssl_protocol           | TLSv1.3
        ssl_cipher             | TLS_AES_128_GCM_SHA256
        ssl_server_name        | example.com
        ssl_session_reused     | .
        ssl_client_verify      | SUCCESS
        ssl_client_s_dn        | CN=Gr\\C3\\BC\\C3\\9Fe client,O=Test\\, Inc.,C=XX
        ssl_client_i_dn        | CN=Gr\\C3\\BC\\C3\\9Fe client,O=Test\\, Inc.,C=XX
        ssl_client_serial      | FF01
        ssl_client_fingerprint | d2187775d4bb0131b2551e2b033c52465b7c2f35
        ssl_client_v_start     | Nov 28 03:36:15 2026 GMT
        ssl_client_v_end       | Nov  4 03:36:15 2126 GMT
        """)
    void ofAClientWithACertificate(String name, String wanted) {
        assertEquals(wanted, value(name, Optional.of(info(false, "example.com", Optional.of(certificate())))));
        assertEquals("-", value(name, Optional.empty()), "without TLS there is none");
    }

    @ParameterizedTest
    @ValueSource(strings = {"ssl_client_s_dn", "ssl_client_i_dn", "ssl_client_serial", "ssl_client_fingerprint",
        "ssl_client_v_start", "ssl_client_v_end", "ssl_client_v_remain", "ssl_client_escaped_cert"})
    void ofAClientWithoutOne(String name) {
        assertEquals("-", value(name, Optional.of(info(false, "example.com", Optional.empty()))));
        assertEquals("-", value(name, Optional.empty()));
    }

    @Test
    void theOthersAreThereWithoutACertificate() {
        Optional<TlsInfo> info = Optional.of(info(true, "", Optional.empty()));
        assertEquals("r", value("ssl_session_reused", info));
        assertEquals("NONE", value("ssl_client_verify", info));
        assertEquals("-", value("ssl_server_name", info), "the client has asked for none");
        assertEquals("TLSv1.3", value("ssl_protocol", info));
    }

    @Test
    void theCertificateCanBePassedOnInAField() {
        String escaped = value("ssl_client_escaped_cert", Optional.of(info(false, "", Optional.of(certificate()))));
        assertTrue(escaped.chars().allMatch(c -> Character.isLetterOrDigit(c) || "-_.~%".indexOf(c) >= 0), escaped);
        assertEquals(PEM, URLDecoder.decode(escaped, StandardCharsets.US_ASCII));
    }

    @Test
    void theDaysThatAreLeft() {
        long days = Long.parseLong(value("ssl_client_v_remain",
            Optional.of(info(false, "", Optional.of(certificate())))));
        assertTrue(days > 0 && days <= 36_500, "whole days until 2126: " + days);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ssl_", "ssl_x", "ssl_client", "ssl_client_cert", "SSL_PROTOCOL", "ssl_protocol_"})
    void thereAreNoOthers(String name) {
        assertEquals(Optional.empty(), TlsVariable.named(name));
        assertEquals(Optional.empty(), Variable.named(name));
    }
}
