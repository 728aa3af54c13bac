// SPDX-License-Identifier: Apache-2.0
package io.margay.lang.python.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.margay.lang.RequestEncoder;
import io.margay.lang.RequestView;
import io.margay.lang.ShimSource;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Both forms of a request's head, as the interpreter of this machine reads them. */
class HeadsTest {

    /** A request whose fields are the lines of a text. */
    private record Head(String... lines) implements RequestView {

        private static AsciiString text(String text) {
            return new AsciiString(text.getBytes(StandardCharsets.ISO_8859_1), false);
        }

        @Override
        public AsciiString method() {
            return text("GET");
        }

        @Override
        public AsciiString target() {
            return text("/%c3%A9?a=b");
        }

        @Override
        public AsciiString path() {
            return text("/\u00c3\u00a9\u00ff");
        }

        @Override
        public AsciiString query() {
            return text("a=b");
        }

        @Override
        public AsciiString version() {
            return text("HTTP/1.0");
        }

        @Override
        public AsciiString remoteAddress() {
            return text("unix:");
        }

        @Override
        public AsciiString localAddress() {
            return text("unix:/run/socket");
        }

        @Override
        public AsciiString localPort() {
            return AsciiString.EMPTY_STRING;
        }

        @Override
        public AsciiString serverName() {
            return text("localhost");
        }

        @Override
        public boolean tls() {
            return true;
        }

        @Override
        public int targetIndex() {
            return 0;
        }

        @Override
        public int fieldCount() {
            return lines.length;
        }

        @Override
        public AsciiString fieldName(int index) {
            return text(lines[index].substring(0, lines[index].indexOf(':')));
        }

        @Override
        public AsciiString fieldValue(int index) {
            return text(lines[index].substring(lines[index].indexOf(':') + 1));
        }

        @Override
        public long contentLength() {
            return 0;
        }
    }

    private static byte[] encode(RequestEncoder encoder, RequestView request) {
        ByteBuf out = Unpooled.directBuffer(65_536, 65_536);
        try {
            assertEquals(true, encoder.encode(request, out));
            byte[] bytes = new byte[out.readableBytes()];
            out.readBytes(bytes);
            return bytes;
        } finally {
            out.release();
        }
    }

    /** What the runtime makes of a head. */
    private static String scope(byte[] head) throws Exception {
        String source = HexFormat.of().formatHex(ShimSource.read(Shim.class, "margay_port.py", "margay_wsgi.py",
            "margay_scope.py"));
        String program = "exec(bytes.fromhex('" + source + "'))\n"
            + "scope = http_scope(bytes.fromhex('" + HexFormat.of().formatHex(head) + "'), 1, '/\u00e9\ufffd', {})\n"
            + "print(ascii(scope))";
        Process process = new ProcessBuilder("python3", "-I", "-c", program)
            .redirectError(ProcessBuilder.Redirect.INHERIT).start();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).strip();
        assertEquals(0, process.waitFor());
        return text;
    }

    @ParameterizedTest
    @ValueSource(strings = {"Host:a|X-One-Two:\u00e9|Content-Length:5|Content-Type:", "Host:a|A:1|B:2|a:3",
        "Host:a|x_y:1|x-y:2", "Cookie:a=b; c|COOKIE:d"})
    void bothFormsMakeTheSameScope(String lines) throws Exception {
        Head head = new Head(lines.split("\\|"));
        StringBuilder fields = new StringBuilder();
        for (String line : head.lines()) {
            int colon = line.indexOf(':');
            fields.append(fields.isEmpty() ? "" : ", ").append("(b'").append(line.substring(0, colon).toLowerCase(
                Locale.ROOT)).append("', b'").append(line.substring(colon + 1).replace("\u00e9", "\\xe9"))
                .append("')");
        }
        String expected = "{'type': 'http', 'asgi': {'version': '3.0', 'spec_version': '2.1'}, 'http_version': '1.0', "
            + "'scheme': 'https', 'method': 'GET', 'path': '/\\xe9\\ufffd', 'raw_path': b'/%c3%A9', "
            + "'query_string': b'a=b', 'client': ('', None), 'server': ('/run/socket', None), 'headers': (" + fields
            + "), 'state': {}, 'extensions': {'http.response.pathsend': {}}, 'root_path': '/\\xe9\\ufffd'}";
        assertEquals(expected, scope(encode(new AsgiEncoder(), head)));
        assertEquals(expected, scope(encode(new EitherEncoder(), head)));
    }

    @Test
    void fieldsTravelTwiceOnlyWhereTheyMust() {
        assertEquals(0, more(new Head("A-B:1", "C:2")));
        assertEquals(1, more(new Head("A-B:1", "a-b:2")));
        // Without room for both the form of CGI remains.
        assertEquals(0, more(new Head("A:" + "x".repeat(40_000), "a:2")));
    }

    /** How many values there are more than keys. */
    private static int more(Head head) {
        String[] parts = new String(encode(new EitherEncoder(), head), StandardCharsets.ISO_8859_1).split("\0\0", 2);
        return parts[1].split("\0", -1).length - parts[0].split("\0").length;
    }

    @Test
    void whatDoesNotFitIsRefused() {
        for (RequestEncoder encoder : new RequestEncoder[] {new AsgiEncoder(), new EitherEncoder()}) {
            for (int size = 65_300; size < 65_600; size++) {
                ByteBuf out = Unpooled.directBuffer(65_536, 65_536);
                try {
                    boolean fits = encoder.encode(new Head("A:" + "x".repeat(size)), out);
                    assertEquals(fits, out.toString(StandardCharsets.ISO_8859_1).contains("x".repeat(size)));
                } finally {
                    out.release();
                }
            }
            assertFalse(encoder.encode(new Head("A:" + "x".repeat(66_000)), Unpooled.buffer(65_536, 65_536)));
        }
    }
}
