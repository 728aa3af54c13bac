// SPDX-License-Identifier: Apache-2.0
package io.margay.filter.headers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.route.RouteException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The option {@code security_headers}. */
class SecurityHeadersTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        200 | {'nosniff': true}                               | X-Content-Type-Options    | nosniff
        200 | {'nosniff': false}                              | X-Content-Type-Options    | ''
        404 | {'frame_options': 'DENY'}                       | X-Frame-Options           | DENY
        302 | {'referrer_policy': 'no-referrer'}              | Referrer-Policy           | no-referrer
        200 | {'content_security_policy': `default-src 'self'`} | Content-Security-Policy | default-src 'self'
        200 | {'hsts': {}}                                    | Strict-Transport-Security | max-age=31536000
        500 | {'hsts': {'max_age': 0}}                        | Strict-Transport-Security | max-age=0
        200 | {'hsts': {'include_subdomains': true, 'preload': true}} | HSTS | YEAR; includeSubDomains; preload
        """, quoteCharacter = '^')
    void fields(int status, String options, String name, String value) {
        String action = "{'tell': " + status + ", 'tls': true, 'security_headers': "
            + options.replace("`", "'").replace("'self'", "\\u0027self\\u0027") + "}";
        String answer = FieldSite.of(action).ask("GET", "/");
        assertEquals(value.equals("''") ? "" : value.replace("YEAR", "max-age=31536000"),
            FieldSite.field(answer, name.replace("HSTS", "Strict-Transport-Security")), answer);
    }

    /** What an application says of its own page is right, until response_headers says otherwise. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        'fields': {'X-Frame-Options': 'SAMEORIGIN'}    | SAMEORIGIN
        'response_headers': {'X-Frame-Options': 'X'}   | X
        'fields': {}                                   | DENY
        """, quoteCharacter = '`')
    void ownFieldsStay(String more, String value) {
        assertEquals(value, FieldSite.field(FieldSite.of("{'tell': 200, 'security_headers': {'frame_options': 'DENY'}, "
            + more + "}").ask("GET", "/"), "X-Frame-Options"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        {'tell': 200, 'security_headers': {'hsts': {}}}
        """, quoteCharacter = '`')
    void strictTransportIsForTlsOnly(String action) {
        assertEquals("", FieldSite.field(FieldSite.of(action).ask("GET", "/"), "Strict-Transport-Security"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        {}                                         |                   | must not be empty
        {'nosniff': null}                          |                   | must not be empty
        true                                       |                   | must be an object
        {'nosniff': 'x'}                           | /nosniff          | must be a boolean
        {'frame_options': 'deny'}                  | /frame_options    | must be one of "DENY", "SAMEORIGIN"
        {'referrer_policy': 1}                     | /referrer_policy  | must be a string
        {'content_security_policy': ' '}           | /content_security_policy | without control characters
        {'content_security_policy': 'a\\nb'}       | /content_security_policy | without control characters
        {'hsts': true}                             | /hsts             | must be an object
        {'hsts': {'max_age': -1}}                  | /hsts/max_age     | from 0 to
        {'hsts': {'preload': true}}                | /hsts/preload     | needs "include_subdomains"
        {'hsts': {'max-age': 1}}                   | /hsts/max-age     | Unknown parameter
        {'csp': 'x'}                               | /csp              | Unknown parameter "csp".
        """, quoteCharacter = '`')
    void faults(String options, String pointer, String text) {
        RouteException told = assertThrows(RouteException.class, () -> FieldSite.of("{'tell': 200, 'security_headers': "
            + options + "}"));
        assertEquals("/routes/0/action/security_headers" + (pointer == null ? "" : pointer), told.pointer());
        assertTrue(told.getMessage().contains(text), told.getMessage());
    }
}
