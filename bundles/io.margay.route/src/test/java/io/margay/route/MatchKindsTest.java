// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.conf.ConfArray;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfWriter;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each property of a match takes its kinds of values, blames others, and says what it has seen of a request. */
class MatchKindsTest {

    private static Site site(String match) {
        return Site.steps("{'match': " + match + ", 'action': {'text': 'yes'}}");
    }

    private static void refused(String match, String pointer, String reason) {
        RouteException e = assertThrows(RouteException.class, () -> site(match));
        assertEquals(reason, e.getMessage());
        assertEquals("/routes/0/match" + pointer, e.pointer());
    }

    // ---- kinds --------------------------------------------------------

    @ParameterizedTest
    @ValueSource(strings = {"host", "uri", "method", "query"})
    void textsAreStringsOrArraysOfThem(String property) {
        String reason = "The \"match\" pattern for \"" + property + "\" must be a string.";
        for (String value : List.of("1", "true", "{}", "{'a': 'b'}")) {
            refused("{'" + property + "': " + value + "}", "/" + property, reason);
            refused("{'" + property + "': ['a', " + value + "]}", "/" + property + "/1", reason);
        }
        refused("{'" + property + "': ['a', ['b']]}", "/" + property + "/1", reason);
        refused("{'" + property + "': ['a', null]}", "/" + property + "/1", reason);
        refused("{'" + property + "': '!**'}", "/" + property,
            "The \"match\" pattern must not contain double \"*\" markers.");
        assertEquals("yes /", site("{'" + property + "': null}").get("/"), "null is absent");
        assertEquals("yes /", site("{'" + property + "': []}").get("/"), "an empty array is always true");
    }

