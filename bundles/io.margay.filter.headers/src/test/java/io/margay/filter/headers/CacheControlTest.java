// SPDX-License-Identifier: Apache-2.0
package io.margay.filter.headers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.route.RouteException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The option {@code cache_control}. */
class CacheControlTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        # status | type                    | option                                       | value
        200 | text/css                     | {'preset': 'immutable'} | public, max-age=31536000, immutable
        200 | text/css                     | {'preset': 'revalidate'}                     | no-cache
        200 | text/css                     | {'preset': 'no_store'}                       | no-store
        200 | text/css                     | {'max_age': 0}                               | max-age=0
        301 | text/css                     | {'max_age': 60, 'scope': 'public'}           | public, max-age=60
        206 | text/css                     | {'max_age': 60, 'scope': 'private'}          | private, max-age=60
        304 | text/css                     | {'max_age': 60}                              | max-age=60
        404 | text/css                     | {'max_age': 60}                              | ``
        200 | Text/CSS; charset=utf-8      | {'max_age': 60, 'types': 'text/css'}         | max-age=60
        200 | text/html                    | {'max_age': 60, 'types': ['!text/html']}     | ``
        200 | text/html\u00a0;a            | {'max_age': 60, 'types': 'text/html'}        | ``
        200 | text/html                    | [{'max_age': 1, 'types': 'image/*'}, {'max_age': 2}] | max-age=2
        200 | image/png                    | [{'max_age': 1, 'types': 'image/*'}, {'max_age': 2}] | max-age=1
        """)
    void value(int status, String type, String option, String value) {
        String answer = FieldSite.of("{'tell': " + status + ", 'fields': {'Content-Type': '" + type
            + "'}, 'cache_control': " + option + "}").ask("GET", "/");
        assertEquals(value, FieldSite.field(answer, "Cache-Control"), answer);
        assertEquals("", FieldSite.field(answer, "Expires"), answer);
    }

    @Test
    void othersHaveTheLastWord() {
        String rule = ", 'cache_control': {'max_age': 5}}";
        assertEquals("private", told("{'tell': 200, 'fields': {'Cache-Control': 'private'}" + rule));
        assertEquals("x", told("{'tell': 200, 'response_headers': {'Cache-Control': 'x'}" + rule));
        assertEquals("", told("{'tell': 200, 'cache_control': {'max_age': 5, 'types': 'a/b'}}"));
    }

    private static String told(String action) {
        return FieldSite.field(FieldSite.of(action).ask("GET", "/"), "Cache-Control");
    }

    @Test
    void expires() {
        Instant before = Instant.now().minusSeconds(1);
        String answer = FieldSite.of("{'tell': 200, 'cache_control': {'max_age': 600, 'expires': true}}")
            .ask("GET", "/");
        Instant told = ZonedDateTime.parse(FieldSite.field(answer, "Expires"), DateTimeFormatter.RFC_1123_DATE_TIME)
            .toInstant();
        assertEquals("max-age=600", FieldSite.field(answer, "Cache-Control"));
        Duration age = Duration.between(before, told);
        assertTrue(age.compareTo(Duration.ofSeconds(600)) >= 0, answer);
        assertTrue(told.compareTo(Instant.now().plusSeconds(600)) <= 0, answer);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        5                                         | ``         | must be an object
        []                                        | ``         | at least one element
        [5]                                       | /0         | must be an object
        {}                                        | ``         | either "preset" or "max_age"
        {'preset': 'no_store', 'max_age': 1}      | ``         | either "preset" or "max_age"
        {'preset': 'forever'}                     | /preset    | must be one of "immutable"
        [{'max_age': 1}, {'max_age': -1}]         | /1/max_age | from 0 to
        {'max_age': 1, 'scope': 'shared'}         | /scope     | must be one of "public", "private"
        {'preset': 'no_store', 'scope': 'public'} | /scope     | only of use beside the "max_age" option
        {'preset': 'no_store', 'expires': true}   | /expires   | only of use beside the "max_age" option
        {'max_age': 1, 'types': 5}                | /types     | must be
        {'max_age': 1, 'age': 5}                  | /age       | Unknown parameter "age"
        """)
    void faults(String option, String pointer, String text) {
        RouteException told = assertThrows(RouteException.class, () -> FieldSite.of("{'tell': 200, 'cache_control': "
            + option + "}"));
        assertEquals("/routes/0/action/cache_control" + pointer, told.pointer());
        assertTrue(told.getMessage().contains(text), told.getMessage());
    }
}
