// SPDX-License-Identifier: Apache-2.0
package io.margay.filter.limit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.action.returns.ReturnActionFactory;
import io.margay.conf.ConfObject;
import io.margay.http.Exchange;
import io.margay.http.Fields;
import io.margay.route.Action;
import io.margay.route.ActionFactory;
import io.margay.route.Extensions;
import io.margay.route.RouteCompiler;
import io.margay.route.RouteException;
import io.margay.testing.RouteSite;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The option {@code max_body_size}. */
class BodySizeTest {
    /** Takes bodies as they come, and answers at their end. */
    private static final ActionFactory STREAM = new ActionFactory() {
        @Override
        public String option() {
            return "stream";
        }

        @Override
        public Set<String> options() {
            return Set.of("stream");
        }

        @Override
        public Action compile(ConfObject action, RouteCompiler compiler) {
            return new Action() {
                @Override
                public void run(Exchange exchange) {
                    if (exchange.isBodyComplete()) {
                        exchange.respond(204, Fields.NONE, new byte[0]);
                        return;
                    }
                    exchange.streamBody((part, last) -> {
                        part.release();
                        if (last) {
                            exchange.respond(204, Fields.NONE, new byte[0]);
                        }
                        return true;
                    });
                }

                @Override
                public boolean streams() {
                    return true;
                }
            };
        }
    };

    private static RouteSite site(String action, String settings) {
        return new RouteSite(Extensions.builder().add(new BodySizeFactory(), RouteSite.ORIGIN)
            .add(STREAM, RouteSite.ORIGIN).add(new ReturnActionFactory(), RouteSite.ORIGIN), "{'action': " + action
            + "}", settings);
    }

    /** The end of line behind the last field is the end of the body. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        0 | X: y#                                        | 204
        0 | Content-Length: 0#                           | 204
        1 | Content-Length: 2##                          | 413
        2 | Content-Length: 2##                          | 204
        4 | Content-Length: 5##abc                       | 413
        5 | Content-Length: 5##abc                       | 204
        5 | Transfer-Encoding: chunked##5#12345#0#       | 204
        4 | Transfer-Encoding: chunked##5#12345#0#       | 413
        4 | Transfer-Encoding: chunked##2#12#3#345#0#    | 413
        5 | Transfer-Encoding: chunked##2#12#3#345#0#    | 204
        """)
    void bodies(int most, String request, String status) {
        for (String kind : new String[] {"'return': 204", "'stream': 1"}) {
            String answer = site("{" + kind + ", 'max_body_size': " + most + "}",
                "{'chunked_transform': true}").ask("POST", "/",
                request.replace("#", "\r\n"));
            assertEquals(status, answer.isEmpty() ? "" : answer.substring(9, 12), kind + request);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        -1      | must be an integer that is not negative
        1.5     | must be an integer that is not negative
        '1m'    | must be an integer that is not negative
        101     | must not exceed that of "settings.http", 100
        """, quoteCharacter = '`')
    void faults(String value, String text) {
        RouteException told = assertThrows(RouteException.class, () -> site("{'return': 204, 'max_body_size': " + value
            + "}", "{'max_body_size': 100}"));
        assertEquals("/routes/0/action/max_body_size", told.pointer());
        assertTrue(told.getMessage().contains(text), told.getMessage());
    }
}
