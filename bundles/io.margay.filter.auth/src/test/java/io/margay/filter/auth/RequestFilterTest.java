// SPDX-License-Identifier: Apache-2.0
package io.margay.filter.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.route.RouteException;
import io.margay.testing.RouteSite;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The option {@code auth_request}. */
class RequestFilterTest {

    private static RouteSite site(String asked, String more) {
        return AuthSite.of("{'tell': 200, 'auth_request': {'action': " + asked + more + "}}");
    }

    @ParameterizedTest
    @CsvSource({"200, 200", "204, 200", "299, 200", "401, 401", "403, 403", "302, 302", "308, 308", "304, 502",
        "404, 502", "429, 502", "500, 502", "502, 502", "504, 504"})
    void answers(int asked, String status) {
        RouteSite site = site("{'tell': " + asked + "}", "");
        String answer = site.ask("POST", "/x", "Content-Length: 0\r\n");
        assertEquals(status, answer.substring(9, 12), answer);
        assertEquals(status.equals("502") || status.equals("504"), !site.lines().isEmpty(), site.lines().toString());
    }

    @Test
    void aGoodAnswerGivesFields() {
        String answer = site("{'tell': 204, 'fields': {'remote-user': 'ann', 'Other': 'x'}}",
            ", 'headers': ['Remote-User', 'X-Group']").ask("GET", "/x", "Remote-User: root\r\n",
            "REMOTE_USER: root\r\n", "x-group: root\r\n", "X: y\r\n");
        assertTrue(answer.startsWith("HTTP/1.1 200 "), answer);
        assertTrue(answer.contains("\nRemote-User=ann\n") && answer.contains("X=y"), answer);
        assertFalse(answer.contains("root") || answer.contains("Other"), answer);
    }

    @Test
    void aRefusalIsShown() {
        String answer = site("{'tell': 401, 'text': 'say who', 'fields': {'WWW-Authenticate': 'Own', 'X-Inner': 'x', "
            + "'Set-Cookie': 'c=d', 'Content-Type': 'a/b'}}", "").ask("GET", "/x");
        assertTrue(answer.endsWith("\r\n\r\nsay who"), answer);
        assertEquals("Own", AuthSite.field(answer, "WWW-Authenticate"));
        assertEquals("c=d", AuthSite.field(answer, "Set-Cookie"));
        assertEquals("a/b", AuthSite.field(answer, "Content-Type"));
        assertEquals("", AuthSite.field(answer, "X-Inner"));
        String redirect = site("{'tell': 302, 'fields': {'Location': '/login'}}", "").ask("GET", "/x");
        assertEquals("/login", AuthSite.field(redirect, "Location"));
        String large = site("{'tell': 403, 'text': '" + "x".repeat(70_000) + "'}", "").ask("GET", "/x");
        assertTrue(large.startsWith("HTTP/1.1 403 "), large.substring(0, 20));
    }

    /** The refusal tells what was asked. */
    @Test
    void theQuestion() {
        String answer = site("{'tell': 403}", ", 'uri': '/verify?for=$uri'").ask("PUT", "/x?y", "Host: h.x:80\r\n",
            "Cookie: c=d\r\n", "Authorization: Basic x\r\n", "Content-Length: 3\r\n", "Content-Type: a/b\r\n",
            "If-None-Match: *\r\n", "Range: bytes=0-1\r\n", "X-Forwarded-For: 6.6.6.6\r\n",
            "x-forwarded-uri: /evil\r\n", "Expect: 100-continue\r\n", "\r\na");
        String asked = answer.substring(answer.indexOf("GET /verify"));
        assertTrue(asked.startsWith("GET /verify?for=/x\n"), answer);
        for (String field : new String[] {"Host=h.x:80", "X-Forwarded-Method=PUT", "X-Forwarded-Uri=/x?y",
            "X-Forwarded-Host=h.x:80", "X-Forwarded-Proto=http", "X-Forwarded-For=unix:", "Cookie=c=d",
            "Authorization=Basic x"}) {
            assertTrue(asked.contains("\n" + field + "\n"), field + " in " + asked);
        }
        for (String name : new String[] {"Content-", "If-", "Range", "6.6.6.6", "evil", "Expect"}) {
            assertFalse(asked.contains(name), name + " in " + asked);
        }
    }

    @Test
    void noQuestionIsMadeOfNonsense() {
        RouteSite site = site("{'tell': 200}", ", 'uri': '$header_x'");
        for (String value : new String[] {"no-path", "/a b", ""}) {
            assertTrue(site.ask("GET", "/", "X: " + value + "\r\n").startsWith("HTTP/1.1 500 "), value);
        }
        assertTrue(site.ask("GET", "/", "X: /good\r\n").startsWith("HTTP/1.1 200 "));
    }

    /** Who asks itself would never end. */
    @Test
    void nobodyAsksItself() {
        RouteSite site = AuthSite.of("{'tell': 200, 'auth_request': {'action': {'pass': 'routes'}}}");
        assertTrue(site.ask("GET", "/").startsWith("HTTP/1.1 502 "));
        assertTrue(site.lines().stream().anyMatch(line -> line.contains("asks itself")), site.lines().toString());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        {}                                                | | Required parameter "action"
        true                                              | | must be an object
        {'action': 'routes'}                              | /action | must be an object
        {'action': {}}                                    | /action | must have either
        {'action': {'pass': 'routes/none'}}               | /action/pass | points to invalid location
        {'action': {'tell': 200, 'x': 1}}                 | /action/x | No installed bundle supports "x".
        {'action': {'tell': 200}, 'uri': 'verify'}        | /uri | must begin with "/"
        {'action': {'tell': 200}, 'uri': '$none'}         | /uri | Unknown variable
        {'action': {'tell': 200}, 'headers': ['A', 'B C']} | /headers/1 | is invalid
        {'action': {'tell': 200}, 'headers': 'Host'}      | /headers | is invalid
        {'action': {'tell': 200}, 'timeout': 0}           | /timeout | from 1 to 50
        {'action': {'tell': 200}, 'url': 'x'}             | /url | Unknown parameter "url".
        """, quoteCharacter = '`')
    void faults(String options, String pointer, String text) {
        RouteException told = assertThrows(RouteException.class, () -> AuthSite.of("{'tell': 200, 'auth_request': "
            + options + "}"));
        assertEquals("/routes/0/action/auth_request" + (pointer == null ? "" : pointer), told.pointer());
        assertTrue(told.getMessage().contains(text), told.getMessage());
    }
}
