// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import io.margay.http.TlsInfo;
import io.netty.util.AsciiString;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.Date;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import javax.security.auth.x500.X500Principal;

/**
 * The variables that begin with {@code ssl_}: what the handshake of a connection has told, by the names and in the
 * forms of nginx. They have no value for connections without TLS; those of a certificate, none without one.
 */
final class TlsVariable {
    private static final AsciiString REUSED = AsciiString.cached("r");
    private static final DateTimeFormatter TIME =
        DateTimeFormatter.ofPattern("MMM ppd HH:mm:ss yyyy 'GMT'", Locale.ROOT).withZone(ZoneOffset.UTC);

    private TlsVariable() {
    }

    /** The variable of the name, or empty if there is none. */
    static Optional<Variable> named(String name) {
        Variable found = switch (name) {
            case "ssl_protocol" -> text(TlsInfo::protocol);
            case "ssl_cipher" -> text(TlsInfo::cipher);
            case "ssl_server_name" -> text(TlsInfo::serverName);
            case "ssl_session_reused" -> text(tls -> tls.resumed() ? REUSED : Variable.POINT);
            case "ssl_client_verify" -> text(TlsInfo::verify);
            case "ssl_client_s_dn" -> client(own -> name(own.getSubjectX500Principal()));
            case "ssl_client_i_dn" -> client(own -> name(own.getIssuerX500Principal()));
            case "ssl_client_serial" -> client(own -> serial(own.getSerialNumber()));
            case "ssl_client_fingerprint" -> client(TlsVariable::fingerprint);
            case "ssl_client_v_start" -> client(own -> time(own.getNotBefore()));
            case "ssl_client_v_end" -> client(own -> time(own.getNotAfter()));
            case "ssl_client_v_remain" -> client(own -> Long.toString(Math.max(0,
                ChronoUnit.DAYS.between(Instant.now(), own.getNotAfter().toInstant()))));
            case "ssl_client_escaped_cert" -> client(TlsVariable::escaped);
            default -> null;
        };
        return Optional.ofNullable(found);
    }

    private static Variable text(Function<TlsInfo, AsciiString> value) {
        return e -> e.request().handshake().map(value).filter(text -> !text.isEmpty());
    }

    private static Variable client(Function<X509Certificate, String> value) {
        return e -> e.request().handshake().flatMap(TlsInfo::client).map(value)
            .map(text -> new AsciiString(text.getBytes(StandardCharsets.UTF_8), false));
    }

    /** In the form of RFC 2253; of what a log or a field could take amiss, each byte is written as {@code \XX}. */
    private static String name(X500Principal principal) {
        StringBuilder out = new StringBuilder();
        for (byte c : principal.getName().getBytes(StandardCharsets.UTF_8)) {
            if (c < ' ' || c == 0x7f) {
                out.append('\\').append(HexFormat.of().withUpperCase().toHexDigits(c));
            } else {
                out.append((char) c);
            }
        }
        return out.toString();
    }

    /** Its bytes, without the one that only says that it is not negative. */
    private static String serial(BigInteger number) {
        byte[] bytes = number.toByteArray();
        int from = bytes.length > 1 && bytes[0] == 0 ? 1 : 0;
        return HexFormat.of().withUpperCase().formatHex(bytes, from, bytes.length);
    }

    private static String time(Date date) {
        return TIME.format(date.toInstant());
    }

    private static String fingerprint(X509Certificate own) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-1").digest(own.getEncoded()));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("what was read can be written", e);
        }
    }

    /** The certificate in PEM, each byte that is not a letter, a digit or one of {@code -_.~} as {@code %XX}. */
    private static String escaped(X509Certificate own) {
        try {
            String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(own.getEncoded());
            return ("-----BEGIN CERTIFICATE-----\n" + base64 + "\n-----END CERTIFICATE-----\n").replace("+", "%2B")
                .replace("/", "%2F").replace("=", "%3D").replace(" ", "%20").replace("\n", "%0A");
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException("what was read can be written", e);
        }
    }
}
