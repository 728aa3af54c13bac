// SPDX-License-Identifier: Apache-2.0
package io.margay.filter.headers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.route.RouteException;
import io.netty.util.AsciiString;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The option {@code cors}. */
class CorsFilterTest {
    private static final String SITE = "{'tell': 200, 'fields': {'Access-Control-Allow-Origin': '*', 'Vary': 'A'}, "
        + "'cors': {'origins': ['https://a.b', 'https://*.c.d:8443'], 'methods': ['PUT'], 'headers': ['X-T'], "
        + "'expose': ['X-E', 'X-F'], 'credentials': true, 'max_age': 60}}";

    private static String ask(String action, String method, String fields) {
        return FieldSite.of(action).ask(method, "/", fields.replace("#", "Access-Control-Request-Headers")
            .replace("; ", "\r\n") + "\r\n");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        https://a.b          | https://a.b              | true
        https://a.b          | https://a.b.evil         | false
        https://a.b          | https://a.b:443          | false
        https://a.b          | http://a.b               | false
        https://A.b          | https://a.b              | true
        https://*.c.d        | https://x.c.d            | true
        https://*.c.d        | https://x.y.c.d          | true
        https://*.c.d        | https://c.d              | false
        https://*.c.d        | https://.c.d             | false
        https://*.c.d        | https://evil/.c.d        | false
        https://*.c.d        | https://evil:1.c.d       | false
        https://*.c.d        | https://u@x.c.d          | false
        https://*.c.d        | https://xc.d             | false
        http://localhost:*   | http://localhost:3000    | true
        http://localhost:*   | http://localhost:        | false
        http://localhost:*   | http://localhost:1.evil  | false
        http://localhost:*   | http://localhost         | false
        http://[::1]:80      | http://[::1]:80          | true
        null                 | null                     | true
        https://a.b          | null                     | false
        *                    | anything                 | true
        """)
    void origins(String known, String asked, boolean good) {
        assertTrue(Origins.isGood(known));
        assertEquals(good, new Origins(List.of(known)).know(AsciiString.of(asked)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        https://a.b/ | a.b | https:// | https://*.*.b | https://a.*.b | https://*.a:* | ** | https://a b | https://u@b
        """)
    void noOrigins(String a, String b, String c, String d, String e, String f, String g, String h, String i) {
        for (String each : new String[] {a, b, c, d, e, f, g, h, i, ""}) {
            assertFalse(Origins.isGood(each), each);
        }
    }

    @Test
    void preflight() {
        String answer = ask(SITE, "OPTIONS", "Origin: https://a.b; Access-Control-Request-Method: PUT; "
            + "Access-Control-Request-Headers: x-t,content-type");
        assertTrue(answer.startsWith("HTTP/1.1 204 "), answer);
        assertEquals("https://a.b", FieldSite.field(answer, "Access-Control-Allow-Origin"));
        assertEquals("true", FieldSite.field(answer, "Access-Control-Allow-Credentials"));
        assertEquals("PUT", FieldSite.field(answer, "Access-Control-Allow-Methods"));
        assertEquals("X-T", FieldSite.field(answer, "Access-Control-Allow-Headers"));
        assertEquals("60", FieldSite.field(answer, "Access-Control-Max-Age"));
        assertEquals("Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
            FieldSite.field(answer, "Vary"));
        assertEquals("", FieldSite.field(answer, "Access-Control-Expose-Headers"));
    }

