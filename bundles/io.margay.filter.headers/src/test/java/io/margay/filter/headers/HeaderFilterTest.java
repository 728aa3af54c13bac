// SPDX-License-Identifier: Apache-2.0
package io.margay.filter.headers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.margay.conf.ConfObject;
import io.margay.http.Fields;
import io.margay.route.Action;
import io.margay.route.ActionFactory;
import io.margay.route.Extensions;
import io.margay.route.RouteCompiler;
import io.margay.route.RouteException;
import io.margay.testing.RouteSite;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The option {@code response_headers}: spec/http.md §12.1. */
class HeaderFilterTest {

    /** Answers with the status of its option and two fields of its own. */
    private static final ActionFactory ANSWER = new ActionFactory() {
        @Override
        public String option() {
            return "answer";
        }

        @Override
        public Set<String> options() {
            return Set.of("answer", "then");
        }

        @Override
        public Action compile(ConfObject action, RouteCompiler compiler) {
            int status = (int) action.integer("answer", 0);
            Fields fields = Fields.of("X", "own", "Z", "z");
            return e -> e.respond(status, fields, new byte[0]);
        }
    };

    private static RouteSite site(String steps) {
        return new RouteSite(Extensions.builder().add(new HeaderFilterFactory(), RouteSite.ORIGIN)
            .add(ANSWER, RouteSite.ORIGIN), steps, "{}");
    }

    /** The lines between the status and the fields that the server adds. */
    private static String fields(RouteSite site, String target) {
        String answer = site.ask("GET", target);
        int start = answer.indexOf("\r\n") + 2;
        return answer.substring(start, Math.max(start, answer.indexOf("Server: Unit"))).replace("\r\n", "; ").trim();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "{} | / | X: own; Z: z;",
        "{'X': '1'} | / | X: 1; Z: z;",
        "{'x': '1'} | / | X: 1; Z: z;",
        "{'Y': '1'} | / | X: own; Z: z; Y: 1;",
        "{'X': null} | / | Z: z;",
        "{'X': null, 'Z': null, 'N': null} | / | ''",
        "{'X': ''} | / | X: ; Z: z;",
        "{'Y': '$uri-$arg_a'} | /p?a=1 | X: own; Z: z; Y: /p-1;",
        "{'Y': '$arg_a', 'Z': '2'} | /?a=%0d%0aEvil:1 | X: own; Z: 2;",
        "{'A': '1', 'B': '2'} | / | X: own; Z: z; A: 1; B: 2;"})
    void changes(String headers, String target, String expected) {
        assertEquals(expected, fields(site("{'action': {'answer': 200, 'response_headers': " + headers + "}}"),
            target));
    }

    @ParameterizedTest
    @CsvSource({"199,own", "200,1", "301,1", "399,1", "400,own", "500,own"})
    void onlyForSuccessAndRedirection(int status, String value) {
        RouteSite site = site("{'action': {'answer': " + status + ", 'response_headers': {'X': '1'}}}");
        assertEquals("X: " + value + "; Z: z;", fields(site, "/"));
    }

    @Test
    void aValueThatCannotBeSentIsSaidInTheLog() {
        RouteSite site = site("{'action': {'answer': 200, 'response_headers': {'Y': '$arg_a'}}}");
        site.ask("GET", "/?a=%00");
        assertEquals(List.of("info response header \"Y\" skipped: its value has control characters"), site.lines());
    }

    @Test
    void errorPagesHaveNone() {
        RouteSite site = site("{'action': {'response_headers': {'X': '1'}, 'pass': 'routes$arg_n'}}");
        assertEquals("Content-Type: text/html;", fields(site, "/?n=/none"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "{'content-length': '1'} | /routes/0/action/response_headers "
            + "| The \"Content-Length\" response header value is not supported",
        "{'transfer-encoding': 'chunked'} | /routes/0/action/response_headers "
            + "| The \"Transfer-Encoding\" response header value is not supported",
        "{'a': '\\n'} | /routes/0/action/response_headers/a "
            + "| The \"a\" response header value must not contain control characters.",
        "{'a': 1} | /routes/0/action/response_headers/a "
            + "| The \"a\" response header value must either be a string or a null",
        "{'a b': '1'} | /routes/0/action/response_headers | The response header name \"a b\" is invalid.",
        "{'': '1'} | /routes/0/action/response_headers | The response header name must not be empty.",
        "{'a': '$x'} | /routes/0/action/response_headers/a | Unknown variable \"x\" in the \"a\" value.",
        "1 | /routes/0/action/response_headers | The \"response_headers\" value must be an object."})
    void refused(String headers, String pointer, String reason) {
        RouteException e = assertThrows(RouteException.class, () ->
            site("{'action': {'answer': 200, 'response_headers': " + headers + "}}"));
        assertEquals(reason, e.getMessage());
        assertEquals(pointer, e.pointer());
    }
}
