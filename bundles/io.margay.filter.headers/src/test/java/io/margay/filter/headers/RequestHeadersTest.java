// SPDX-License-Identifier: Apache-2.0
package io.margay.filter.headers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.route.RouteException;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The option {@code request_headers}. */
class RequestHeadersTest {

    /** The fields that the action gets. */
    private static String told(String changes, String path, String... fields) {
        String answer = FieldSite.of("{'tell': 200, 'request_headers': " + changes + "}").ask("GET", path, fields);
        assertTrue(answer.startsWith("HTTP/1.1 200 "), answer);
        return answer.split("\r\n\r\n", 2)[1].lines().skip(1).filter(line -> !line.startsWith("Connection="))
            .collect(Collectors.joining(" "));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "{}|A=1 a=2 Host=h", "{'A': null}|Host=h", "{'a': 'x'}|Host=h a=x", "{'B': '$uri'}|A=1 a=2 Host=h B=/p",
        "{'B': ''}|A=1 a=2 Host=h B=",
        // Each sees the request as it came.
        "{'A': 'x$header_b', 'B': '$header_a'}|Host=h A=x B=1", "{'Host': 'b.example'}|A=1 a=2 Host=b.example",
        // There is always a host.
        "{'host': null}|A=1 a=2 host=h", "{'Host': '$arg_none'}|A=1 a=2 Host=h"})
    void changes(String changes, String expected) {
        assertEquals(expected, told(changes, "/p", "A: 1\r\n", "a: 2\r\n", "Host: h\r\n"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/a%0d%0aX-Evil:%201", "/a%0aX-Evil:%201", "/a%7f"})
    void noValueEndsItsLine(String path) {
        String told = told("{'B': '$uri'}", path, "Host: h\r\n");
        assertEquals("Host=h B=" + path.replace("%0d", "%0D").replace("%0a", "%0A").replace("%7f", "%7F")
            .replace("%20", " "), told);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Content-Length", "transfer-encoding", "Connection", "TE", "Trailer", "Upgrade",
        "Keep-Alive",
        "Proxy-Connection", "Expect", "HTTP2-Settings"})
    void whatFramesARequestStays(String name) {
        RouteException told = assertThrows(RouteException.class, () -> told("{'" + name + "': null}", "/"));
        assertEquals("/routes/0/action/request_headers/" + name, told.pointer());
        assertTrue(told.getMessage().contains("cannot be changed"), told.getMessage());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {"{'A B': 'x'}|/A B|is invalid",
        "{'A': 1}|/A|string or a null",
        "{'A': '$none'}|/A|Unknown variable", "[]||must be an object"})
    void faults(String changes, String pointer, String text) {
        RouteException told = assertThrows(RouteException.class, () -> told(changes, "/"));
        assertEquals("/routes/0/action/request_headers" + (pointer == null ? "" : pointer), told.pointer());
        assertTrue(told.getMessage().contains(text), told.getMessage());
    }
}
