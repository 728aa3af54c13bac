// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import io.margay.http.Records;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;

/** The question to a FastCGI server how it is. */
final class FastCgiQuestion {

    private FastCgiQuestion() {
    }

    /**
     * A GET request for a path.
     *
     * @param target path with an optional query; one that names no script is asked for as it is, since PHP's manager
     *     knows such names ({@code ping.path})
     */
    static ByteBuf of(FastCgiOptions options, String target, String host) {
        int mark = target.indexOf('?');
        AsciiString path = new AsciiString(mark < 0 ? target : target.substring(0, mark));
        ScriptPath found = ScriptPath.of(path, options).filter(named -> options.script().isEmpty())
            .orElse(new ScriptPath(path, AsciiString.EMPTY_STRING));
        ByteBuf pairs = Unpooled.buffer();
        pair(pairs, "REQUEST_METHOD", "GET");
        pair(pairs, "REQUEST_URI", target);
        pair(pairs, "QUERY_STRING", mark < 0 ? "" : target.substring(mark + 1));
        pair(pairs, "SERVER_PROTOCOL", "HTTP/1.1");
        pair(pairs, "GATEWAY_INTERFACE", "CGI/1.1");
        pair(pairs, "REDIRECT_STATUS", "200");
        pair(pairs, "HTTP_HOST", host);
        pair(pairs, "HTTP_USER_AGENT", "health-check");
        pair(pairs, "DOCUMENT_ROOT", options.root().isEmpty() ? "/" : options.root());
        pair(pairs, "SCRIPT_NAME", found.script());
        pair(pairs, "SCRIPT_FILENAME", options.root().concat(found.script()));
        if (!found.info().isEmpty()) {
            pair(pairs, "PATH_INFO", found.info());
        }
        ByteBuf out = Unpooled.buffer();
        Records.begin(out);
        Records.params(out, pairs);
        Records.header(out, Records.STDIN, 0);
        pairs.release();
        return out;
    }

    private static void pair(ByteBuf out, String name, CharSequence value) {
        Records.pair(out, name.length(), value.length());
        out.writeCharSequence(name, StandardCharsets.ISO_8859_1);
        out.writeCharSequence(value, StandardCharsets.ISO_8859_1);
    }
}
