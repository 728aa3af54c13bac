// SPDX-License-Identifier: Apache-2.0
package io.margay.lang;

import io.netty.util.AsciiString;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * A request as applications receive it ({@code spec/http.md §14}). All text is bytes as received, one per char. Values
 * are views that are valid only during the call that got this object; the thread is that of the request's event loop.
 */
@ConsumerType
public interface RequestView {

    /** The method as received. */
    AsciiString method();

    /** The raw target with its query, unaffected by rewriting. */
    AsciiString target();

    /** The decoded, normalised or rewritten path; never has a NUL. */
    AsciiString path();

    /** The raw query without the question mark; empty if there is none. */
    AsciiString query();

    /** The version, {@code HTTP/1.1}. */
    AsciiString version();

    /** The client's address without port, {@code unix:} for Unix sockets. */
    AsciiString remoteAddress();

    /** The local address without port. */
    AsciiString localAddress();

    /** The local port in decimal; empty for Unix sockets. */
    AsciiString localPort();

    /** The host of the request in lower case without port, {@code localhost} if there is none. */
    AsciiString serverName();

    /** Whether the client speaks TLS, or is said to by a trusted proxy. */
    boolean tls();

    /** Whether this is a valid request for a WebSocket; the application decides by the status 101. */
    default boolean webSocket() {
        return false;
    }

    /** Index of the chosen entry of the application's {@code targets}, 0 to 253. */
    int targetIndex();

    /** Number of header fields. */
    int fieldCount();

    /** Name of a field as received; a token, thus without NUL. */
    AsciiString fieldName(int index);

    /** Value of a field, trimmed, without control characters. */
    AsciiString fieldValue(int index);

    /** Size of the body in bytes, 0 if there is none. */
    long contentLength();
}
