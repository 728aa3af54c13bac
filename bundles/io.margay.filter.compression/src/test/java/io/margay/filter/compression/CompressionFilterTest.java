// SPDX-License-Identifier: Apache-2.0
package io.margay.filter.compression;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.luben.zstd.ZstdInputStream;
import io.margay.conf.ConfObject;
import io.margay.http.Answer;
import io.margay.http.Exchange;
import io.margay.http.Fields;
import io.margay.route.Action;
import io.margay.route.ActionFactory;
import io.margay.route.Extensions;
import io.margay.route.RouteCompiler;
import io.margay.route.RouteException;
import io.margay.testing.Await;
import io.margay.testing.RouteSite;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import java.util.zip.InflaterInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The option {@code compression}: spec/routing.md §8 and RFC 9110. */
class CompressionFilterTest {
    private static final String ALL = "[{'encoding': 'zstd'}, {'encoding': 'br', 'level': 5}, {'encoding': 'gzip'}, "
        + "{'encoding': 'deflate'}]";
    private static final String TEXT = "all work and no play makes jack a dull boy. ".repeat(300);
    private static final Answer SAME = new Answer(200, Fields.of("Content-Type", "text/x"),
        TEXT.getBytes(StandardCharsets.US_ASCII));

    /** Answers as its option tells: {@code status|fields|parts}. */
    private static final ActionFactory ANSWER = new ActionFactory() {
        @Override
        public String option() {
            return "answer";
        }

        @Override
        public Set<String> options() {
            return Set.of("answer");
        }

        @Override
        public Action compile(ConfObject action, RouteCompiler compiler) {
            String[] parts = action.string("answer").orElseThrow().split("\\|", -1);
            // "~" stands for "=" in values.
            Fields fields = parts[1].isEmpty() ? Fields.NONE
                : Fields.of(Stream.of(parts[1].split("=", -1)).map(text -> text.replace('~', '='))
                .toArray(String[]::new));
            return e -> answer(e, Integer.parseInt(parts[0]), fields, parts[2]);
        }
    };

    private static void answer(Exchange exchange, int status, Fields fields, String how) {
        byte[] body = TEXT.getBytes(StandardCharsets.US_ASCII);
        switch (how) {
            case "whole" -> exchange.respond(status, fields, body);
            case "same" -> exchange.respond(SAME);
            case "empty" -> exchange.respond(status, fields, new byte[0]);
            case "fail" -> exchange.fail(status);
            case "parts", "short", "long" -> {
                int length = how.equals("parts") ? -1 : body.length + (how.equals("short") ? 1 : -1);
                if (exchange.start(status, fields, length)) {
                    for (int i = 0; i < body.length; i += 1000) {
                        exchange.write(Unpooled.copiedBuffer(body, i, Math.min(1000, body.length - i)), false);
                    }
                    exchange.write(Unpooled.EMPTY_BUFFER, true);
                }
            }
            default -> throw new IllegalArgumentException(how);
        }
    }

    private static RouteSite site(String answer, String compression) {
        return new RouteSite(Extensions.builder().add(new CompressionFactory(), RouteSite.ORIGIN)
            .add(ANSWER, RouteSite.ORIGIN), "{'action': {'answer': '" + answer.replace("\"", "\\\"") + "'}}",
            "{'compression': " + compression + "}");
    }

    private static String ask(RouteSite site, String accepted) {
        return site.ask("GET", "/", accepted.isEmpty() ? "" : "Accept-Encoding: " + accepted + "\r\n");
    }

    private static String coding(String response) {
        int start = response.indexOf("Content-Encoding: ");
        return start < 0 ? "-" : response.substring(start + 18, response.indexOf("\r\n", start));
    }

