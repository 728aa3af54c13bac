// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.conf.ConfPointer;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Variables, templates and conditions: spec/routing.md §6. Fields of requests end at {@code ~}. */
class VariableTest {

    /** What a template makes of a request, in brackets; the action adds the path behind it. */
    private static String value(String template, String method, String target, String fields) {
        Site site = Site.steps("{'action': {'text': '[" + template + "]'}}");
        String answer = site.request(method, target, fields == null ? new String[0] : fields.split("~"));
        return answer.substring(1, answer.lastIndexOf(']'));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        # template           | target             | fields                        | value
        $dollar              | /                  |                               | $
        $method              | /                  |                               | GET
        # the path, decoded and normalised
        $uri                 | /                  |                               | /
        $uri                 | /a/../b            |                               | /b
        $uri                 | /%41%20b           |                               | /A b
        $uri                 | /a?b#c             |                               | /a
        $uri                 | /%C3%A9            |                               | /\u00c3\u00a9
        # the target, as it came
        $request_uri         | /a/../b            |                               | /a/../b
        $request_uri         | /%41%20b?x=%41#f   |                               | /%41%20b?x=%41#f
        $request_line        | /a?b               |                               | GET /a?b HTTP/1.1
        $request_line        | /a b               |                               | GET /a b HTTP/1.1
        # the host, without port and last dot, in lower case
        $host                | /                  |                               | ``
        $host                | /                  | Host: a.b                     | a.b
        $host                | /                  | Host: A.B:80                  | a.b
        $host                | /                  | Host: a.b.                    | a.b
        $host                | /                  | Host: [::1]:80                | [::1]
        $host                | /                  | Host:                         | ``
        $remote_addr         | /                  |                               | unix:
        # which way it has taken
        $scheme              | /                  |                               | http
        $remote_port         | /                  |                               | ``
        $server_addr         | /                  |                               | unix:
        $server_port         | /                  |                               | ``
        $route               | /                  |                               | /routes/0/action
        $application         | /                  |                               | ``
        $upstream_addr       | /                  |                               | ``
        $upstream_time       | /                  |                               | ``
        # before there is a response
        $status              | /                  |                               | 000
        $body_bytes_sent     | /                  |                               | 0
        # fields: the first of the name, case ignored, _ for -
        $header_a            | /                  | A: b                          | b
        $header_A            | /                  | a: b                          | b
        $header_a            | /                  | A: b~A: c                     | b
        $header_x_y          | /                  | X-Y: b                        | b
        $header_X_Y          | /                  | x-y: b                        | b
        $header_x_y_z        | /                  | X-Y-Z: b                      | b
        $header_a            | /                  | B: c                          | ``
        $header_a            | /                  | A:                            | ``
        $header_host         | /                  | Host: A.B:80                  | A.B:80
        $header_cookie       | /                  | Cookie: a=b; c=d              | a=b; c=d
        $header_content_type | /                  | Content-Type: text/x          | text/x
        # two of them are the last of their name
        $header_referer      | /                  | Referer: a~Referer: b         | b
        $header_user_agent   | /                  | User-Agent: a~User-Agent: b   | b
        $header_Referer      | /                  | Referer: a~Referer: b         | a
        # arguments: the last of the name, decoded, with case
        $arg_a               | /?a=b              |                               | b
        $arg_a               | /?a=b&a=c          |                               | c
        $arg_a               | /?A=b              |                               | ``
        $arg_A               | /?A=b              |                               | b
        $arg_a               | /?a                |                               | ``
        $arg_a               | /?a=               |                               | ``
        $arg_a               | /                  |                               | ``
        $arg_a               | /?a=%41+b          |                               | A b
        $arg_a               | /?a=%zz            |                               | %zz
        $arg_a               | /?%61=b            |                               | b
        $arg_a_b             | /?a_b=c            |                               | c
        $arg_a_b             | /?a-b=c            |                               | ``
        $arg_a               | /?a=b=c            |                               | b=c
        $arg_a               | /?a=b#c            |                               | b
        $arg_a               | /?ab=c&b=a         |                               | ``
        # cookies: the first of the name, with case
        $cookie_a            | /                  | Cookie: a=b                   | b
        $cookie_a            | /                  | Cookie: a=b; a=c              | b
        $cookie_a            | /                  | Cookie: x=y~Cookie: a=b       | b
        $cookie_a            | /                  | Cookie: A=b                   | ``
        $cookie_A            | /                  | Cookie: A=b                   | b
        $cookie_a            | /                  | Cookie: a=%41                 | %41
        $cookie_a            | /                  | Cookie: a                     | ``
        $cookie_a_b          | /                  | Cookie: a_b=c                 | c
        # texts around and between
        x${uri}y             | /a                 |                               | x/ay
        $uri$uri             | /a                 |                               | /a/a
        ${method}${method}   | /                  |                               | GETGET
        $method-$uri?        | /a                 |                               | GET-/a?
        $arg_a1              | /?a=b              |                               | b1
        $arg_a.b             | /?a=c              |                               | c.b
        ${arg_a}b            | /?a=c              |                               | cb
        {$method}            | /                  |                               | {GET}
        $dollar{uri}         | /                  |                               | ${uri}
        $dollar$dollar       | /                  |                               | $$
        a$arg_x-$header_x-b  | /                  |                               | a--b
        plain                | /                  |                               | plain
        """)
    void values(String template, String target, String fields, String expected) {
        assertEquals(expected, value(template, "GET", target, fields));
    }

    @Test
    void timesAreThoseOfNow() {
        DateTimeFormatter format = DateTimeFormatter.ofPattern("dd/MMM/yyyy:HH:mm:ss Z", Locale.US);
        Instant before = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        Instant told = Instant.from(format.withZone(ZoneId.systemDefault()).parse(value("$time_local", "GET", "/",
            null)));
        assertFalse(told.isBefore(before));
        assertFalse(told.isAfter(Instant.now()));
        assertTrue(value("$request_time", "GET", "/", null).matches("0\\.\\d{3}"));
    }

    @Test
    void theIdentityIsThatOfOneRequest() {
        Site site = Site.steps("{'match': {'if': '$request_id'}, 'action': {'text': '$request_id.$request_id.'}}");
        String one = site.get("/").split("\\.")[0];
        assertTrue(one.matches("[0-9a-f]{32}"), one);
        assertEquals(one + "." + one + ". /", site.get("/").replaceAll("[0-9a-f]{32}", one));
        assertNotEquals(one, site.get("/").split("\\.")[0]);
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "PUT", "OPTIONS", "X-Y_Z"})
    void methods(String method) {
        assertEquals(method, value("$method", method, "/", null));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        $          | Invalid variable at position 0 in the "text" value.
        a$         | Invalid variable at position 1 in the "text" value.
        $$         | Invalid variable at position 0 in the "text" value.
        $1         | Invalid variable at position 0 in the "text" value.
        ${         | Invalid variable at position 0 in the "text" value.
        ${}        | Invalid variable at position 0 in the "text" value.
        ${uri      | Invalid variable at position 0 in the "text" value.
        ${uri)     | Invalid variable at position 0 in the "text" value.
        $uri$      | Invalid variable at position 4 in the "text" value.
        $x         | Unknown variable "x" in the "text" value.
        ${x}       | Unknown variable "x" in the "text" value.
        $URI       | Unknown variable "URI" in the "text" value.
        $urix      | Unknown variable "urix" in the "text" value.
        $header_   | Unknown variable "header_" in the "text" value.
        $arg_      | Unknown variable "arg_" in the "text" value.
        $cookie_   | Unknown variable "cookie_" in the "text" value.
        $header    | Unknown variable "header" in the "text" value.
        $response_header_ | Unknown variable "response_header_" in the "text" value.
        """)
    void wrongTemplates(String template, String reason) {
        RouteException e = assertThrows(RouteException.class,
            () -> Site.steps("{'action': {'text': '" + template + "'}}"));
        assertEquals(reason, e.getMessage());
        assertEquals("/routes/0/action/text", e.pointer());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        # condition      | target      | holds
        ``               | /           | false
        0                | /           | false
        false            | /           | false
        null             | /           | false
        undefined        | /           | false
        1                | /           | true
        00               | /           | true
        no               | /           | true
        False            | /           | true
        NULL             | /           | true
        ` `              | /           | true
        true             | /           | true
        !                | /           | true
        !0               | /           | true
        !null            | /           | true
        !1               | /           | false
        !true            | /           | false
        !!               | /           | false
        !!1              | /           | false
        $arg_a           | /           | false
        $arg_a           | /?a         | false
        $arg_a           | /?a=0       | false
        $arg_a           | /?a=false   | false
        $arg_a           | /?a=null    | false
        $arg_a           | /?a=undefined | false
        $arg_a           | /?a=1       | true
        $arg_a           | /?a=%30     | false
        $arg_a           | /?a=x       | true
        !$arg_a          | /           | true
        !$arg_a          | /?a=0       | true
        !$arg_a          | /?a=1       | false
        $arg_a$arg_b     | /?a=0       | false
        $arg_a$arg_b     | /?a=0&b=0   | true
        x$arg_a          | /           | true
        $arg_a-          | /           | true
        fal${arg_a}      | /?a=se      | false
        $uri             | /           | true
        $dollar          | /           | true
        """)
    void conditions(String condition, String target, boolean holds) {
        assertEquals(holds, PatternTableTest.taken("'if': '" + condition + "'", "GET", target, null));
    }

    @Test
    void aConditionIsAskedFirst() {
        Site site = Site.steps("{'match': {'uri': '/x', 'if': '$arg_a'}, 'action': {'text': 'yes'}}, "
            + "{'action': {'text': 'no'}}");
        assertEquals("yes /x", site.get("/x?a=1"));
        assertEquals("no /x", site.get("/x"));
        assertEquals("no /y", site.get("/y?a=1"));
        for (String wrong : List.of("1", "true", "[]", "{}")) {
            assertEquals("The \"if\" must be a string", assertThrows(RouteException.class,
                () -> Site.steps("{'match': {'if': " + wrong + "}, 'action': {'text': ''}}")).getMessage());
        }
    }

    @Test
    void whatIsConstantIsKnownBefore() {
        Template constant = Template.compile("plain", "x", ConfPointer.ROOT);
        assertTrue(constant.isConstant());
        assertEquals(List.of("plain"), constant.literals().stream().map(Object::toString).toList());
        Template other = Template.compile("a$uri$host.b", "x", ConfPointer.ROOT);
        assertFalse(other.isConstant());
        assertEquals(List.of("a", "", ".b"), other.literals().stream().map(Object::toString).toList());
        assertTrue(Template.isTemplate("a$") && Template.isTemplate("`a"));
        assertFalse(Template.isTemplate("a`") || Template.isTemplate(""));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', nullValues = "-", textBlock = """
        # text                 | kind         | name  | target
        routes                 | routes       | -     | -
        routes/a               | routes       | a     | -
        applications/a         | applications | a     | -
        applications/a/b       | applications | a     | b
        upstreams/a            | upstreams    | a     | -
        other                  | other        | -     | -
        other/a                | other        | a     | -
        other/a/b              | other        | a     | b
        applications/a%2Fb     | applications | a/b   | -
        applications/a%2fb/c   | applications | a/b   | c
        applications/%2F       | applications | /     | -
        applications/a+b       | applications | a+b   | -
        applications/a%20b     | applications | a b   | -
        applications/%25       | applications | %     | -
        applications/a b/c     | applications | a b   | c
        rout%65s               | routes       | -     | -
        applications/\u00e9    | applications | \u00e9 | -
        applications/%C3%A9    | applications | \u00e9 | -
        """)
    void destinations(String text, String kind, String name, String target) {
        assertEquals(Optional.of(new PassTarget(kind, Optional.ofNullable(name), Optional.ofNullable(target))),
            PassTarget.parse(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/", "//", "routes/", "/routes", "routes//a", "routes/a/", "routes/a/b", "applications",
        "applications/", "applications//b", "applications/a/", "applications/a/b/c", "upstreams", "upstreams/a/b",
        "other/a/b/c", "a/%", "a/%4", "a/%zz", "%/a", "a/b/%", "other/", "/other"})
    void noDestinations(String text) {
        assertEquals(Optional.empty(), PassTarget.parse(text));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        # what the argument says | answer
        applications/x           | app x /
        applications/x/t         | app x/t /
        applications/a%252Fb     | app a/b /
        applications/none        | 404
        routes/second            | second /
        routes/none              | 404
        routes                   | 404
        upstreams/u              | 404
        other/a                  | 404
        ``                       | 404
        /                        | 404
        applications             | 404
        applications/            | 404
        applications/x/t/u       | 404
        applications/%2525zz     | app %zz /
        routes/second/x          | 404
        """)
    void destinationsFromRequests(String argument, String answer) {
        Site site = new Site("{'listeners': {'*:80': {'pass': '$arg_to'}}, 'routes': {'second': "
            + "[{'action': {'text': 'second'}}]}}");
        assertEquals(answer, site.get("/?to=" + argument));
    }
}
