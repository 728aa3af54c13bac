// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.conf.Conf;
import io.margay.conf.ConfObject;
import io.margay.http.Exchange;
import io.margay.http.KnownField;
import io.margay.http.PeerAddress;
import io.margay.http.Records;
import io.margay.http.Request;
import io.margay.posix.Fd;
import io.margay.route.PlanContext;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.AsciiString;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a FastCGI server is told, and that a client cannot have it told something else. */
class FastCgiEncoderTest {
    private static final FastCgiOptions OPTIONS = new FastCgiOptions(text("/www"), AsciiString.EMPTY_STRING,
        text("index.php"), List.of(text(".php")), List.of());

    @TempDir
    private Path directory;

    private static AsciiString text(String value) {
        return new AsciiString(("##" + value + "##").getBytes(StandardCharsets.ISO_8859_1), 2, value.length(), false);
    }

    private static <T> T proxy(Class<T> type, InvocationHandler handler) {
        return type.cast(Proxy.newProxyInstance(FastCgiEncoderTest.class.getClassLoader(), new Class<?>[] {type},
            handler));
    }

    private static Request request(String path, long length, ByteBuf body, Optional<Fd> file, String... fields) {
        return proxy(Request.class, (self, method, arguments) -> switch (method.getName()) {
            case "method" -> text("POST");
            case "target" -> text(path + "?q");
            case "path" -> text(path);
            case "query" -> text("q");
            case "version" -> text("HTTP/1.1");
            case "scheme" -> text("https");
            case "serverName" -> text("localhost");
            case "authority" -> text("");
            case "remote" -> new PeerAddress(new byte[] {1, 2, 3, 4}, 5, "1.2.3.4");
            case "local" -> new PeerAddress(new byte[] {6, 7, 8, 9}, 443, "6.7.8.9");
            case "isTls" -> true;
            case "isWebSocket" -> false;
            case "contentLength" -> length;
            case "body" -> body;
            case "bodyFile" -> file;
            case "fieldCount" -> fields.length / 2;
            case "name" -> text(fields[2 * (int) arguments[0]]);
            case "value" -> text(fields[2 * (int) arguments[0] + 1]);
            case "known" -> known(fields[2 * (int) arguments[0]]);
            case "find" -> find(arguments[0] instanceof KnownField known ? known.text() : (AsciiString) arguments[0],
                arguments.length == 1 ? 0 : (int) arguments[1], fields);
            default -> throw new UnsupportedOperationException(method.getName());
        });
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

    private static Exchange exchange(Request request) {
        return proxy(Exchange.class, (self, method, arguments) -> {
            assertEquals("request", method.getName());
            return request;
        });
    }

    private static Map<String, String> write(FastCgiOptions options, String path, long length, String... fields) {
        ByteBuf out = Unpooled.buffer();
        assertTrue(new FastCgiEncoder().write(exchange(request(path, length, Unpooled.EMPTY_BUFFER, Optional.empty(),
            fields)), options, List.of(), out));
        return params(out);
    }

    /** The variables of a request, whose records must be whole. */
    private static Map<String, String> params(ByteBuf out) {
        assertEquals("0101000100080000" + "0001010000000000", ByteBufUtil.hexDump(out.readSlice(16)));
        ByteBuf pairs = Unpooled.buffer();
        int length;
        do {
            assertEquals(Records.PARAMS, out.readUnsignedShort() & 0xff);
            assertEquals(Records.REQUEST, out.readUnsignedShort());
            length = out.readUnsignedShort();
            assertEquals(0, out.readUnsignedShort());
            pairs.writeBytes(out, length);
        } while (length > 0);
        assertFalse(out.isReadable());
        Map<String, String> all = new TreeMap<>();
        while (pairs.isReadable()) {
            int name = length(pairs);
            int value = length(pairs);
            String key = pairs.readCharSequence(name, StandardCharsets.ISO_8859_1).toString();
            String text = pairs.readCharSequence(value, StandardCharsets.ISO_8859_1).toString();
            assertEquals(null, all.put(key, text), key);
        }
        return all;
    }

    private static int length(ByteBuf pairs) {
        int first = pairs.readUnsignedByte();
        return first < 128 ? first : (first & 0x7f) << 24 | pairs.readUnsignedMedium();
    }

    @Test
    void variablesAreThoseOfPhp() {
        assertEquals("{CONTENT_LENGTH=7, CONTENT_TYPE=a/b, DOCUMENT_ROOT=/www, GATEWAY_INTERFACE=CGI/1.1, HTTPS=on, "
            + "HTTP_HOST=h, HTTP_X_A=1, 2, PATH_INFO=/b, QUERY_STRING=q, REDIRECT_STATUS=200, REMOTE_ADDR=1.2.3.4, "
            + "REMOTE_PORT=5, REQUEST_METHOD=POST, REQUEST_SCHEME=https, REQUEST_URI=/a.php/b?q, "
            + "SCRIPT_FILENAME=/www/a.php, SCRIPT_NAME=/a.php, SERVER_ADDR=6.7.8.9, SERVER_NAME=localhost, "
            + "SERVER_PORT=443, SERVER_PROTOCOL=HTTP/1.1, SERVER_SOFTWARE=Margay}",
            write(OPTIONS, "/a.php/b", 7, "Host", "h", "X-A", "1", "x-a", "2", "Content-Type", "a/b", "Content-Length",
                "7").toString());
    }

    /** Fields with which a client could have its request understood in another way, and what becomes of them. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"Proxy|http://evil", "PROXY|x", "Content-Length|99",
        "Transfer-Encoding|chunked", "Connection|close", "Connection|X-Secret", "TE|trailers", "Upgrade|h2c",
        "Expect|100-continue",
        "Keep-Alive|1", "Trailer|X"})
    void fieldsThatMeanSomethingElse(String name, String value) {
        Map<String, String> plain = write(OPTIONS, "/", 3, "Host", "h");
        assertEquals(plain, write(OPTIONS, "/", 3, "Host", "h", name, value));
    }

    @Test
    void whatTheConnectionNamesEndsHere() {
        assertEquals(write(OPTIONS, "/", 0, "Host", "h"),
            write(OPTIONS, "/", 0, "Host", "h", "Connection", "X-Hop", "x-hop", "1"));
    }

    @Test
    void thereIsAlwaysAHost() {
        assertEquals("localhost", write(OPTIONS, "/", 0).get("HTTP_HOST"));
    }

    @Test
    void largeValuesAndManyRecords() {
        String large = "v".repeat(40_000);
        Map<String, String> all = write(OPTIONS, "/", 0, "A", large, "B", "w".repeat(200));
        assertEquals(large, all.get("HTTP_A"));
        assertEquals("w".repeat(200), all.get("HTTP_B"));
    }

    @Test
    void tooMuchIsRefusedAndNothingWritten() {
        ByteBuf out = Unpooled.buffer();
        assertFalse(new FastCgiEncoder().write(exchange(request("/", 0, Unpooled.EMPTY_BUFFER, Optional.empty(), "A",
            "v".repeat(70_000))), OPTIONS, List.of(), out));
        assertFalse(out.isReadable());
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/www/"})
    void aRootMayEndWithASlash(String root) {
        FastCgiOptions options = FastCgiOptions.read(ConfObject.builder().put("fastcgi",
            ConfObject.builder().put("root", Conf.of(root)).build()).build(),
            proxy(PlanContext.class, (self, method, arguments) -> self))
                .orElseThrow();
        assertEquals(root.equals("/") ? "/index.php" : "/www/index.php",
            write(options, "/", 0).get("SCRIPT_FILENAME"));
        assertEquals(root.equals("/") ? "/" : "/www", write(options, "/", 0).get("DOCUMENT_ROOT"));
    }

    // ---- body ---------------------------------------------------------

    private static byte[] body(int size) {
        byte[] body = new byte[size];
        for (int i = 0; i < size; i++) {
            body[i] = (byte) (i * 31 + i / 251);
        }
        return body;
    }

    /** What the records of a body hold, which must end with an empty one. */
    private static ByteBuf sent(EmbeddedChannel channel) {
        ByteBuf all = Unpooled.buffer();
        for (Object part = channel.readOutbound(); part != null; part = channel.readOutbound()) {
            all.writeBytes((ByteBuf) part);
            ((ByteBuf) part).release();
        }
        ByteBuf body = Unpooled.buffer();
        List<Integer> lengths = new ArrayList<>();
        while (all.isReadable()) {
            assertEquals(Records.STDIN, all.readUnsignedShort() & 0xff);
            all.skipBytes(2);
            lengths.add(all.readUnsignedShort());
            all.skipBytes(2);
            body.writeBytes(all, lengths.getLast());
        }
        assertEquals(0, lengths.getLast());
        assertEquals(lengths.size() - 1, lengths.indexOf(0), "the end comes once");
        return body;
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 65_535, 65_536, 200_000})
    void bodiesInMemory(int size) throws Exception {
        EmbeddedChannel channel = new EmbeddedChannel();
        ByteBuf body = Unpooled.wrappedBuffer(body(size));
        new FastCgiEncoder().whole(channel, request("/", size, body, Optional.empty()), Unpooled.EMPTY_BUFFER);
        assertEquals(Unpooled.wrappedBuffer(body(size)), sent(channel));
        assertEquals(1, body.refCnt(), "that of the request");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 32_760, 32_761, 200_000})
    void bodiesInFiles(int size) throws Exception {
        try (Fd fd = io.margay.posix.Files.open(Files.write(directory.resolve("body"), body(size)).toString(), 0, 0)) {
            EmbeddedChannel channel = new EmbeddedChannel();
            new FastCgiEncoder().whole(channel, request("/", size, Unpooled.EMPTY_BUFFER, Optional.of(fd)),
                Unpooled.EMPTY_BUFFER);
            assertEquals(Unpooled.wrappedBuffer(body(size)), sent(channel));
        }
    }

    @Test
    void bodiesThatGoOnAsTheyCome() {
        EmbeddedChannel channel = new EmbeddedChannel();
        FastCgiEncoder encoder = new FastCgiEncoder();
        for (int size : new int[] {3, 0, 100_000}) {
            encoder.part(channel, Unpooled.wrappedBuffer(body(size)), false);
        }
        channel.writeAndFlush(encoder.end(false));
        assertEquals(100_003, sent(channel).readableBytes());
    }

    @ParameterizedTest
    @CsvSource({"/ping, /ping, ''", "/fpm?json, /fpm, json", "/, /index.php, ''", "/up.php/x, /up.php, ''"})
    void theQuestionHowAServerIs(String target, String script, String query) {
        ByteBuf out = FastCgiQuestion.of(OPTIONS, target, "h");
        out.writerIndex(out.writerIndex() - Records.HEADER);
        Map<String, String> all = params(out);
        assertEquals("/www" + script, all.get("SCRIPT_FILENAME"));
        assertEquals(script, all.get("SCRIPT_NAME"));
        assertEquals(query, all.get("QUERY_STRING"));
        assertEquals(target, all.get("REQUEST_URI"));
    }
}
