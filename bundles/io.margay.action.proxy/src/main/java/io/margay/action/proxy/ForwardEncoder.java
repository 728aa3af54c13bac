// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import io.margay.http.Exchange;
import io.margay.http.FieldLines;
import io.margay.http.KnownField;
import io.margay.http.Request;
import io.margay.http.RequestTarget;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.util.AsciiString;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Writes requests as HTTP/1.1, so that they can be read in one way only: the body has one length, told last, or comes
 * in chunks. Belongs to one loop.
 */
final class ForwardEncoder implements UpstreamWriter {
    private static final AsciiString CONNECTION = AsciiString.cached("Connection");
    private static final AsciiString UPGRADE = AsciiString.cached("Upgrade");
    private static final AsciiString WEBSOCKET = AsciiString.cached("websocket");
    private static final AsciiString LENGTH = AsciiString.cached("Content-Length");
    private static final AsciiString ENCODING = AsciiString.cached("Transfer-Encoding");
    private static final AsciiString CHUNKED = AsciiString.cached("chunked");
    private static final AsciiString TE = AsciiString.cached("TE");
    private static final AsciiString TRAILERS = AsciiString.cached("trailers");
    private static final byte[] VERSION = " HTTP/1.1\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] END = "0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final int LINE = 20;

    private final RequestTarget target = new RequestTarget();
    private final ServerFields fields = new ServerFields();

    @Override
    public boolean head(Forward of, ByteBuf out) {
        write(of.exchange(), of.options().headers(), out);
        return true;
    }

    /**
     * Appends the head of a request.
     *
     * @param changes fields that are others for the server
     */
    void write(Exchange exchange, List<HeaderChange> changes, ByteBuf out) {
        Request request = exchange.request();
        put(out, request.method());
        out.writeByte(' ');
        target.write(out, request.target(), request.path(), request.query());
        out.writeBytes(VERSION);
        fields.read(exchange, changes);
        for (int i = 0; i < fields.count(); i++) {
            field(out, fields.name(i), fields.value(i));
        }
        connection(request, out);
        if (request.contentLength() < 0) {
            field(out, ENCODING, CHUNKED);
        } else if (request.contentLength() > 0 || request.find(KnownField.CONTENT_LENGTH) >= 0) {
            field(out, LENGTH, AsciiString.of(Long.toString(request.contentLength())));
        }
        out.writeByte('\r').writeByte('\n');
    }

    private static void connection(Request request, ByteBuf out) {
        if (request.isWebSocket()) {
            field(out, CONNECTION, UPGRADE);
            field(out, UPGRADE, WEBSOCKET);
        } else if (FieldLines.takesTrailers(request)) {
            field(out, CONNECTION, TE);
            field(out, TE, TRAILERS);
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

    @Override
    public ChannelFuture whole(Channel channel, Request request, ByteBuf head) throws IOException {
        return RequestOutput.write(channel, request, head);
    }

    @Override
    public void part(Channel channel, ByteBuf part, boolean unknown) {
        int size = part.readableBytes();
        if (!unknown || size == 0) {
            channel.write(part);
            return;
        }
        ByteBuf line = channel.alloc().directBuffer(LINE);
        line.writeCharSequence(Integer.toHexString(size) + "\r\n", StandardCharsets.US_ASCII);
        channel.write(line);
        channel.write(part);
        channel.write(Unpooled.wrappedBuffer(END, 1, 2));
    }

    @Override
    public ByteBuf end(boolean unknown) {
        return unknown ? Unpooled.wrappedBuffer(END) : Unpooled.EMPTY_BUFFER;
    }
}
