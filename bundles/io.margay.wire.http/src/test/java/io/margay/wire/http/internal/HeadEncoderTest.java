// SPDX-License-Identifier: Apache-2.0
package io.margay.wire.http.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.margay.dispatch.AppRequest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.AsciiString;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HeadEncoderTest {

    private static AsciiString text(String value) {
        // Views of larger arrays, as requests have them.
        return new AsciiString(("##" + value + "##").getBytes(StandardCharsets.ISO_8859_1), 2, value.length(), false);
    }

    private static AppRequest request(String target, String path, String query, long length, String... fields) {
        return (AppRequest) Proxy.newProxyInstance(HeadEncoderTest.class.getClassLoader(),
            new Class<?>[] {AppRequest.class}, (proxy, method, arguments) -> switch (method.getName()) {
                case "method" -> text("GET");
                case "target" -> text(target);
                case "path" -> text(path);
                case "query" -> text(query);
                case "serverName" -> text("localhost");
                case "remoteAddress" -> text("2001:db8::1");
                case "localAddress" -> text("unix:/a b\r\n\u00e4");
                case "localPort" -> text("");
                case "tls" -> true;
                case "contentLength" -> length;
                case "webSocket" -> target.equals("/socket");
                case "fieldCount" -> fields.length / 2;
                case "fieldName" -> text(fields[2 * (int) arguments[0]]);
                case "fieldValue" -> text(fields[2 * (int) arguments[0] + 1]);
                default -> throw new UnsupportedOperationException(method.getName());
            });
    }

    private static String write(AppRequest request) {
        return write(request, Optional.empty());
    }

    private static String write(AppRequest request, Optional<String> client) {
        ByteBuf out = Unpooled.buffer();
        new HeadEncoder(client).write(request, out);
        return out.toString(StandardCharsets.ISO_8859_1);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '!', value = {
        "/a%20b/../c?x=1!/c!x=1!/a%20b/../c?x=1",
        "/a//b#c!/a/b!!/a//b",
        "/a b?c d!/a b!c d!/a%20b?c%20d",
        "/old?x!/new way/\u00e4?%!x!/new%20way/%E4%3F%25?x",
        "http://h/a?b!/a!b!/a?b",
        "/?!/!!/?"})
    void theTargetIsTheClientsUnlessThePathWasRewritten(String target, String path, String query, String sent) {
        assertEquals("GET " + sent + " HTTP/1.1\r\nHost: h\r\n\r\n",
            write(request(target, path, query == null ? "" : query, 0, "Host", "h")));
    }

    @Test
    void fieldsOfTheConnectionAreLeftOut() {
        assertEquals("GET / HTTP/1.1\r\nhost: h\r\nX-Kept: 1\r\nX-Forwarded-For: a\r\n\r\n", write(request("/", "/", "",
            0, "host", "h", "Connection", "x-own, Host , keep-alive", "X-Own", "1", "X-Kept", "1", "Keep-Alive", "5",
            "Proxy-Connection", "x", "Proxy-Authorization", "x", "TE", "trailers", "Trailer", "x", "Upgrade",
            "websocket", "Transfer-Encoding", "chunked", "HTTP2-Settings", "x", "Expect", "100-continue",
            "X-Forwarded-For", "a")));
    }

    /** Around the words of a list stand blanks, which no other byte is: what a client does not name goes on. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', ignoreLeadingAndTrailingWhitespace = false, value = {"x-own|false", " \tX-Own\t |false",
        ", ,x-own,|false", "\u00ffx-own|true", "x-own\u0080|true", "\u00a0x-own\u00a0|true", "a, x-own\u0085|true",
        "x-own\u007f|true", "x-ow|true", "x-own y|true"})
    void onlyBlanksStandAroundAName(String value, boolean kept) {
        assertEquals("GET / HTTP/1.1\r\nHost: h\r\n" + (kept ? "X-Own: 1\r\n" : "") + "\r\n",
            write(request("/", "/", "", 0, "Host", "h", "Connection", value, "X-Own", "1")));
    }

    @Test
    void aWebSocketIsAskedForWithoutExtensions() {
        assertEquals("GET /socket HTTP/1.1\r\nHost: h\r\nSec-WebSocket-Key: k\r\nConnection: Upgrade\r\n"
            + "Upgrade: websocket\r\n\r\n", write(request("/socket", "/socket", "", 0, "Host", "h", "Connection",
            "keep-alive, Upgrade", "Upgrade", "WebSocket", "Sec-WebSocket-Key", "k", "Sec-WebSocket-Extensions",
            "permessage-deflate")));
    }

    @Test
    void nobodyElseTellsWhereARequestComesFrom() {
        AppRequest request = request("/", "/", "", 0, "Host", "h", "x-client", "http 1.2.3.4 1.2.3.4 1", "X-Client2",
            "a", "Connection", "X-Client");
        assertEquals("GET / HTTP/1.1\r\nX-Client: https 2001:db8::1 unix:/a?b??? -\r\nHost: h\r\nX-Client2: a\r\n\r\n",
            write(request, Optional.of("X-Client")));
        assertEquals("GET / HTTP/1.1\r\nHost: h\r\nx-client: http 1.2.3.4 1.2.3.4 1\r\nX-Client2: a\r\n\r\n",
            write(request("/", "/", "", 0, "Host", "h", "x-client", "http 1.2.3.4 1.2.3.4 1", "X-Client2", "a"),
                Optional.empty()));
    }

    @Test
    void theLengthIsThatOfTheBody() {
        assertEquals("GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 7\r\n\r\n",
            write(request("/", "/", "", 7, "Transfer-Encoding", "chunked")));
        assertEquals("GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n",
            write(request("/", "/", "", 0, "content-length", "00")));
    }
}
