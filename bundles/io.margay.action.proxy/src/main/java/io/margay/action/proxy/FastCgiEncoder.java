// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import io.margay.http.Exchange;
import io.margay.http.KnownField;
import io.margay.http.Records;
import io.margay.http.Request;
import io.margay.lang.CgiEncoder;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.handler.stream.ChunkedWriteHandler;
import io.netty.util.AsciiString;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;

/**
 * Writes requests as FastCGI has them: the variables are those of PHP applications ({@code spec/languages.md §3}, §11),
 * the body is as long as they say. Belongs to one loop.
 */
final class FastCgiEncoder implements UpstreamWriter {
    private static final int MOST = 1 << 16;
    /** The place of PATH_INFO among the variables of every language: that of scripts is another. */
    private static final int PATH_INFO_PLACE = 2;
    private static final AsciiString ROOT = AsciiString.cached("DOCUMENT_ROOT");
    private static final AsciiString FILE = AsciiString.cached("SCRIPT_FILENAME");
    private static final AsciiString NAME = AsciiString.cached("SCRIPT_NAME");
    private static final AsciiString INFO = AsciiString.cached("PATH_INFO");
    private static final AsciiString LENGTH = AsciiString.cached("CONTENT_LENGTH");
    private static final AsciiString HTTPS = AsciiString.cached("HTTPS");
    private static final AsciiString ON = AsciiString.cached("on");
    private static final AsciiString SCHEME = AsciiString.cached("REQUEST_SCHEME");
    private static final AsciiString PORT = AsciiString.cached("REMOTE_PORT");
    private static final AsciiString SLASH = AsciiString.cached("/");
    /** It would be taken for the proxy that the application itself is to use. */
    private static final AsciiString PROXY = AsciiString.cached("HTTP_PROXY");
    /** Of all requests; without the last one PHP's CGI program, built to be safe, does not answer. */
    private static final List<AsciiString> ALWAYS = List.of(AsciiString.cached("GATEWAY_INTERFACE"),
        AsciiString.cached("CGI/1.1"), AsciiString.cached("SERVER_SOFTWARE"), AsciiString.cached("Margay"),
        AsciiString.cached("REDIRECT_STATUS"), AsciiString.cached("200"));

    private final ServerFields fields = new ServerFields();
    private final CgiView view = new CgiView(fields);
    private final CgiEncoder variables = new CgiEncoder(EnumSet.of(CgiEncoder.Variant.CONTENT_ONCE));
    private final ByteBuf scratch = Unpooled.buffer(MOST, MOST);
    private final ByteBuf pairs = Unpooled.buffer(1024);
    private List<FastCgiOptions.Param> params = List.of();

    @Override
    public boolean head(Forward of, ByteBuf out) {
        return write(of.exchange(), of.options().fastCgi().orElseThrow(), of.options().headers(), out);
    }

    /**
     * Appends the beginning of a request, up to its body.
     *
     * @param changes fields that are others for the server
     * @return false when there are too many variables; nothing is appended then
     */
    boolean write(Exchange exchange, FastCgiOptions options, List<HeaderChange> changes, ByteBuf out) {
        Request request = exchange.request();
        Optional<ScriptPath> found = ScriptPath.of(request.path(), options);
        fields.read(exchange, changes);
        params = options.params();
        scratch.clear();
        pairs.clear();
        if (found.isEmpty() || !variables.encode(view.of(request), scratch)) {
            return false;
        }
        ScriptPath path = found.get();
        pair(ROOT, options.root().isEmpty() ? SLASH : options.root());
        pair(FILE, options.root().concat(path.script()));
        pair(NAME, path.script());
        if (!path.info().isEmpty()) {
            pair(INFO, path.info());
        }
        pair(SCHEME, request.scheme());
        pair(PORT, request.remote().portText());
        if (request.isTls()) {
            pair(HTTPS, ON);
        }
        for (int i = 0; i < ALWAYS.size(); i += 2) {
            pair(ALWAYS.get(i), ALWAYS.get(i + 1));
        }
        if (request.contentLength() > 0 || request.find(KnownField.CONTENT_LENGTH) >= 0) {
            append(LENGTH, AsciiString.of(Long.toString(request.contentLength())));
        }
        variables();
        for (FastCgiOptions.Param param : params) {
            param.value().ifPresent(value -> append(param.name(), value.evaluate(exchange)));
        }
        Records.begin(out);
        Records.params(out, pairs);
        return true;
    }

    /** Turns pairs that end with NUL into pairs that begin with their lengths. */
    private void variables() {
        byte[] all = scratch.array();
        int end = scratch.writerIndex();
        int at = 0;
        for (int place = 0; at <= end; place++) {
            int middle = find(all, at, end);
            int stop = find(all, middle + 1, end);
            AsciiString name = new AsciiString(all, at, middle - at, false);
            if (place != PATH_INFO_PLACE && !PROXY.equals(name)) {
                pair(name, new AsciiString(all, middle + 1, stop - middle - 1, false));
            }
            at = stop + 1;
        }
    }

    private static int find(byte[] all, int from, int end) {
        int at = from;
        while (at < end && all[at] != 0) {
            at++;
        }
        return at;
    }

    /** Appends a variable, unless it is configured. */
    private void pair(AsciiString name, AsciiString value) {
        for (int i = 0; i < params.size(); i++) {
            if (params.get(i).name().equals(name)) {
                return;
            }
        }
        append(name, value);
    }

    private void append(AsciiString name, AsciiString value) {
        Records.pair(pairs, name.length(), value.length());
        pairs.writeBytes(name.array(), name.arrayOffset(), name.length());
        pairs.writeBytes(value.array(), value.arrayOffset(), value.length());
    }

    // ---- body ---------------------------------------------------------

    @Override
    public ChannelFuture whole(Channel channel, Request request, ByteBuf head) throws IOException {
        if (request.bodyFile().isPresent() && request.contentLength() > 0) {
            FileChannel file = FileChannel.open(Path.of("/proc/self/fd/" + request.bodyFile().get().number()));
            if (channel.pipeline().get(ChunkedWriteHandler.class) == null) {
                channel.pipeline().addFirst(new ChunkedWriteHandler());
            }
            channel.write(head);
            channel.write(new RecordFile(file, request.contentLength()));
        } else {
            channel.write(head);
            part(channel, request.body().retainedDuplicate(), false);
        }
        return channel.writeAndFlush(end(false));
    }

    @Override
    public void part(Channel channel, ByteBuf part, boolean unknown) {
        while (part.readableBytes() > Records.MOST) {
            channel.write(header(channel, Records.MOST));
            channel.write(part.readRetainedSlice(Records.MOST));
        }
        if (part.isReadable()) {
            channel.write(header(channel, part.readableBytes()));
            channel.write(part);
        } else {
            part.release();
        }
    }

    private static ByteBuf header(Channel channel, int length) {
        ByteBuf header = channel.alloc().directBuffer(Records.HEADER);
        Records.header(header, Records.STDIN, length);
        return header;
    }

    @Override
    public ByteBuf end(boolean unknown) {
        ByteBuf end = Unpooled.buffer(Records.HEADER);
        Records.header(end, Records.STDIN, 0);
        return end;
    }
}
