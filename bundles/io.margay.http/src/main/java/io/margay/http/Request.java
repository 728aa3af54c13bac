// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import io.margay.posix.Fd;
import io.netty.buffer.ByteBuf;
import io.netty.util.AsciiString;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/**
 * One request, whatever protocol it came by.
 *
 * <p>Texts are views of what was received where that is possible: valid until the exchange is done, and to be copied
 * by whoever keeps them. Fields have numbers from 0 to {@code fieldCount() - 1} in the order of their arrival. Used on
 * the loop of the connection.
 */
@ProviderType
public interface Request {

    /** The method as received. */
    AsciiString method();

    /** Whether the method is GET. */
    boolean isGet();

    /** Whether the method is HEAD. */
    boolean isHead();

    /** {@code http} or {@code https}. */
    AsciiString scheme();

    /** Host and port as received, empty if the request names none. */
    AsciiString authority();

    /** The host of {@link #authority()} without port, in lower case ({@code spec/http.md §6}); maybe empty. */
    AsciiString host();

    /** {@link #host()}, or {@code localhost} if that is empty. */
    AsciiString serverName();

    /** The target as received, with query and fragment; empty if the head was malformed. */
    AsciiString target();

    /** The decoded, normalised path, as the last rewrite left it. */
    AsciiString path();

    /** The raw query without the question mark; empty if there is none. */
    AsciiString query();

    /** Whether there is a query, if only an empty one. */
    boolean hasQuery();

    /** The protocol, such as {@code HTTP/1.1}. */
    AsciiString version();

    /** Method, target and version, as logs show them; empty if the head was malformed. */
    AsciiString line();

    /** Whether {@link #line()} is not empty. */
    default boolean hasLine() {
        return !line().isEmpty();
    }

    /** Writes {@link #line()} without making a text of it; nothing if it is empty. */
    default void writeLine(TextSink out) {
        AsciiString line = line();
        if (!line.isEmpty()) {
            out.put(line.array(), line.arrayOffset(), line.length());
        }
    }

    /** Number of fields. */
    int fieldCount();

    /** The name of a field, as received. */
    AsciiString name(int field);

    /** The value of a field. */
    AsciiString value(int field);

    /** Writes {@link #value(int)} without making a text of it. */
    default void writeValue(int field, TextSink out) {
        AsciiString value = value(field);
        out.put(value.array(), value.arrayOffset(), value.length());
    }

    /** The first field at or after {@code from} with the name, letter case ignored; -1 if there is none. */
    int find(AsciiString name, int from);

    /** The last field of the kind, -1 if there is none. */
    int find(KnownField field);

    /** What a field is. */
    KnownField known(int field);

    /**
     * Size of the body, bytes; 0 if there is none. While it {@linkplain Exchange#isBodyComplete() arrives}: what the
     * client has announced, -1 if that is nothing.
     */
    long contentLength();

    /** The body if it is in memory, otherwise empty. Owned by the exchange. */
    ByteBuf body();

    /** The body if it is in a file: offset 0, nameless, owned by the exchange (duplicate it to keep it). */
    Optional<Fd> bodyFile();

    /** The client, as the last change of it by a filter left it. */
    PeerAddress remote();

    /** The local end of the connection. */
    PeerAddress local();

    /** Whether the connection is encrypted. */
    boolean isTls();

    /** What the handshake of the own connection has told; empty when that has none, whatever a proxy may have told. */
    default Optional<TlsInfo> handshake() {
        return Optional.empty();
    }

    /** Whether this is a valid WebSocket request. */
    boolean isWebSocket();

    /**
     * The same for the whole request: 32 lower-case hexadecimal digits, random, unless a filter has
     * {@linkplain Exchange#requestId replaced} it.
     */
    AsciiString requestId();
}