    /** Method and fields of a request; the status, and the origin that may read the answer. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        OPTIONS | Origin: https://a.b; Access-Control-Request-Method: GET    | 204 | https://a.b
        OPTIONS | Origin: https://a.b; Access-Control-Request-Method: DELETE | 403 | ''
        OPTIONS | Origin: https://a.b; Access-Control-Request-Method: put    | 403 | ''
        OPTIONS | Origin: https://z; Access-Control-Request-Method: PUT      | 403 | ''
        OPTIONS | Origin: https://a.b; Origin: https://a.b; Access-Control-Request-Method: PUT | 403 | ''
        OPTIONS | Origin: https://a.b; Access-Control-Request-Method: PUT; #: x-t, x-u | 403 | ''
        OPTIONS | Origin: https://a.b; Access-Control-Request-Method: PUT; #: | 204 | https://a.b
        OPTIONS | Origin: https://a.b                                        | 200 | https://a.b
        OPTIONS | Access-Control-Request-Method: PUT                         | 200 | ''
        GET     | Origin: https://x.c.d:8443                                 | 200 | https://x.c.d:8443
        GET     | Origin: https://z                                          | 200 | ''
        GET     | Origin: https://a.b; Origin: https://z                     | 200 | ''
        GET     | X: y                                                       | 200 | ''
        PUT     | Origin: https://a.b; Access-Control-Request-Method: PUT; Content-Length: 0 | 200 | https://a.b
        """)
    void requests(String method, String fields, String status, String origin) {
        String answer = ask(SITE, method, fields);
        assertEquals(status, answer.substring(9, 12), answer);
        assertEquals(origin, FieldSite.field(answer, "Access-Control-Allow-Origin"));
        assertTrue(FieldSite.field(answer, "Vary").matches("(A, )?Origin.*"), answer);
        assertEquals(origin.isEmpty() ? "" : "true", FieldSite.field(answer, "Access-Control-Allow-Credentials"));
        assertEquals(origin.isEmpty() || status.equals("204") ? "" : "X-E, X-F",
            FieldSite.field(answer, "Access-Control-Expose-Headers"));
    }

    /** Where all are allowed, caches need not keep them apart. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        GET     | X: y                                                                             | 200
        GET     | Origin: https://z                                                                | 200
        OPTIONS | Origin: z; Access-Control-Request-Method: ANY; Access-Control-Request-Headers: a | 204
        OPTIONS | Origin: z; Access-Control-Request-Method: ANY; Access-Control-Request-Headers: authorization | 403
        OPTIONS | Origin: z; Access-Control-Request-Method: ANY; #: authorization\u00a0 | 204
        """)
    void all(String method, String fields, String status) {
        String answer = ask("{'tell': 200, 'cors': {'origins': '*', 'methods': '*', 'headers': '*'}}", method, fields);
        assertEquals(status, answer.substring(9, 12), answer);
        assertEquals(status.equals("403") ? "" : "*", FieldSite.field(answer, "Access-Control-Allow-Origin"));
        assertFalse(FieldSite.field(answer, "Vary").contains("Origin"), answer);
    }

    @Test
    void errorPagesCanBeRead() {
        String answer = ask("{'tell': 404, 'cors': {'origins': 'https://a.b'}}", "GET", "Origin: https://a.b");
        assertTrue(answer.startsWith("HTTP/1.1 404 "), answer);
        assertEquals("https://a.b", FieldSite.field(answer, "Access-Control-Allow-Origin"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        {}                                                    |               | Required parameter "origins"
        []                                                    |               | must be an object
        {'origins': 'https://a.b/'}                           | /origins      | is invalid
        {'origins': ['https://a.b', 'b']}                     | /origins/1    | is invalid
        {'origins': ['https://a.b', 1]}                       | /origins/1    | must contain only strings
        {'origins': {}}                                       | /origins      | must be a string or an array
        {'origins': ['*'], 'credentials': true}               | /origins/0    | must not be "*"
        {'origins': 'null', 'credentials': true}              | /origins      | must not be "null"
        {'origins': 'https://a.b', 'headers': '*', 'credentials': true} | /headers | must not be "*"
        {'origins': 'https://a.b', 'methods': ['GET', 'A B']} | /methods/1    | is no token
        {'origins': 'https://a.b', 'expose': ''}              | /expose       | is no token
        {'origins': 'https://a.b', 'max_age': 86401}          | /max_age      | from 0 to 86400
        {'origins': 'https://a.b', 'credentials': 1}          | /credentials  | must be a boolean
        {'origins': 'https://a.b', 'origin': 'b'}             | /origin       | Unknown parameter "origin".
        """, quoteCharacter = '`')
    void faults(String cors, String pointer, String text) {
        RouteException told = assertThrows(RouteException.class, () -> FieldSite.of("{'tell': 200, 'cors': " + cors
            + "}"));
        assertEquals("/routes/0/action/cors" + (pointer == null ? "" : pointer), told.pointer());
        assertTrue(told.getMessage().contains(text), told.getMessage());
    }
}
