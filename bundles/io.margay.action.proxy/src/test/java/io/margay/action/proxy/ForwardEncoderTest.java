// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.margay.http.Exchange;
import io.margay.http.KnownField;
import io.margay.http.Request;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.AsciiString;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a server is sent can be read in one way only. */
class ForwardEncoderTest {

    private static AsciiString text(String value) {
        // Views of larger arrays, as requests have them.
        return new AsciiString(("##" + value + "##").getBytes(StandardCharsets.ISO_8859_1), 2, value.length(), false);
    }

    private static Exchange exchange(Request request) {
        return (Exchange) Proxy.newProxyInstance(ForwardEncoderTest.class.getClassLoader(),
            new Class<?>[] {Exchange.class}, (proxy, method, arguments) -> {
                assertEquals("request", method.getName());
                return request;
            });
    }

    private static String write(String target, String path, long length, boolean socket, String... fields) {
        return write(List.of(), target, path, length, socket, fields);
    }

    private static String write(List<HeaderChange> changes, String target, String path, long length, boolean socket,
        String... fields) {
        Request request = (Request) Proxy.newProxyInstance(ForwardEncoderTest.class.getClassLoader(),
            new Class<?>[] {Request.class}, (proxy, method, arguments) -> switch (method.getName()) {
                case "method" -> text("POST");
                case "target" -> text(target);
                case "path" -> text(path);
                case "query" -> text("q");
                case "serverName" -> text("localhost");
                case "authority" -> text("");
                case "contentLength" -> length;
                case "isWebSocket" -> socket;
                case "fieldCount" -> fields.length / 2;
                case "name" -> text(fields[2 * (int) arguments[0]]);
                case "value" -> text(fields[2 * (int) arguments[0] + 1]);
                case "known" -> known(fields[2 * (int) arguments[0]]);
                case "find" -> arguments.length == 1 ? find(((KnownField) arguments[0]).text(), 0, fields)
                    : find((AsciiString) arguments[0], (int) arguments[1], fields);
                default -> throw new UnsupportedOperationException(method.getName());
            });
        ByteBuf out = Unpooled.buffer();
        new ForwardEncoder().write(exchange(request), changes, out);
        return out.toString(StandardCharsets.ISO_8859_1);
    }

    private static KnownField known(String name) {
        byte[] bytes = name.getBytes(StandardCharsets.ISO_8859_1);
        return KnownField.of(bytes, 0, bytes.length);
    }

    private static int find(AsciiString name, int from, String... fields) {
        for (int i = from; i < fields.length / 2; i++) {
            if (name.contentEqualsIgnoreCase(fields[2 * i])) {
                return i;
            }
        }
        return -1;
    }

    /** Fields of the client that two readers could understand differently, and all that is left of them. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "-", value = {
        "Content-Length|5|-", "content-length|+5|-", "Content-Length|5, 6|-", "Transfer-Encoding|chunked|-",
        "transfer-encoding|xchunked|-", "Transfer-Encoding|gzip, chunked|-", "TE|chunked|-", "TE|gzip;q=1|-",
        "Connection|close|-", "Connection|keep-alive, Upgrade|-", "Connection|Content-Length|-", "Connection|Host|-",
        "Upgrade|h2c|-", "HTTP2-Settings|AAMAAABkAAQAAP__|-", "Keep-Alive|timeout=5|-", "Proxy-Connection|close|-",
        "Trailer|Content-Length|-", "Expect|100-continue|-", "Expect|200-ok|-",
        "X-Content-Length|5|X-Content-Length: 5", "Proxy-Authorization|x|Proxy-Authorization: x"})
    void noFieldTellsTwoLengthsOrConnections(String name, String value, String kept) {
        assertEquals("POST /a?q HTTP/1.1\r\nHost: h\r\n" + (kept == null ? "" : kept + "\r\n")
            + "Content-Length: 7\r\n\r\n", write("/a?q", "/a", 7, false, "Host", "h", name, value));
    }

    /** Around the words of a list stand blanks, which no other byte is: what a client does not name goes on. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', ignoreLeadingAndTrailingWhitespace = false, value = {"x-own|false", " \tX-Own\t |false",
        ", ,x-own,|false", "\u00ffx-own|true", "x-own\u0080|true", "\u00a0x-own\u00a0|true", "a, x-own\u0085|true",
        "x-own\u007f|true", "x-ow|true", "x-own y|true"})
    void onlyBlanksStandAroundAName(String value, boolean kept) {
        assertEquals("POST /?q HTTP/1.1\r\nHost: h\r\n" + (kept ? "X-Own: 1\r\n" : "") + "\r\n",
            write("/?q", "/", 0, false, "Host", "h", "Connection", value, "X-Own", "1"));
    }

    /** No byte of a target ends the line or the target, or begins another request. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "/a b?q|/a b|/a%20b?q", "/a\u007fb?q|/a\u007fb|/a%7Fb?q", "/a\u0001b?q|/a\u0001b|/a%01b?q", "/a#b?q|/a|/a",
        "http://h/x?q|/x|/x?q", "/old?q|/new HTTP/1.1|/new%20HTTP/1.1?q", "/old?q|new|/new?q", "*|*|*?q",
        "//evil?q|/evil|//evil?q", "/a/%2e%2e/?q|/|/a/%2e%2e/?q"})
    void targetsAreOneWord(String target, String path, String sent) {
        String head = write(target, path, 0, false, "Host", "h");
        assertEquals("POST " + sent + " HTTP/1.1\r\nHost: h\r\n\r\n", head);
    }

    @Test
    void aBodyWithoutALengthComesInChunks() {
        assertEquals("POST /?q HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n",
            write("/?q", "/", -1, false, "Host", "h", "Transfer-Encoding", "chunked"));
    }

    @Test
    void fieldsAreLeftOut() {
        List<HeaderChange> changes = List.of(new HeaderChange(text("x-secret"), Optional.empty()),
            new HeaderChange(text("Host"), Optional.empty()));
        assertEquals("POST /?q HTTP/1.1\r\nX: 1\r\nHost: localhost\r\n\r\n",
            write(changes, "/?q", "/", 0, false, "X-Secret", "a", "Host", "h", "X", "1", "X-SECRET", "b"));
    }

    @Test
    void thereIsAlwaysAHost() {
        assertEquals("POST /?q HTTP/1.1\r\nHost: localhost\r\n\r\n", write("/?q", "/", 0, false));
    }

    @Test
    void trailersAreAskedForWhenTheClientDoes() {
        assertEquals("POST /?q HTTP/1.1\r\nHost: h\r\nConnection: TE\r\nTE: trailers\r\n\r\n",
            write("/?q", "/", 0, false, "Host", "h", "te", "deflate, Trailers"));
    }

    @Test
    void aWebSocketIsAskedForWithoutExtensions() {
        assertEquals("POST /?q HTTP/1.1\r\nHost: h\r\nSec-WebSocket-Key: k\r\nConnection: Upgrade\r\n"
            + "Upgrade: websocket\r\n\r\n", write("/?q", "/", 0, true, "Host", "h", "Connection", "Upgrade", "Upgrade",
            "WebSocket", "Sec-WebSocket-Key", "k", "Sec-WebSocket-Extensions", "permessage-deflate"));
    }
}