    private static byte[] body(String response) throws IOException {
        int start = response.indexOf("\r\n\r\n") + 4;
        byte[] raw = response.substring(start).getBytes(StandardCharsets.ISO_8859_1);
        if (!response.substring(0, start).contains("Transfer-Encoding: chunked")) {
            return raw;
        }
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        String rest = response.substring(start);
        while (true) {
            int line = rest.indexOf("\r\n");
            int size = Integer.parseInt(rest.substring(0, line), 16);
            if (size == 0) {
                return all.toByteArray();
            }
            all.write(rest.substring(line + 2, line + 2 + size).getBytes(StandardCharsets.ISO_8859_1));
            rest = rest.substring(line + 2 + size + 2);
        }
    }

    private static String decoded(String response) throws IOException {
        InputStream in = new ByteArrayInputStream(body(response));
        InputStream plain = switch (coding(response)) {
            case "gzip" -> new GZIPInputStream(in);
            case "deflate" -> new InflaterInputStream(in);
            case "zstd" -> new ZstdInputStream(in);
            case "br" -> Brotli.decoding(in);
            default -> in;
        };
        return new String(plain.readAllBytes(), StandardCharsets.ISO_8859_1);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "''                      | -       | 200",
        "gzip                    | gzip    | 200",
        "deflate                 | deflate | 200",
        "br                      | br      | 200",
        "zstd                    | zstd    | 200",
        "'gzip, deflate, br, zstd' | zstd  | 200",
        "'gzip, br'              | br      | 200",
        "'gzip;q=0.9, br;q=0.8'  | gzip    | 200",
        "'gzip;q=0, br;q=0.1'    | br      | 200",
        "'gzip;q=0.5, identity'  | -       | 200",
        "*                       | zstd    | 200",
        "'*, zstd;q=0'           | br      | 200",
        "identity                | -       | 200",
        "compress                | -       | 200",
        "'compress, identity;q=0' | -      | 406",
        "'*;q=0'                 | -       | 406",
        "'*;q=0, gzip;q=0.1'     | gzip    | 200"})
    void theClientChooses(String accepted, String coding, int status) throws IOException {
        for (String how : List.of("whole", "parts", "same", "same")) {
            RouteSite site = site("200|Content-Type=text/x|" + how, "{'compressors': " + ALL + "}");
            String response = ask(site, accepted);
            assertEquals("HTTP/1.1 " + status, response.substring(0, 12), site.lines().toString());
            assertEquals(coding, coding(response));
            if (status == 200) {
                assertTrue(response.contains("Vary: Accept-Encoding\r\n"), response);
                assertTrue(TEXT.equals(decoded(response)), how);
            }
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', value = {
        "200|Content-Type=text/x|whole|gzip",
        "404|Content-Type=text/x|whole|gzip",
        "200|X=y|whole|-",
        "200|Content-Type=text/x|empty|-",
        "204|Content-Type=text/x|whole|-",
        "304|Content-Type=text/x|whole|-",
        "404|X=y|fail|-",
        "200|Content-Type=text/x=Content-Encoding=br|whole|br",
        "200|Content-Type=text/x=Cache-Control=private, No-Transform|whole|-",
        "200|Content-Type=text/x=Cache-Control=private|whole|gzip"})
    void onlyWhatMayBeIsCoded(int status, String fields, String how, String coding) {
        String response = ask(site(status + "|" + fields + "|" + how, "{'compressors': {'encoding': 'gzip'}}"),
            "gzip");
        assertEquals(coding, coding(response));
        assertEquals(coding.equals("gzip"), response.contains("Vary: "));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "text/x  | 'types': 'text/*'           | gzip",
        "text/x;charset~utf-8 | 'types': 'text/x' | gzip",
        "text/x;charset~utf-8 | 'types': ['image/*', '*utf-8'] | gzip",
        "TEXT/X  | 'types': ['image/*', 'text/x'] | gzip",
        "text/x  | 'types': ['!text/y', '!a/b'] | gzip",
        "text/x  | 'types': ['*', '!text/*']   | -",
        "image/x | 'types': 'text/*'           | -",
        "text/x  | 'types': []                 | gzip"})
    void types(String type, String option, String coding) {
        assertEquals(coding, coding(ask(site("200|Content-Type=" + type + "|whole", "{" + option
            + ", 'compressors': [{'encoding': 'gzip'}]}"), "gzip")));
    }

    @ParameterizedTest
    @CsvSource({"13200, gzip, gzip", "13201, gzip, -", "13201, 'gzip, *;q=0', gzip", "0, gzip, gzip"})
    void shortBodies(int length, String accepted, String coding) {
        String compression = "{'compressors': [{'encoding': 'gzip', 'min_length': " + length + "}]}";
        assertEquals(coding, coding(ask(site("200|Content-Type=text/x|whole", compression), accepted)));
        // Nobody knows how long it will be.
        assertEquals("gzip", coding(ask(site("200|Content-Type=text/x|parts", compression), accepted)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "ETag=\"a-1\" | ETag: W/\"a-1\"",
        "ETag=W/\"a\" | ETag: W/\"a\"",
        "Vary=Cookie | Vary: Cookie, Accept-Encoding",
        "Vary=Cookie=Vary=accept-encoding | Vary: Cookie~Vary: accept-encoding",
        "Vary=* | Vary: *",
        "Vary= | Vary: Accept-Encoding",
        "X=y | Vary: Accept-Encoding"})
    void fieldsOfCodedBodies(String fields, String expected) {
        String response = ask(site("200|Content-Type=text/x=Accept-Ranges=bytes=" + fields + "|whole",
            "{'compressors': [{'encoding': 'gzip'}]}"), "gzip");
        assertTrue(response.contains("\r\n" + expected.replace("~", "\r\n") + "\r\n"), response);
        assertFalse(response.contains("Accept-Ranges"), response);
        assertFalse(response.contains("Content-Length"), response);
    }

    @Test
    void uncodedBodiesKeepTheirTagsAndRanges() {
        String response = ask(site("200|Content-Type=text/x=Accept-Ranges=bytes=ETag=\"a\"|whole",
            "{'compressors': [{'encoding': 'gzip'}]}"), "");
        assertTrue(response.contains("\r\nETag: \"a\"\r\n") && response.contains("\r\nAccept-Ranges: bytes\r\n")
            && response.contains("\r\nContent-Length: 13200\r\n"), response);
    }

    @Test
    void aHeadIsThatOfGet() {
        RouteSite site = site("200|Content-Type=text/x=ETag=\"a\"|whole", "{'compressors': {'encoding': 'gzip'}}");
        String get = ask(site, "gzip");
        String head = site.ask("HEAD", "/", "Accept-Encoding: gzip\r\n");
        assertEquals(get.substring(0, get.indexOf("\r\n\r\n") + 4), head);
    }

    /** That of a 304 is told, unless the body was another one for this client. */
    @ParameterizedTest
    @CsvSource({"gzip, false", "'', true", "br, true"})
    void theLengthOfWhatIsNotSent(String accepted, boolean kept) {
        RouteSite site = site("304|Content-Length=13200|parts", "{'compressors': [{'encoding': 'gzip'}]}");
        assertEquals(kept, ask(site, accepted).contains("\r\nContent-Length: 13200\r\n"));
    }

    /** RFC 9110 §15.3.7 and §15.4.5: what the whole answer would have; that a 304 is of a coded one, its tag tells. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "206=Content-Type=text/x=Content-Range=bytes 0-1/9 | gzip | `\"a\"`                | \"a\"   | true",
        "206=Content-Type=text/x                           | ``   | ``                     | \"a\"   | true",
        "206=Content-Type=image/x                          | gzip | ``                     | \"a\"   | false",
        "206=Content-Type=text/x=Content-Encoding=br       | gzip | ``                     | \"a\"   | false",
        "304 | gzip | W/\"a\"               | W/\"a\" | true",
        "304 | gzip | \"b\", W/\"a\", \"c\"   | W/\"a\" | true",
        "304 | ``   | W/\"a\"               | \"a\"   | true",
        "304 | gzip | \"a\"                 | \"a\"   | false",
        "304 | gzip | W/\"b\"               | \"a\"   | false",
        "304 | gzip | *                     | \"a\"   | false",
        "304 | gzip | ``                    | \"a\"   | false",
        "304=Cache-Control=no-transform | gzip | W/\"a\" | \"a\" | false",
        "304=Content-Encoding=gzip | gzip | W/\"a\" | \"a\" | false"})
    void fieldsOfWhatIsNotWhole(String answer, String accepted, String known, String tag, boolean varies) {
        RouteSite site = site(answer.replaceFirst("^...", "$0|ETag=\"a\"") + "|whole",
            "{'types': 'text/*', 'compressors': [{'encoding': 'gzip'}]}");
        String response = site.ask("GET", "/", "Accept-Encoding: " + accepted + "\r\n"
            + (known.isEmpty() ? "" : "If-None-Match: " + known + "\r\n"));
        assertTrue(response.contains("\r\nETag: " + tag + "\r\n"), response);
        assertEquals(varies, response.contains("\r\nVary: Accept-Encoding\r\n"), response);
    }

    @Test
    void whatIsTheSameEachTimeIsCodedOnceAndHasALength() throws IOException {
        RouteSite site = site("200||same", "{'compressors': [{'encoding': 'gzip', 'level': 7}]}");
        String first = ask(site, "gzip");
        String second = ask(site, "gzip");
        byte[] coded = body(first);
        assertTrue(second.contains("\r\nContent-Length: " + coded.length + "\r\n"), second);
        assertArrayEquals(coded, body(second));
        assertArrayEquals(coded, body(ask(site("200||same",
            "{'compressors': [{'encoding': 'gzip', 'level': 7}]}"), "gzip")), "another configuration has it too");
        String head = site.ask("HEAD", "/", "Accept-Encoding: gzip\r\n");
        assertEquals(second.substring(0, second.indexOf("\r\n\r\n") + 4), head);
    }

    @Test
    void aSlowLevelIsForWhatIsKept() throws IOException {
        for (String compressor : List.of("{'encoding': 'br'}", "{'encoding': 'zstd', 'level': 22}")) {
            RouteSite site = site("200||same", "{'compressors': " + compressor + "}");
            assertTrue(site.lines().getFirst().contains("for small files"), site.lines().toString());
            assertEquals(TEXT, decoded(ask(site, "br, zstd")));
            Await.until("the body is kept", () -> ask(site, "br, zstd").contains("Content-Length"));
            assertEquals(TEXT, decoded(ask(site, "br, zstd")));
        }
    }

    @Test
    void aWrongLengthOfAnApplicationIsSeen() throws IOException {
        RouteSite site = site("200|Content-Type=text/x|short", "{'compressors': {'encoding': 'gzip'}}");
        assertFalse(ask(site, "gzip").endsWith("0\r\n\r\n"));
        assertEquals(TEXT.substring(0, TEXT.length() - 1), decoded(ask(
            site("200|Content-Type=text/x|long", "{'compressors': {'encoding': 'zstd'}}"), "zstd")));
    }

    /** Every part can be decoded when it has come, whatever its size and what is in it. */
    @ParameterizedTest
    @CsvSource({"gzip, 1", "gzip, 9", "deflate, 6", "br, 0", "br, 6", "zstd, -7", "zstd, 9"})
    void encodersTakeAnyParts(String name, int level) throws IOException {
        NativeLibrary.BROTLI.load();
        NativeLibrary.ZSTD.load();
        Random random = new Random(7);
        try (Deflaters deflaters = new Deflaters();
             Encoder encoder = Coding.of(name).orElseThrow().open(level, -1, deflaters)) {
            ByteArrayOutputStream plain = new ByteArrayOutputStream();
            ByteBuf out = Unpooled.directBuffer();
            for (int i = 0; i <= 20; i++) {
                byte[] part = new byte[i == 3 ? 0 : random.nextInt(i % 5 == 0 ? 100_000 : 300)];
                if (i % 2 == 0) {
                    random.nextBytes(part);
                }
                plain.writeBytes(part);
                ByteBuf in = i % 3 == 0 ? Unpooled.wrappedBuffer(part)
                    : Unpooled.directBuffer().writeBytes(part);
                encoder.code(in, i == 20, out);
                assertEquals(0, in.readableBytes());
                in.release();
            }
            byte[] coded = new byte[out.readableBytes()];
            out.readBytes(coded);
            out.release();
            assertArrayEquals(plain.toByteArray(), decoded("Content-Encoding: " + name + "\r\n\r\n"
                + new String(coded, StandardCharsets.ISO_8859_1)).getBytes(StandardCharsets.ISO_8859_1));
        }
    }

    @Test
    void memoryOfEncodersIsBounded() {
        Budget budget = new Budget(10);
        assertTrue(budget.take(6));
        assertFalse(budget.take(5));
        assertTrue(budget.take(4));
        budget.give(10);
        assertEquals(10, budget.left());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "gzip | 10 | 9  | Overriding invalid compression level for [gzip] [10] -> [-1]",
        "zstd | 23 | -8 | Overriding invalid compression level for [zstd] [23] -> [3]"})
    void levelsOutOfRangeAreTheUsualOnes(String name, int high, int low, String line) throws IOException {
        RouteSite site = site("200|Content-Type=a/b|whole", "{'compressors': {'encoding': '" + name + "', 'level': "
            + high + "}}");
        assertEquals(List.of("notice " + line), site.lines());
        assertEquals(TEXT, decoded(ask(site, name)));
        List<String> lines = new ArrayList<>(site("200||whole", "{'compressors': {'encoding': '" + name
            + "', 'level': " + low + "}}").lines());
        assertEquals(low == 9 ? 0 : 1, lines.size(), lines.toString());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "5 | /settings/http/compression | The \"compression\" value must be an object.",
        "{'compressors': 5} | /settings/http/compression/compressors | "
            + "The \"compressors\" value must be an array or an object.",
        "{'compressors': [5]} | /settings/http/compression/compressors/0 | "
            + "The \"compressors\" array must contain only object values.",
        "{'compressors': {}} | /settings/http/compression/compressors | Required parameter \"encoding\" is missing.",
        "{'compressors': [{'encoding': 'lzw'}]} | /settings/http/compression/compressors/0/encoding | "
            + "\"lzw\" is not a supported compressor."})
    void badOptionsAreNamed(String option, String place, String text) {
        RouteException e = assertThrows(RouteException.class, () -> site("200||whole", option));
        assertEquals(place, e.pointer());
        assertEquals(text, e.getMessage());
    }

    /** Of several compressors of one coding the first that fits is taken. */
    @ParameterizedTest
    @CsvSource({"13201, false", "13200, true"})
    void levelsByLength(int length, boolean fast) {
        String response = ask(site("200|Content-Type=a/b|whole", "{'compressors': [{'encoding': 'gzip', 'level': 0, "
            + "'min_length': " + length + "}, {'encoding': 'gzip'}]}"), "gzip");
        assertEquals(fast, response.length() > TEXT.length());
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{'compressors': []}", "{'compressors': {'encoding': 'identity'}}"})
    void withoutCompressorsNothingHappens(String option) {
        String response = ask(site("200|Content-Type=a/b|whole", option), "gzip, *;q=0");
        assertTrue(response.startsWith("HTTP/1.1 200") && !response.contains("Vary"), response);
    }
}
