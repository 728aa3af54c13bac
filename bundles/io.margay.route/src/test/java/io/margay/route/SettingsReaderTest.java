// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.http.HttpSettings;
import java.lang.reflect.Method;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code settings/http} as the router reads it, and what nobody claims: spec/http.md §1. */
class SettingsReaderTest {

    private static Map<String, String> read(String http) {
        HttpSettings settings = SettingsReader.read(Site.conf("{'settings': {'http': {" + http + "}}}"), "/tmpdir");
        Map<String, String> values = new TreeMap<>();
        for (Method method : HttpSettings.class.getDeclaredMethods()) {
            boolean getter = method.getParameterCount() == 0 && method.getReturnType() != HttpSettings.Builder.class;
            if (getter && java.lang.reflect.Modifier.isPublic(method.getModifiers())) {
                try {
                    values.put(method.getName(), String.valueOf(method.invoke(settings)));
                } catch (ReflectiveOperationException e) {
                    throw new IllegalStateException(e);
                }
            }
        }
        return values;
    }

    @Test
    void theIntervalOfWebSockets() {
        assertEquals("WebSocketSettings[maxFrameSize=1048576, readTimeout=60, keepAlive=9, compression=false, "
            + "contextTakeover=false]", read("'websocket': {'keepalive_interval': 9}").get("webSocket"));
    }

    /** Each option changes its own setting and no other. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        header_read_timeout      | 5      | headerReadTimeout     | 5
        header_read_timeout      | 0      | headerReadTimeout     | 0
        body_read_timeout        | 6      | bodyReadTimeout       | 6
        send_timeout             | 7      | sendTimeout           | 7
        body_min_rate            | 70     | bodyMinRate           | 70
        send_min_rate            | 71     | sendMinRate           | 71
        idle_timeout             | 8      | idleTimeout           | 8
        idle_timeout             | 1e2    | idleTimeout           | 100
        large_header_buffer_size | 4096   | largeHeaderBufferSize | 4096
        large_header_buffers     | 9      | largeHeaderBuffers    | 9
        large_header_buffers     | 0      | largeHeaderBuffers    | 0
        body_buffer_size         | 1      | bodyBufferSize        | 1
        max_body_size            | 0      | maxBodySize           | 0
        max_body_size            | 5000000000 | maxBodySize       | 5000000000
        body_temp_path           | '/x'   | bodyTempPath          | /x
        discard_unsafe_fields    | false  | discardUnsafeFields   | false
        chunked_transform        | true   | chunkedTransform      | true
        server_version           | false  | serverVersion         | false
        log_route                | true   | logRoute              | true
        max_response_header_size | 5000   | maxResponseHeadSize   | 5000
        websocket | {'max_frame_size': 7} | webSocket | WebSocketSettings[maxFrameSize=7, readTimeout=60, \
        keepAlive=30, compression=false, contextTakeover=false]
        websocket | {'read_timeout': 8} | webSocket | WebSocketSettings[maxFrameSize=1048576, readTimeout=8, \
        keepAlive=30, compression=false, contextTakeover=false]
        websocket | {'compression': true} | webSocket | WebSocketSettings[maxFrameSize=1048576, readTimeout=60, \
        keepAlive=30, compression=true, contextTakeover=false]
        websocket | {'context_takeover': true} | webSocket | WebSocketSettings[maxFrameSize=1048576, readTimeout=60, \
        keepAlive=30, compression=false, contextTakeover=true]
        # never beyond what deadlines and buffers can hold
        send_timeout             | 9223372036854775807 | sendTimeout         | 1073741824
        large_header_buffer_size | 1e18   | largeHeaderBufferSize | 1073741824
        body_buffer_size         | 1e18   | bodyBufferSize        | 1073741824
        send_timeout             | -1     | sendTimeout           | 0
        max_body_size            | -1     | maxBodySize           | 0
        body_buffer_size         | -1     | bodyBufferSize        | 0
        """)
    void options(String option, String value, String setting, String expected) {
        Map<String, String> wanted = read("");
        wanted.put(setting, expected);
        assertEquals(wanted, read("'" + option + "': " + value));
    }

    @Test
    void absentAndNullAreTheDefaults() {
        Map<String, String> defaults = read("");
        assertEquals("/tmpdir", defaults.get("bodyTempPath"), "the directory of the server");
        assertEquals("30", defaults.get("idleTimeout"));
        assertEquals("8388608", defaults.get("maxBodySize"));
        for (String option : SettingsReader.NAMES) {
            assertEquals(defaults, read("'" + option + "': null"), option);
        }
        assertEquals("/t", SettingsReader.read(Site.conf("{}"), "/t").bodyTempPath());
        assertEquals("/t", SettingsReader.read(Site.conf("{'settings': {}}"), "/t").bodyTempPath());
    }

    /** What the schema lists for this reader is what is read: an option that is only in one of them is a fault. */
    @Test
    void everyOptionOfTheSchemaIsReadAndClaimed() throws java.io.IOException {
        java.nio.file.Path file = java.nio.file.Path.of("").toAbsolutePath().resolveSibling("io.margay.http")
            .resolve("src/main/resources/OSGI-INF/margay/http.json");
        Set<String> options = new HashSet<>(((io.margay.conf.ConfObject) parse(java.nio.file.Files.readAllBytes(file)))
            .object("types").orElseThrow().object("http").orElseThrow().object("members").orElseThrow().members()
            .keySet());
        assertEquals(options, SettingsReader.NAMES);
        for (String option : options) {
            Claims claims = new Claims();
            assertFalse(claims.free("/settings/http/" + option), option);
            claims.check(Site.conf("{'settings': {'http': {'" + option + "': 1}}}"));
        }
    }

