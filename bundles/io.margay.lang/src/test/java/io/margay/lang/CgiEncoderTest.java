// SPDX-License-Identifier: Apache-2.0
package io.margay.lang;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.AsciiString;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CgiEncoderTest {

    private static final String HEAD = "REQUEST_METHOD|GET|REQUEST_URI|/a?b|PATH_INFO|/a|QUERY_STRING|b|"
        + "SERVER_PROTOCOL|HTTP/1.1|REMOTE_ADDR|1.2.3.4|SERVER_ADDR|5.6.7.8|SERVER_PORT|80|SERVER_NAME|host";

    private final CgiEncoder encoder = new CgiEncoder();

    private static AsciiString text(String text) {
        return new AsciiString(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** A request whose fields are written {@code Name:value;Name:value}. */
    private static RequestView request(String path, String fields) {
        String[] list = fields.isEmpty() ? new String[0] : fields.split(";");
        Map<String, AsciiString> values = Map.of("method", text("GET"), "target", text("/a?b"), "path", text(path),
            "query", text("b"), "version", text("HTTP/1.1"), "remoteAddress", text("1.2.3.4"),
            "localAddress", text("5.6.7.8"), "localPort", text("80"), "serverName", text("host"));
        return view(list, values);
    }

    private static RequestView view(String[] list, Map<String, AsciiString> values) {
        return (RequestView) Proxy.newProxyInstance(RequestView.class.getClassLoader(),
            new Class<?>[] {RequestView.class}, (proxy, method, arguments) -> switch (method.getName()) {
                case "fieldCount" -> list.length;
                case "fieldName" -> text(list[(int) arguments[0]].split(":", 2)[0]);
                case "fieldValue" -> text(list[(int) arguments[0]].split(":", 2)[1]);
                default -> values.get(method.getName());
            });
    }

    private String encode(RequestView request, int room, boolean fits) {
        ByteBuf out = Unpooled.buffer(room, room);
        assertEquals(fits, encoder.encode(request, out));
        return out.toString(StandardCharsets.ISO_8859_1).replace('\0', '|');
    }

    @ParameterizedTest
    @CsvSource({
        "'',''", "Host:h,|HTTP_HOST|h", "X-a-B:1;c:2,|HTTP_X_A_B|1|HTTP_C|2",
        "A:1;B:2;a:3;A:4,'|HTTP_A|1, 3, 4|HTTP_B|2'", "X_a:1;X-A:2,'|HTTP_X_A|1, 2'",
        "Content-Type:t,|HTTP_CONTENT_TYPE|t|CONTENT_TYPE|t",
        "content-length:5,|HTTP_CONTENT_LENGTH|5|CONTENT_LENGTH|5",
        "Cookie:a=b;Cookie:,'|HTTP_COOKIE|a=b, '", "Content-Typo:t,|HTTP_CONTENT_TYPO|t",
        "!#$:x,|HTTP_!#$|x", "X:\u00e9,|HTTP_X|\u00e9"})
    void writesFields(String fields, String expected) {
        assertEquals(HEAD + expected, encode(request("/a", fields), 65_500, true));
    }

    @Test
    void saysWhenThereIsNoRoom() {
        int needed = encode(request("/a", "A:1;b:2;a:3;Content-Type:x"), 65_500, true).length();
        for (int room = 0; room < needed; room++) {
            encode(request("/a", "A:1;b:2;a:3;Content-Type:x"), room, false);
        }
        encode(request("/a", "A:1;b:2;a:3;Content-Type:x"), needed, true);
        assertTrue(encode(request("/a", "A:" + "x".repeat(60_000)), 65_500, true).length() > 60_000);
        encode(request("/a", "A:" + "x".repeat(65_400)), 65_500, false);
        encode(request("/a", "A:" + "x".repeat(100_000)), 200_000, false);
    }

    /** Equal work for equal sizes: looking for each field among all others took seconds with so many. */
    @Test
    void isLinearInTheNumberOfFields() {
        AtomicInteger asked = new AtomicInteger();
        int count = 16_000;
        AsciiString[] names = {text("a"), text("b"), text("A")};
        RequestView request = (RequestView) Proxy.newProxyInstance(RequestView.class.getClassLoader(),
            new Class<?>[] {RequestView.class}, (proxy, method, arguments) -> switch (method.getName()) {
                case "fieldCount" -> count;
                case "fieldName" -> {
                    asked.incrementAndGet();
                    yield names[(int) arguments[0] % names.length];
                }
                default -> AsciiString.EMPTY_STRING;
            });
        String text = encode(request, 65_500, true);
        assertTrue(asked.get() <= 2 * count, asked + " looks at names");
        assertTrue(text.contains("|HTTP_A|, ") && text.contains("|HTTP_B|, "), "joined");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 31, 32, 33, 500, 3000})
    void joinsAnyNumberOfFields(int count) {
        StringBuilder fields = new StringBuilder();
        StringBuilder expected = new StringBuilder(HEAD);
        for (int i = 0; i < count; i++) {
            fields.append("N-").append(i).append(":1;");
            expected.append("|HTTP_N_").append(i).append("|1, 2");
        }
        for (int i = count - 1; i >= 0; i--) {
            fields.append("n_").append(i).append(":2;");
        }
        assertEquals(expected.toString(), encode(request("/a", fields.toString()), 65_500, true));
    }

    @ParameterizedTest
    @CsvSource({
        "'',''", "A:1;Content-Type:t;B:2,|HTTP_A|1|CONTENT_TYPE|t|HTTP_B|2", "content-length:5,|CONTENT_LENGTH|5",
        "content-type:5;Content-Type:6,|CONTENT_TYPE|5"})
    void writesTheContentFieldsOnce(String fields, String expected) {
        ByteBuf out = Unpooled.buffer(65_500);
        assertTrue(new CgiEncoder(EnumSet.of(CgiEncoder.Variant.CONTENT_ONCE)).encode(request("/a", fields), out));
        assertEquals(HEAD + expected, out.toString(StandardCharsets.ISO_8859_1).replace('\0', '|'));
    }

    /** The same pairs in another order, whatever they are and however much room there is. */
    @ParameterizedTest
    @ValueSource(strings = {"", "Host:h", "A:1;B:;a:3;A:4", "Content-Type:t;content-length:5;X:\u00e9", "X_a:1;X-A:2"})
    void keysMayComeFirst(String fields) {
        String[] pairs = encode(request("/a", fields), 65_500, true).split("\\|", -1);
        StringBuilder keys = new StringBuilder();
        StringBuilder values = new StringBuilder();
        for (int i = 0; i < pairs.length; i += 2) {
            keys.append(i == 0 ? "" : "|").append(pairs[i]);
            values.append("|").append(pairs[i + 1]);
        }
        String expected = keys + "|" + values;
        for (int room = 0; room < expected.length() + 3; room++) {
            CgiEncoder first = new CgiEncoder(EnumSet.of(CgiEncoder.Variant.KEYS_FIRST));
            ByteBuf out = Unpooled.buffer(room, room);
            boolean fits = first.encode(request("/a", fields), out);
            assertEquals(room >= expected.length(), fits, "room for " + room);
            if (fits) {
                assertEquals(expected, out.toString(StandardCharsets.ISO_8859_1).replace('\0', '|'));
            }
        }
        ByteBuf large = Unpooled.buffer(65_500);
        assertTrue(new CgiEncoder(EnumSet.of(CgiEncoder.Variant.KEYS_FIRST, CgiEncoder.Variant.SLASHES)).encode(
            request("/a", "A:" + "x".repeat(10_000)), large));
        assertTrue(large.toString(StandardCharsets.ISO_8859_1).endsWith("|host|x".replace('|', '\0')
            + "x".repeat(9_999)));
    }

    @ParameterizedTest
    @CsvSource({
        "/a,/a,/a", "//a///b/,/a/b/,//a///b/", "//a?//b,/a,//a", "/a?//b,/a,/a", "//a%2f%2Fb,/a/b,//a//b",
        "//a/./b,/a/b,/a/b", "//x,/rewritten,/rewritten", "//a,/ab,/ab", "//ab,/a,/a", "//a%,/a%,//a%",
        "//%zz,/x,/x", "//,/,//"})
    void keepsSlashes(String target, String path, String expected) {
        Map<String, AsciiString> values = new HashMap<>();
        for (String name : new String[] {"method", "query", "version", "remoteAddress", "localAddress", "localPort",
            "serverName"}) {
            values.put(name, text(""));
        }
        values.put("target", text(target));
        values.put("path", text(path));
        RequestView request = view(new String[0], values);
        String merged = encode(request, 65_500, true);
        assertTrue(merged.contains("|PATH_INFO|" + path + "|QUERY"), merged);
        for (int room = 0; room <= merged.length() + target.length(); room++) {
            ByteBuf out = Unpooled.buffer(room, room);
            CgiEncoder keeps = new CgiEncoder(EnumSet.of(CgiEncoder.Variant.SLASHES));
            if (keeps.encode(request, out) && room >= merged.length() + expected.length() - path.length()) {
                assertEquals(merged.replace("PATH_INFO|" + path + "|", "PATH_INFO|" + expected + "|"),
                    out.toString(StandardCharsets.ISO_8859_1).replace('\0', '|'));
            } else {
                assertTrue(room < merged.length() + expected.length() - path.length(), "room for " + room);
            }
        }
    }

    @Test
    void refusesWhatWouldShiftTheRest() {
        ByteBuf out = Unpooled.buffer(65_500);
        assertFalse(encoder.encode(request("/a\0HTTP_X\0y", ""), out));
    }
}
