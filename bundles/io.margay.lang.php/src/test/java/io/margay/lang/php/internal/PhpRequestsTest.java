// SPDX-License-Identifier: Apache-2.0
package io.margay.lang.php.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.lang.RequestEncoder;
import io.margay.lang.RequestView;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.AsciiString;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PhpRequestsTest {

    @TempDir
    private Path root;
    private String query = "";
    private boolean tls;
    private String port = "8080";
    private long length;
    private int target;
    private List<String> fields = List.of();

    @BeforeEach
    void files() throws Exception {
        Files.createDirectories(root.resolve("a b"));
        Files.writeString(root.resolve("plain.txt"), "x");
    }

    private RequestView request(String path) {
        return (RequestView) Proxy.newProxyInstance(PhpRequestsTest.class.getClassLoader(),
            new Class<?>[] {RequestView.class}, (proxy, method, arguments) -> switch (method.getName()) {
                case "method" -> AsciiString.of("GET");
                case "target" -> AsciiString.of(path + (query.isEmpty() ? "" : "?" + query));
                case "path" -> new AsciiString(path.getBytes(StandardCharsets.UTF_8));
                case "query" -> AsciiString.of(query);
                case "version" -> AsciiString.of("HTTP/1.1");
                case "remoteAddress" -> AsciiString.of("127.0.0.2");
                case "localAddress" -> AsciiString.of("127.0.0.1");
                case "localPort" -> AsciiString.of(port);
                case "serverName" -> AsciiString.of("example.com");
                case "tls" -> tls;
                case "targetIndex" -> target;
                case "fieldCount" -> fields.size() / 2;
                case "fieldName" -> AsciiString.of(fields.get(2 * (int) arguments[0]));
                case "fieldValue" -> AsciiString.of(fields.get(2 * (int) arguments[0] + 1));
                case "contentLength" -> length;
                default -> throw new UnsupportedOperationException(method.getName());
            });
    }

    private PhpRequests requests(String members) {
        return new PhpRequests(PhpTargets.of(PhpModuleTest.app("blog", "{'root':'" + root + "'" + members + "}")));
    }

    private static int length(ByteBuf in) {
        int first = in.readUnsignedByte();
        return first < 128 ? first : (first & 0x7f) << 24 | in.readUnsignedMedium();
    }

    private static Map<String, String> decode(ByteBuf in) {
        Map<String, String> pairs = new LinkedHashMap<>();
        while (in.isReadable()) {
            int name = length(in);
            int value = length(in);
            assertEquals(null, pairs.put(in.readString(name, StandardCharsets.UTF_8),
                in.readString(value, StandardCharsets.UTF_8)), "each once");
        }
        return pairs;
    }

    private Map<String, String> variables(String members, String path) {
        ByteBuf out = Unpooled.buffer(100_000);
        PhpRequests requests = requests(members);
        assertEquals(Optional.empty(), requests.answer(request(path)));
        assertTrue(requests.encode(request(path), out));
        return decode(out);
    }

    @ParameterizedTest
    @CsvSource(nullValues = "-", value = {
        "'', /a.php, /a.php, -",
        "'', /, /index.php, -",
        "'', /d/, /d/index.php, -",
        "'', /a.php/x/y, /a.php, /x/y",
        "'', /a.php/, /a.php, /",
        "'', /a.php/b.php/c, /a.php, /b.php/c",
        "'', /d/a.php/, /d/a.php, /",
        "',''index'':''start.php''', /d/, /d/start.php, -",
        "',''script'':''front.php''', /anything/at.php/all, /front.php, -",
        "',''script'':''/sub/front.php''', /, /sub/front.php, -",
        "'', /\u00e9.php, /\u00e9.php, -"})
    void choosesTheScript(String members, String path, String script, String info) {
        Map<String, String> variables = variables(members, path);
        assertEquals(script, variables.get("SCRIPT_NAME"));
        assertEquals(root + script, variables.get("SCRIPT_FILENAME"));
        assertEquals(info, variables.get("PATH_INFO"));
        assertEquals(root.toString(), variables.get("DOCUMENT_ROOT"));
    }

    @ParameterizedTest
    @CsvSource({"/plain.txt, 503", "/none, 404", "/plain.txt/x, 404", "/x/../a.php, 404", "/.., 404", "*, 404",
        "x.php, 404"})
    void answersWhatIsNoScript(String path, int status) {
        assertEquals(status, requests("").answer(request(path)).orElseThrow().status());
    }

    @ParameterizedTest
    @CsvSource({"8080, false, '', http://example.com:8080/a%20b/", "80, false, x=y, http://example.com/a%20b/?x=y",
        "443, true, '', https://example.com/a%20b/", "80, true, '', https://example.com:80/a%20b/",
        "'', false, '', http://example.com/a%20b/"})
    void aDirectoryHasASlash(String local, boolean secure, String arguments, String location) {
        port = local;
        tls = secure;
        query = arguments;
        RequestEncoder.Answer answer = requests("").answer(request("/a b")).orElseThrow();
        assertEquals(301, answer.status());
        assertEquals("Location: " + location + "\r\n", new String(answer.fields(), StandardCharsets.ISO_8859_1));
    }

    @Test
    void allVariables() {
        query = "x=1";
        tls = true;
        length = 5;
        fields = List.of("Host", "example.com", "X-A", "1", "Content-Type", "text/plain", "x-a", "2", "Proxy", "evil",
            "Content-Length", "5", "X-Long", "v".repeat(200));
        Map<String, String> expected = new LinkedHashMap<>();
        expected.put("DOCUMENT_ROOT", root.toString());
        expected.put("SCRIPT_FILENAME", root + "/a.php");
        expected.put("SCRIPT_NAME", "/a.php");
        expected.put("HTTPS", "on");
        expected.put("REQUEST_METHOD", "GET");
        expected.put("REQUEST_URI", "/a.php?x=1");
        expected.put("QUERY_STRING", "x=1");
        expected.put("SERVER_PROTOCOL", "HTTP/1.1");
        expected.put("REMOTE_ADDR", "127.0.0.2");
        expected.put("SERVER_ADDR", "127.0.0.1");
        expected.put("SERVER_PORT", "8080");
        expected.put("SERVER_NAME", "example.com");
        expected.put("HTTP_HOST", "example.com");
        expected.put("HTTP_X_A", "1, 2");
        expected.put("HTTP_CONTENT_TYPE", "text/plain");
        expected.put("CONTENT_TYPE", "text/plain");
        expected.put("HTTP_CONTENT_LENGTH", "5");
        expected.put("CONTENT_LENGTH", "5");
        expected.put("HTTP_X_LONG", "v".repeat(200));
        assertEquals(expected, variables("", "/a.php"));
    }

    @Test
    void aBodyWithoutAFieldHasALengthAllTheSame() {
        length = 7;
        assertEquals("7", variables("", "/a.php").get("CONTENT_LENGTH"));
        length = 0;
        assertFalse(variables("", "/a.php").containsKey("CONTENT_LENGTH"));
    }

    @Test
    void targets() {
        String members = ",'targets':{'one':{'root':'" + root + "'},'two':{'root':'" + root
            + "/a b','script':'x.php'}}";
        target = 1;
        assertEquals(root + "/a b/x.php", variables(members, "/y.php").get("SCRIPT_FILENAME"));
        target = 0;
        assertEquals(root + "/y.php", variables(members, "/y.php").get("SCRIPT_FILENAME"));
    }

    @Test
    void tooMuchIsRefused() {
        fields = List.of("X-Long", "v".repeat(70_000));
        assertFalse(requests("").encode(request("/a.php"), Unpooled.buffer(100_000)));
        fields = List.of("X-Long", "v".repeat(1000));
        assertFalse(requests("").encode(request("/a.php"), Unpooled.buffer(500, 500)));
    }
}