    @ParameterizedTest
    @ValueSource(strings = {"source", "destination"})
    void addressesAreStringsOrArraysOfThem(String property) {
        String reason = "The \"match\" pattern for \"address\" must be a string.";
        for (String value : List.of("1", "true", "{}")) {
            refused("{'" + property + "': " + value + "}", "/" + property, reason);
            refused("{'" + property + "': ['127.0.0.1', " + value + "]}", "/" + property + "/1", reason);
        }
        assertEquals("yes /", site("{'" + property + "': null}").get("/"));
        assertEquals("404", site("{'" + property + "': []}").get("/"), "for addresses it is always false");
        assertEquals("yes /", site("{'" + property + "': '!10.0.0.0/8'}").get("/"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        ''               | The "address" is too short.
        '1'              | The "address" is too short.
        '*'              | The "address" is too short.
        '!*'             | The "address" is too short.
        '127.0.0'        | The "address" format is invalid.
        '127.0.0.256'    | The "address" format is invalid.
        '::1::'          | The "address" format is invalid.
        '[::1]'          | The "address" format is invalid.
        'example.com'    | The "address" format is invalid.
        '10.0.0.2-10.0.0.1' | The "address" range is overlapping.
        '::2-::1'        | The "address" range is overlapping.
        '10.0.0.0/33'    | The "address" has an invalid CIDR prefix.
        '10.0.0.0/-1'    | The "address" has an invalid CIDR prefix.
        '10.0.0.0/'      | The "address" has an invalid CIDR prefix.
        '::/129'         | The "address" has an invalid CIDR prefix.
        '*:65536'        | The "address" port an invalid port.
        '*:8-'           | The "address" port an invalid port.
        '*:-8'           | The "address" port an invalid port.
        '*:9-8'          | The "address" range is overlapping.
        '*:x'            | The "address" port an invalid port.
        """)
    void addressesHaveAForm(String value, String reason) {
        refused("{'source': " + value + "}", "/source", reason);
        refused("{'destination': ['127.0.0.1', " + value + "]}", "/destination/1", reason);
    }

    @ParameterizedTest
    @ValueSource(strings = {"headers", "cookies", "arguments"})
    void namedOnesAreObjectsOrArraysOfThem(String property) {
        String reason = "The \"match\" pattern for \"" + property + "\" must be ";
        for (String value : List.of("1", "'a'", "true")) {
            refused("{'" + property + "': " + value + "}", "/" + property, reason + "an object.");
            refused("{'" + property + "': [{}, " + value + "]}", "/" + property + "/1", reason + "an object.");
            if (!value.startsWith("'")) {
                refused("{'" + property + "': {'a': " + value + "}}", "/" + property + "/a", reason + "a string.");
                refused("{'" + property + "': [{}, {'a': ['b', " + value + "]}]}", "/" + property + "/1/a/1",
                    reason + "a string.");
            }
        }
        refused("{'" + property + "': {'': 'a'}}", "/" + property,
            "The \"match\" pattern objects must not contain empty member names.");
        refused("{'" + property + "': [{'': 'a'}]}", "/" + property + "/0",
            "The \"match\" pattern objects must not contain empty member names.");
        refused("{'" + property + "': {'a': '~('}}", "/" + property + "/a",
            "Invalid regular expression: Unclosed group at offset 1");
        refused("{'" + property + "': {'a/b~': '**'}}", "/" + property + "/a~1b~0",
            "The \"match\" pattern must not contain double \"*\" markers.");
        for (String always : List.of("{}", "[]", "[{}]", "null", "[{'x': 'y'}, {}]")) {
            assertEquals("yes /", site("{'" + property + "': " + always + "}").get("/"), always);
        }
        assertEquals("404", site("{'" + property + "': {'a': []}}").get("/"), "the name must be there");
        assertEquals("404", site("{'" + property + "': {'a': '!b'}}").get("/"), "also for a negation");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        {'scheme': 'ftp'}        | /scheme    | The "scheme" can either be "http" or "https".
        {'scheme': ''}           | /scheme    | The "scheme" can either be "http" or "https".
        {'scheme': ['http']}     | /scheme    | The "scheme" can either be "http" or "https".
        {'scheme': 1}            | /scheme    | The "scheme" can either be "http" or "https".
        {'scheme': '!http'}      | /scheme    | The "scheme" can either be "http" or "https".
        {'if': 1}                | /if        | The "if" must be a string
        {'if': ['a']}            | /if        | The "if" must be a string
        {'if': '$x'}             | /if        | Unknown variable "x" in the "if" value.
        {'if': '!$x'}            | /if        | Unknown variable "x" in the "if" value.
        {'Host': 'a'}            | ``         | Unknown parameter "Host".
        {'': 'a'}                | ``         | Unknown parameter "".
        {'arguments': {'%': 'a'}} | /arguments/% | The "match" pattern for "arguments" is encoded but is invalid.
        """)
    void theOthers(String match, String pointer, String reason) {
        refused(match, pointer, reason);
    }

    @ParameterizedTest
    @ValueSource(strings = {"http", "HTTP", "Http"})
    void theSchemeHasNoLetterCase(String scheme) {
        assertEquals("yes /", site("{'scheme': '" + scheme + "'}").get("/"));
        assertEquals("404", site("{'scheme': '" + scheme + "s'}").get("/"));
    }

    // ---- what was seen ------------------------------------------------

    private static String seen(String match, String request) {
        ConfObject told = site(match).explain(request);
        ConfObject step = (ConfObject) told.array("steps").orElseThrow().elements().getFirst();
        StringBuilder all = new StringBuilder();
        for (var each : step.array("conditions").map(ConfArray::elements).orElseThrow()) {
            ConfObject condition = (ConfObject) each;
            all.append(condition.string("condition").orElseThrow()).append(' ')
                .append(ConfWriter.compactText(condition.get("value").orElseThrow()).replace('"', '\''))
                .append(condition.get("matched").map(ConfWriter::compactText).orElse("").equals("true") ? " yes;"
                    : " no;");
        }
        return all.toString();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        {'method': 'get'}        | {}                                   | method 'GET' yes;
        {'method': 'get'}        | {'method': 'POST'}                   | method 'POST' no;
        {'scheme': 'https'}      | {'scheme': 'https'}                  | scheme 'https' yes;
        {'host': 'a'}            | {'host': 'A.:1'}                     | host 'a' yes;
        {'uri': '/a b'}          | {'uri': '/x/../a%20b?q'}             | uri '/a b' yes;
        {'query': 'a=b c'}       | {'uri': '/?a=b+c'}                   | query 'a=b c' yes;
        {'if': '$arg_a'}         | {'uri': '/?a=0'}                     | if '0' no;
        {'if': '!$arg_a'}        | {'uri': '/?a=0'}                     | if '0' yes;
        {'arguments': {'a': '1', 'b': '*'}} | {'uri': '/?a=1&a=1&c=2'}  | arguments {'a':['1','1']} no;
        {'arguments': {'a+b': '1'}} | {'uri': '/?a%20b=1'}              | arguments {'a+b':'1'} yes;
        {'cookies': {'a': '1'}}  | {'headers': [['Cookie', 'a=1; b=2']]} | cookies {'a':'1'} yes;
        {'headers': {'x': 'V'}}  | {'headers': [['X', 'v'], ['Y', 'w']]} | headers {'x':'v'} yes;
        {'headers': [{'x': '1'}, {'y': 'w'}]} | {'headers': [['X', 'v'], ['Y', 'w']]} | headers {'x':'v','y':'w'} yes;
        {'source': '*:5'}        | {'source': '[::1]:5'}                | source '[::1]:5' yes;
        {'destination': 'unix'}  | {'destination': 'unix:/x'}           | destination 'unix:' yes;
        {'destination': '10.0.0.0/8:80'} | {'destination': '10.1.2.3:80'} | destination '10.1.2.3:80' yes;
        {'method': 'GET', 'host': 'b'} | {'host': 'a'}                  | host 'a' no;
        {'uri': '/', 'if': '1'}  | {}                                   | if '1' yes;uri '/' yes;
        """)
    void ofARequest(String match, String request, String wanted) {
        assertEquals(wanted, seen(match, request));
    }

    @ParameterizedTest
    @ValueSource(ints = {255, 256, 257, 5000})
    void longValuesAreCut(int size) {
        String path = "/" + "a".repeat(size - 1);
        String shown = size <= 256 ? path : path.substring(0, 256) + "...";
        assertEquals("uri '" + shown + "' yes;", seen("{'uri': '/a*'}", "{'uri': '" + path + "'}"));
    }

    @Test
    void theOrderIsThatOfTheSpecification() {
        String match = "{'destination': '*:80', 'source': '127.0.0.1', 'query': '', 'cookies': {}, 'arguments': {}, "
            + "'headers': {}, 'method': 'GET', 'uri': '/', 'host': '', 'scheme': 'http', 'if': '1'}";
        String seen = seen(match, "{}");
        assertEquals("if scheme host uri method headers arguments cookies query source destination",
            seen.replaceAll(" [^;]* yes;", " ").strip(), "spec/routing.md §3");
        assertTrue(site(match).get("/", "Host:").length() == 3, "no client has an address here");
    }
}
