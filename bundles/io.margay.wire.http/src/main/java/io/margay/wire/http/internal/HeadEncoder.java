// SPDX-License-Identifier: Apache-2.0
package io.margay.wire.http.internal;

import io.margay.dispatch.AppRequest;
import io.margay.http.Ascii;
import io.margay.http.RequestTarget;
import io.netty.buffer.ByteBuf;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Writes requests as HTTP/1.1. Fields of the client's connection are left out, and those that it names with them; the
 * body is complete, so its length is told. Belongs to one loop.
 */
final class HeadEncoder {

    private static final AsciiString CONNECTION = AsciiString.cached("Connection");
    private static final AsciiString UPGRADE = AsciiString.cached("Upgrade");
    private static final AsciiString WEBSOCKET = AsciiString.cached("websocket");
    /** Frames are looked at on their way, so nothing may change what they look like. */
    private static final AsciiString EXTENSIONS = AsciiString.cached("Sec-WebSocket-Extensions");
    private static final AsciiString HOST = AsciiString.cached("Host");
    private static final AsciiString LENGTH = AsciiString.cached("Content-Length");
    /** Those of the connection, and what has been done already: the body is here, whatever the client expects. */
    private static final List<AsciiString> LEFT_OUT = List.of(CONNECTION, LENGTH, AsciiString.cached("keep-alive"),
        AsciiString.cached("proxy-connection"), AsciiString.cached("proxy-authorization"), AsciiString.cached("te"),
        AsciiString.cached("trailer"), AsciiString.cached("transfer-encoding"), UPGRADE,
        AsciiString.cached("http2-settings"), AsciiString.cached("expect"));
    private static final byte[] VERSION = " HTTP/1.1\r\n".getBytes(StandardCharsets.US_ASCII);

    private static final AsciiString HTTP = AsciiString.cached("http");
    private static final AsciiString HTTPS = AsciiString.cached("https");

    private final RequestTarget target = new RequestTarget();
    private final List<AsciiString> named = new ArrayList<>();
    private final Optional<AsciiString> client;

    /**
     * Sees that workers learn of the client.
     *
     * @param client name of the field that tells it, if they want that
     */
    HeadEncoder(Optional<String> client) {
        this.client = client.map(AsciiString::cached);
    }

    /** Appends the head. */
    void write(AppRequest request, ByteBuf out) {
        put(out, request.method());
        out.writeByte(' ');
        target.write(out, request.target(), request.path(), request.query());
        out.writeBytes(VERSION);
        // Before all others: a program that reads so many fields only must not lose this one.
        client.ifPresent(name -> client(request, name, out));
        names(request);
        boolean socket = request.webSocket();
        boolean host = false;
        boolean length = request.contentLength() > 0;
        for (int i = 0; i < request.fieldCount(); i++) {
            AsciiString name = request.fieldName(i);
            length |= LENGTH.contentEqualsIgnoreCase(name);
            if (!isLeftOut(name) && !(socket && EXTENSIONS.contentEqualsIgnoreCase(name))) {
                host |= HOST.contentEqualsIgnoreCase(name);
                field(out, name, request.fieldValue(i));
            }
        }
        if (!host) {
            field(out, HOST, request.serverName());
        }
        if (socket) {
            field(out, CONNECTION, UPGRADE);
            field(out, UPGRADE, WEBSOCKET);
        }
        if (length) {
            field(out, LENGTH, AsciiString.of(Long.toString(request.contentLength())));
        }
        out.writeByte('\r').writeByte('\n');
    }

    private static void client(AppRequest request, AsciiString name, ByteBuf out) {
        put(out, name);
        out.writeByte(':').writeByte(' ');
        put(out, request.tls() ? HTTPS : HTTP);
        word(out, request.remoteAddress());
        word(out, request.localAddress());
        word(out, request.localPort());
        out.writeByte('\r').writeByte('\n');
    }

    /** One that is none would be lost, and the path of a socket may have any bytes. */
    private static void word(ByteBuf out, AsciiString text) {
        out.writeByte(' ');
        for (int i = 0; i < text.length(); i++) {
            byte letter = text.byteAt(i);
            out.writeByte(letter > ' ' && letter != 0x7f ? letter : '?');
        }
        if (text.isEmpty()) {
            out.writeByte('-');
        }
    }

    private static void field(ByteBuf out, AsciiString name, AsciiString value) {
        put(out, name);
        out.writeByte(':').writeByte(' ');
        put(out, value);
        out.writeByte('\r').writeByte('\n');
    }

    private static void put(ByteBuf out, AsciiString text) {
        out.writeBytes(text.array(), text.arrayOffset(), text.length());
    }

    /** Collects the fields that the client calls its connection's. */
    private void names(AppRequest request) {
        named.clear();
        for (int i = 0; i < request.fieldCount(); i++) {
            if (CONNECTION.contentEqualsIgnoreCase(request.fieldName(i))) {
                for (AsciiString word : request.fieldValue(i).split(',')) {
                    named.add(Ascii.trim(word));
                }
            }
        }
    }

    private boolean isLeftOut(AsciiString name) {
        if (client.isPresent() && client.get().contentEqualsIgnoreCase(name)) {
            // Nobody but this process tells where a request comes from.
            return true;
        }
        for (AsciiString other : LEFT_OUT) {
            if (other.contentEqualsIgnoreCase(name)) {
                return true;
            }
        }
        for (AsciiString other : named) {
            // No client can take the host of a request away.
            if (other.contentEqualsIgnoreCase(name) && !HOST.contentEqualsIgnoreCase(name)) {
                return true;
            }
        }
        return false;
    }
}