    private static io.margay.conf.Conf parse(byte[] json) {
        try {
            return io.margay.conf.ConfParser.parse(json);
        } catch (io.margay.conf.ConfSyntaxException e) {
            throw new IllegalArgumentException(e);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        # claimed          | asked                   | free
        /a                 | /a                      | false
        /a                 | /b                      | true
        /a                 | /a/b                    | false
        /a                 | /                       | true
        /a/b               | /a                      | false
        /a/b               | /a/b                    | false
        /a/b               | /a/c                    | true
        /a/b               | /a/b/c                  | false
        /a/*               | /a/x                    | false
        /a/*/b             | /a/x/b                  | false
        /a/*/b             | /a/x/c                  | true
        /a/*/b             | /a/*/b                  | false
        /a/*/b             | /a/*/c                  | true
        /a/*/b             | /a/x                    | false
        /a~1b              | /a~1b                   | false
        /a~1b              | /a/b                    | true
        """)
    void claims(String claimed, String asked, boolean free) {
        Claims claims = new Claims();
        claims.add(claimed);
        assertEquals(free, claims.free(asked));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/routes", "/routes/0", "/listeners/*:80/pass", "/listeners/*/application",
        "/settings/http/idle_timeout", "/settings/http", "/settings", "/listeners", ""})
    void theRouterHasItsOwn(String pointer) {
        assertFalse(new Claims().free(pointer));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/access_log", "/settings/x", "/settings/http/x", "/listeners/*/tls", "/applications",
        "/upstreams/u"})
    void theRestIsFree(String pointer) {
        assertTrue(new Claims().free(pointer));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        {}                                              | -
        {'routes': 5}                                   | -
        {'x': null}                                     | -
        {'settings': {'x': null}}                       | -
        {'claimed': {'any': {'thing': 1}}}              | -
        {'deep': {'a': {'b': 1}, 'c': {'b': [2]}}}      | -
        {'x': 1}                                        | /x
        {'routes': [], 'x': 1}                          | /x
        {'settings': {'x': 1}}                          | /settings/x
        {'settings': {'http': {'x': 1}}}                | /settings/http/x
        {'listeners': {'*:80': {'x': 1}}}               | /listeners/*:80/x
        {'deep': {'a': {'c': 1}}}                       | /deep/a/c
        {'deep': {'a': {'b': 1, 'c': 1}}}               | /deep/a/c
        {'x': {}}                                       | -
        {'x': {'y': 1}}                                 | /x
        {'a~/b': 1}                                     | /a~0~1b
        """)
    void whatNobodyClaimsIsRefused(String conf, String pointer) {
        Claims claims = new Claims();
        claims.add("/claimed");
        claims.add("/deep/*/b");
        if (pointer.equals("-")) {
            claims.check(Site.conf(conf));
            return;
        }
        RouteException e = assertThrows(RouteException.class, () -> claims.check(Site.conf(conf)));
        assertEquals(pointer, e.pointer());
        List<String> segments = io.margay.conf.ConfPointer.parse(pointer).segments();
        assertEquals("No installed bundle supports \"" + segments.getLast() + "\".", e.getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"5", "'x'", "[1]", "true"})
    void aPartWithClaimedPartsIsAnObject(String value) {
        RouteException e = assertThrows(RouteException.class, () -> new Claims().check(Site.conf("{'settings': " + value
            + "}")));
        assertEquals("The \"settings\" value must be an object.", e.getMessage());
    }

    /** A server that is set up by these options obeys them. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        'server_version': true         | Server: Unit/1.35.0
        'server_version': false        | Server: Unit
        """)
    void theyReachTheResponse(String http, String line) {
        Site site = new Site("{'settings': {'http': {" + http + "}}, 'listeners': {'*:80': {'pass': 'routes'}}, "
            + "'routes': [{'action': {'text': 'a'}}]}");
        assertTrue(site.ask("GET / HTTP/1.1\r\n\r\n").contains("\r\n" + line + "\r\n"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        'max_body_size': 3            | POST / HTTP/1.1~Content-Length: 3~~abc       | 200
        'max_body_size': 3            | POST / HTTP/1.1~Content-Length: 4~~abcd      | 413
        'max_body_size': 0            | POST / HTTP/1.1~Content-Length: 1~~a         | 413
        'chunked_transform': false    | POST / HTTP/1.1~Transfer-Encoding: chunked~~0~~ | 411
        'chunked_transform': true     | POST / HTTP/1.1~Transfer-Encoding: chunked~~0~~ | 200
        'large_header_buffers': 0     | GET /LONG HTTP/1.1~~                         | 431
        'large_header_buffers': 4     | GET /LONG HTTP/1.1~~                         | 200
        'large_header_buffer_size': 100 | GET /LONG HTTP/1.1~~                       | 431
        """)
    void theyReachTheRequest(String http, String request, String status) {
        Site site = new Site("{'settings': {'http': {" + http + "}}, 'listeners': {'*:80': {'pass': 'routes'}}, "
            + "'routes': [{'action': {'text': 'a'}}]}");
        String answer = site.ask(request.replace("~", "\r\n").replace("LONG", "x".repeat(3_000)));
        assertEquals(status, answer.substring(9, 12), answer);
    }

    @Test
    void unsafeFieldsAreKeptWhenAskedFor() {
        String rest = "'listeners': {'*:80': {'pass': 'routes'}}, 'routes': [{'match': {'headers': {'A_B': '*'}}, "
            + "'action': {'text': 'kept'}}]}";
        Site dropping = new Site("{" + rest);
        assertEquals("404", dropping.get("/", "A_B: c"));
        Site keeping = new Site("{'settings': {'http': {'discard_unsafe_fields': false}}, " + rest);
        assertEquals("kept /", keeping.get("/", "A_B: c"));
        assertEquals(Optional.empty(), keeping.lines().stream().findAny());
    }
}
