// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.conf.ConfObject;
import io.margay.http.Answer;
import io.margay.http.Exchange;
import io.margay.http.Fields;
import io.margay.http.HttpSettings;
import io.margay.http.KnownField;
import io.margay.http.PeerAddress;
import io.margay.http.Timings;
import io.netty.buffer.Unpooled;
import io.netty.util.AsciiString;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that nobody has sent are such as somebody could send; their arguments and cookies are read as theirs. */
class AssumedRequestTest {
    private static final String ONE = "{'*:80': {'pass': 'routes'}}";

    static AssumedRequest request(String text) {
        return AssumedRequest.of(Site.conf(text), Site.conf(ONE));
    }

    static AssumedExchange exchange(String text) {
        return new AssumedExchange(request(text));
    }

    // ---- what is said -------------------------------------------------

    @Test
    void nothingNeedBeSaid() {
        AssumedRequest request = request("{}");
        assertEquals("GET / HTTP/1.1", request.line().toString());
        assertEquals("http localhost *:80", request.scheme() + " " + request.serverName() + " " + request.listener());
        assertTrue(request.host().isEmpty() && request.authority().isEmpty() && request.query().isEmpty());
        assertFalse(request.hasQuery() || request.isTls() || request.isWebSocket() || request.isHead());
        assertTrue(request.isGet());
        assertEquals(0, request.fieldCount());
        assertEquals(0, request.contentLength());
        assertFalse(request.body().isReadable());
        assertEquals(Optional.empty(), request.bodyFile());
        assertEquals("127.0.0.1:0", request.remote().text() + ":" + request.remote().port());
        assertEquals(80, request.local().port());
        assertEquals("0".repeat(32), request.requestId().toString());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "-", textBlock = """
        /                | /      | -
        /a%20b           | /a b   | -
        /a/../b?c=%20#d  | /b     | c=%20
        /?               | /      | ''
        //a///b          | /a/b   | -
        /%E2%82%AC       | /\u20ac | -
        """)
    void targets(String uri, String path, String query) {
        AssumedRequest request = request("{'uri': '" + uri + "'}");
        assertEquals(uri, request.target().toString());
        assertEquals(path, Destinations.text(request.path()));
        assertEquals(query == null ? "" : query, request.query().toString());
        assertEquals(query != null, request.hasQuery());
        AsciiString changed = AsciiString.of("/changed");
        request.path(changed);
        assertEquals(changed, request.path());
        assertEquals(uri, request.target().toString(), "the target stays");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        a                | a
        Example.COM:80   | example.com
        a.               | a
        a.:80            | a
        :80              | ''
        .                | ''
        [::1]            | [::1]
        [::1]:80         | [::1]
        [::1].           | [::1]
        [::1             | [::1
        a b              | a b
        a:b:c            | a
        """)
    void hosts(String authority, String host) {
        AssumedRequest request = request("{'host': '" + authority + "'}");
        assertEquals(host, request.host().toString(), "as protocols do it (spec/http.md §6)");
        assertEquals(authority, request.authority().toString());
        assertEquals(1, request.fieldCount());
        assertEquals(authority, request.value(request.find(KnownField.HOST)).toString());
        assertEquals(host.isEmpty() ? "localhost" : host, request.serverName().toString());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        127.0.0.1         | 7f000001 | 0
        127.0.0.1:80      | 7f000001 | 80
        255.255.255.254:1 | fffffffe | 1
        ::1               | 00000000000000000000000000000001 | 0
        [::1]:443         | 00000000000000000000000000000001 | 443
        2001:db8::a       | 20010db800000000000000000000000a | 0
        unix:/run/x       | ''       | 0
        unix:@x           | ''       | 0
        """)
    void addresses(String text, String ip, int port) {
        AssumedRequest request = request("{'source': '" + text + "', 'destination': '" + text + "'}");
        for (PeerAddress address : List.of(request.remote(), request.local())) {
            assertEquals(ip, HexFormat.of().formatHex(address.ip()));
            assertEquals(port, address.port());
            assertEquals(ip.isEmpty(), address.isUnix());
        }
        PeerAddress other = PeerAddress.of(new byte[4], 9);
        request.remote(other);
        assertEquals(other, request.remote());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        {'*:80': {}}                          | {}                      | *:80 http
        {'*:80': {}}                          | {'listener': '*:80'}    | *:80 http
        {'*:443': {'tls': {}}}                | {}                      | *:443 https
        {'*:443': {'tls': {}}}                | {'scheme': 'http'}      | *:443 http
        {'*:80': {}}                          | {'scheme': 'https'}     | *:80 https
        {'*:80': {}, '*:443': {'tls': {}}}    | {'listener': '*:443'}   | *:443 https
        {'*:80': {}, '*:443': {'tls': {}}}    | {'listener': '*:80'}    | *:80 http
        {'*:80': {}, '*:443': {'tls': {}}}    | {'host': 'a'}           | *:80 http
        {'*:80': {}, '*:443': {'tls': {}}}    | {'host': 'a', 'scheme': 'https'} | *:443 https
        {'*:80': {}, '[::1]:8080': {}}        | {'host': '[::1]:8080'}  | [::1]:8080 http
        {'unix:/x': {}}                       | {}                      | unix:/x http
        """)
    void listeners(String listeners, String text, String wanted) {
        AssumedRequest request = AssumedRequest.of(Site.conf(text), Site.conf(listeners));
        assertEquals(wanted, request.listener() + " " + request.scheme());
        assertEquals(wanted.endsWith("https"), request.isTls());
        request.tls(true);
        assertEquals("https", request.scheme().toString());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        {}                       | {}                     | There are 0 listeners: name one with "listener".
        {'*:1': {}, '*:2': {}}   | {}                     | There are 2 listeners: name one with "listener".
        {'*:1': {}, '[::1]:1': {}}   | {'host': 'a:1'}    | There are 2 listeners: name one with "listener".
        {'*:1': {}, 'unix:/a:2': {}} | {'host': 'a:2'}    | There are 2 listeners: name one with "listener".
        {'*:1': {}, '*:8080': {}}    | {'host': '[::80]'} | There are 2 listeners: name one with "listener".
        {'*:1': {}}              | {'listener': '*:2'}    | There is no listener "*:2".
        {'*:1': {}}              | {'method': 'GE T'}     | No request has such a "method".
        {'*:1': {}}              | {'method': ''}         | No request has such a "method".
        {'*:1': {}}              | {'scheme': 'HTTP'}     | No request has such a "scheme".
        {'*:1': {}}              | {'uri': ''}            | No request has such a "uri".
        {'*:1': {}}              | {'uri': '*'}           | No request has such a "uri".
        {'*:1': {}}              | {'uri': 'http://a/'}   | No request has such a "uri".
        {'*:1': {}}              | {'uri': '/%00'}        | No request has such a "uri".
        {'*:1': {}}              | {'uri': '/%'}          | No request has such a "uri".
        {'*:1': {}}              | {'uri': '/..'}         | No request has such a "uri".
        {'*:1': {}}              | {'uri': '/\\u0000'}    | No request has such a "uri".
        {'*:1': {}}              | {'uri': '/a\\rb'}      | No request has such a "uri".
        {'*:1': {}}              | {'host': 'a/b'}        | No request has such a "host".
        {'*:1': {}}              | {'host': 'a..'}        | No request has such a "host".
        {'*:1': {}}              | {'host': 'a\\nb'}      | No request has such a "host".
        {'*:1': {}}              | {'source': ''}         | No request has such a "source".
        {'*:1': {}}              | {'source': '1.2.3'}    | No request has such a "source".
        {'*:1': {}}              | {'source': 'a:b'}      | No request has such a "source".
        {'*:1': {}}              | {'destination': ':::'} | No request has such a "destination".
        {'*:1': {}}              | {'headers': [1]}       | No request has such a "headers".
        {'*:1': {}}              | {'headers': [['a']]}   | No request has such a "headers".
        {'*:1': {}}              | {'headers': [['', 'a']]} | No request has such a "headers".
        {'*:1': {}}              | {'headers': [['a:', 'a']]} | No request has such a "headers".
        {'*:1': {}}              | {'headers': [['a', 1]]} | No request has such a "headers".
        {'*:1': {}}              | {'headers': [['a', 'b\\u0000']]} | No request has such a "headers".
        """)
    void whatNobodyCouldSend(String listeners, String text, String reason) {
        ConfObject all = Site.conf(listeners);
        ConfObject request = Site.conf(text);
        assertEquals(reason, assertThrows(IllegalArgumentException.class, () -> AssumedRequest.of(request, all))
            .getMessage());
    }

    @Test
    void fieldsAreCountedAndFound() {
        AssumedRequest request = request("{'host': 'h', 'headers': [['A', '1'], ['Cookie', 'c=1'], ['a', '2'], "
            + "['cookie', 'd=2']]}");
        assertEquals(5, request.fieldCount());
        assertEquals(1, request.find(AsciiString.of("a"), 0));
        assertEquals(3, request.find(AsciiString.of("A"), 2));
        assertEquals(-1, request.find(AsciiString.of("A"), 4));
        assertEquals(4, request.find(KnownField.COOKIE), "the last one");
        assertEquals(-1, request.find(KnownField.RANGE));
        assertEquals(KnownField.HOST, request.known(0));
        assertEquals(KnownField.OTHER, request.known(1));
        assertEquals("a 2", request.name(3) + " " + request.value(3));
    }

    @ParameterizedTest
    @CsvSource({"99, true, true", "100, true, false", "100, false, true", "101, false, false"})
    void thereMayBeAHundred(int count, boolean host, boolean good) {
        List<String> fields = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            fields.add("['N" + i + "', '']");
        }
        String text = "{" + (host ? "'host': 'a', " : "") + "'headers': [" + String.join(",", fields) + "]}";
        if (good) {
            assertEquals(count + (host ? 1 : 0), request(text).fieldCount());
        } else {
            assertThrows(IllegalArgumentException.class, () -> request(text));
        }
    }

    // ---- what cannot be -----------------------------------------------

    static Stream<Consumer<Exchange>> courses() {
        return Stream.of(e -> e.mark(Timings.Stage.ROUTE), Exchange::loop, e -> e.filter((x, head) -> Optional.empty()),
            Exchange::dropFilters, e -> e.respond(new Answer(200, Fields.NONE, new byte[0])),
            e -> e.respond(200, Fields.NONE, new byte[0]), e -> e.respond(200, Fields.NONE, Unpooled.EMPTY_BUFFER),
            e -> e.fail(404), e -> e.interim(103, Fields.NONE), e -> e.start(200, Fields.NONE, 0),
            e -> e.start(200, Unpooled.EMPTY_BUFFER), e -> e.upgrade(Unpooled.EMPTY_BUFFER, frame -> true),
            Exchange::resume, e -> e.write(Unpooled.EMPTY_BUFFER, true),
            e -> e.trailer(AsciiString.of("a"), AsciiString.of("b")), Exchange::flush, Exchange::abort,
            e -> e.onWritable(() -> { }), e -> e.onDone((x, complete) -> { }),
            e -> e.requestField(AsciiString.of("a"), Optional.empty()));
    }

    @ParameterizedTest
    @MethodSource("courses")
    void nothingCanBeAnswered(Consumer<Exchange> call) {
        assertThrows(UnsupportedOperationException.class, () -> call.accept(exchange("{}")));
    }

    @Test
    void whatConditionsAskForIsThere() {
        AssumedExchange exchange = exchange("{}");
        assertEquals("1 2", exchange.hop() + " " + exchange.hop());
        assertEquals("0 0", exchange.status() + " " + exchange.bodyBytesSent());
        assertFalse(exchange.isStarted() || exchange.isDone());
        assertTrue(exchange.isWritable());
        assertEquals(HttpSettings.DEFAULTS, exchange.settings());
        assertEquals(0, exchange.timings().at(Timings.Stage.BEGIN));
        exchange.tls(true);
        exchange.path(AsciiString.of("/x"));
        exchange.remote(PeerAddress.of(new byte[] {1, 2, 3, 4}, 5));
        assertEquals("true /x 1.2.3.4", exchange.request().isTls() + " " + exchange.request().path() + " "
            + exchange.request().remote().text());
    }

    // ---- arguments and cookies ----------------------------------------

    private static String show(boolean query, Exchange exchange, int most) {
        StringBuilder all = new StringBuilder();
        int[] seen = {0};
        Arguments.Visitor visitor = (name, value) -> {
            all.append(Bytes.latin(name)).append('=').append(Bytes.latin(value)).append(';');
            return ++seen[0] < most;
        };
        if (query) {
            Arguments.query(exchange, visitor);
        } else {
            Arguments.cookies(exchange, visitor);
        }
        return all.toString();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "-", textBlock = """
        /               | ''
        /?              | ''
        /?&             | ''
        /?&&&a&&        | a=;
        /?a             | a=;
        /?a=            | a=;
        /?=             | =;
        /?=b            | =b;
        /?a=b           | a=b;
        /?a=b=c         | a=b=c;
        /?a==           | a==;
        /?a=1&a=2&b     | a=1;a=2;b=;
        /?a%3Db=c       | a=b=c;
        /?a=b%26c=d     | a=b&c=d;
        /?a+b=c+d       | a b=c d;
        /?%61=%62       | a=b;
        /?a=%           | a=%;
        /?%zz=%4        | %zz=%4;
        /?a=b#c=d       | a=b;
        /?a=b?c=d       | a=b?c=d;
        /?a=b;c=d       | a=b;c=d;
        /?%00=%ff       | '\u0000=\u00ff;'
        """)
    void argumentsOfAQuery(String uri, String wanted) {
        assertEquals(wanted, show(true, exchange("{'uri': '" + uri + "'}"), Integer.MAX_VALUE));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        ''                 | ''
        a                  | ''
        a=                 | a=;
        =                  | =;
        =b                 | =b;
        a=b                | a=b;
        a=b;               | a=b;
        ' a = b '          | 'a = b;'
        ;;a=b;;c=d         | a=b;c=d;
        a=b; c=d           | a=b;c=d;
        a=b,c=d            | a=b,c=d;
        a=b=c              | a=b=c;
        a=%20+             | a=%20+;
        a; b=c             | b=c;
        a=1; a=2           | a=1;a=2;
        '   =   '          | =;
        """)
    void cookiesOfAField(String field, String wanted) {
        assertEquals(wanted, show(false, exchange("{'headers': [['Cookie', '" + field + "']]}"), Integer.MAX_VALUE));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void whoHasSeenEnoughSaysSo(int most) {
        AssumedExchange exchange = exchange("{'uri': '/?a=1&b=2&c=3', 'headers': [['cookie', 'a=1; b=2'], "
            + "['X', 'a=b'], ['COOKIE', 'c=3']]}");
        assertEquals("a=1;b=2;c=3;".substring(0, 4 * most), show(true, exchange, most));
        if (most != 2) {
            assertEquals("a=1;b=2;c=3;".substring(0, 4 * most), show(false, exchange, most));
        }
    }
}
