// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import io.netty.channel.Channel;
import io.netty.util.AsciiString;
import io.netty.util.AttributeKey;
import java.security.cert.X509Certificate;
import java.util.Optional;

/**
 * What a handshake has told about a connection, immutable. Whoever does the handshake attaches it before it says that
 * the connection is {@link Transport#TLS}; requests tell it.
 *
 * @param protocol as {@code TLSv1.3}
 * @param cipher the cipher suite, as the TLS library calls it
 * @param serverName for which host the client has asked; empty if for none
 * @param resumed whether an earlier session was taken up again
 * @param verify what is known of the client's certificate: {@link #NONE} without one, {@link #SUCCESS}, or
 *     {@code FAILED:} and a reason
 * @param client the client's certificate, if it was asked for one and has one
 */
public record TlsInfo(AsciiString protocol, AsciiString cipher, AsciiString serverName, boolean resumed,
                      AsciiString verify, Optional<X509Certificate> client) {

    /** The client has shown no certificate. */
    public static final AsciiString NONE = AsciiString.cached("NONE");
    /** The client's certificate is good. */
    public static final AsciiString SUCCESS = AsciiString.cached("SUCCESS");

    private static final AttributeKey<TlsInfo> KEY = AttributeKey.valueOf(TlsInfo.class, "info");

    /** Lets the requests of a channel tell it. */
    public void attach(Channel channel) {
        channel.attr(KEY).set(this);
    }

    /** What was attached; empty when the channel has no TLS. */
    public static Optional<TlsInfo> of(Channel channel) {
        return channel.hasAttr(KEY) ? Optional.ofNullable(channel.attr(KEY).get()) : Optional.empty();
    }
}
