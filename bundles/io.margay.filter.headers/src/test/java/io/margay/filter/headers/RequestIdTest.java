// SPDX-License-Identifier: Apache-2.0
package io.margay.filter.headers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.route.RouteException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The option {@code request_id}. */
class RequestIdTest {

    /** The id that a request gets: in its field, once, as its variable, and in the response, once. */
    private static String id(String options, String... fields) {
        String answer = FieldSite.of("{'tell': 200, 'fields': {'X-Request-Id': 'of the application'}, "
            + "'response_headers': {'Same': '$request_id'}, 'request_id': " + options + "}").ask("GET", "/", fields);
        String id = FieldSite.field(answer, "X-Request-Id");
        String body = answer.split("\r\n\r\n", 2)[1];
        assertTrue(body.startsWith("id " + id + "\n"), answer);
        assertEquals(1, body.lines().filter(line -> line.toLowerCase().startsWith("x-request-id=")).count(), answer);
        assertTrue(body.toLowerCase().contains("x-request-id=" + id.toLowerCase() + "\n"), answer);
        assertEquals(id, FieldSite.field(answer, "Same"));
        return id;
    }

    @Test
    void anIdIsMade() {
        assertTrue(id("{}").matches("[0-9a-f]{32}"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "0af7-6519_16cd.43dd:84+48/eb=", "ABCDEFGHIJ"})
    void goodOnesAreTaken(String id) {
        assertEquals(id, id("{}", "X-REQUEST-ID: " + id + "\r\n"));
        assertEquals(id, id("{'accept_from': 'unix'}", "x-request-id: " + id + "\r\n"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "a\"b", "<x>", "ä", "$(x)", "a%20"})
    void othersAreReplaced(String id) {
        assertTrue(id("{}", "X-Request-Id: " + id + "\r\n").matches("[0-9a-f]{32}"), id);
    }

    @Test
    void whoMayNotSayIt() {
        String field = "X-Request-Id: good\r\n";
        assertTrue(id("{'accept_from': '1.2.3.4'}", field).matches("[0-9a-f]{32}"));
        assertTrue(id("{'accept_from': []}", field).matches("[0-9a-f]{32}"));
        assertTrue(id("{}", field, field).matches("[0-9a-f]{32}"), "two are none");
        assertTrue(id("{}", "X-Request-Id: " + "a".repeat(129) + "\r\n").matches("[0-9a-f]{32}"));
        assertEquals(128, id("{}", "X-Request-Id: " + "a".repeat(128) + "\r\n").length());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        {'header': ''}                | /header       | is invalid
        {'header': 'A B'}             | /header       | is invalid
        {'header': 'Content-Length'}  | /header       | is invalid
        {'header': 'Host'}            | /header       | is invalid
        {'header': 1}                 | /header       | must be a string
        {'accept_from': 'x.y'}        | /accept_from  | The "address" format is invalid.
        {'from': 'unix'}              | /from         | Unknown parameter "from".
        """, quoteCharacter = '`')
    void faults(String options, String pointer, String text) {
        RouteException told = assertThrows(RouteException.class, () -> FieldSite.of("{'tell': 200, 'request_id': "
            + options + "}"));
        assertEquals("/routes/0/action/request_id" + pointer, told.pointer());
        assertTrue(told.getMessage().contains(text), told.getMessage());
    }
}
