// SPDX-License-Identifier: Apache-2.0
package io.margay.schema;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.conf.Conf;
import io.margay.conf.ConfPointer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.Arguments;

/** Each option with each type of JSON: the tables of spec/configuration.md §4 to §14. */
class OptionTypesTest {
    /** One value of each type, and the words for it. */
    private static final Map<String, String> VALUES = new LinkedHashMap<>();

    static {
        VALUES.put("null", "a null");
        VALUES.put("true", "a boolean");
        VALUES.put("1", "an integer number");
        VALUES.put("1.5", "a fractional number");
        VALUES.put("\"$dollar\"", "a string");
        VALUES.put("[]", "an array");
        VALUES.put("{}", "an object");
    }

    static Stream<Arguments> options() {
        return OptionTable.TABLE.lines().map(line -> Arguments.of(line.split(" +")[0], line.split(" +")[1]));
    }

    private static List<String> words(String kinds) {
        List<String> words = new ArrayList<>();
        for (String word : VALUES.values()) {
            char first = word.substring(word.indexOf(' ') + 1).charAt(0);
            if (word.equals("an array") ? kinds.indexOf('a') >= 0 : kinds.indexOf(first) >= 0) {
                words.add(word);
            }
        }
        return words;
    }

    private static String expected(List<String> words) {
        int last = words.size() - 1;
        return last == 0 ? words.getFirst() : last == 1 ? "either " + words.get(0) + " or " + words.get(1)
            : "either " + String.join(", ", words.subList(0, last)) + ", or " + words.get(last);
    }

    @ParameterizedTest
    @MethodSource("options")
    void anotherTypeIsRefusedWithTheTypesThatAreRight(String pointer, String kinds) {
        String last = ConfPointer.parse(pointer).segments().getLast();
        List<String> right = words(kinds);
        VALUES.forEach((json, word) -> {
            Optional<Problem> problem = Whole.with(pointer, json);
            if (!right.contains(word)) {
                assertEquals("The \"" + last + "\" value must be " + expected(right) + ", but not " + word + ".",
                    problem.orElseThrow(() -> new AssertionError(pointer + " took " + json)).detail());
                assertEquals(pointer, problem.get().path().toString());
            } else {
                // Whatever else is asked of the value, its type is good.
                assertTrue(problem.isEmpty() || !problem.get().detail().contains(", but not "), problem::toString);
            }
        });
    }

    /** The table knows each option of the schema: a new one needs a line. */
    @Test
    void everyOptionIsInTheTable() {
        Set<String> known = new TreeSet<>();
        OptionTable.TABLE.lines().forEach(line ->
            known.add(ConfPointer.parse(line.split(" +")[0]).segments().getLast()));
        Set<String> missing = new TreeSet<>();
        for (Option option : Schemas.load().current().options()) {
            if (!known.contains(option.name())) {
                missing.add(option.path());
            }
        }
        assertEquals(Set.of(), missing);
    }

    @Test
    void theConfigurationThatIsChangedIsGood() {
        assertEquals(Optional.empty(), Schemas.load().current().validate(Whole.CONF, Whole.FACTS));
    }

    /** The types whose wrong values have texts of their own. */
    private static final String OWN = """
        /routes/main/0 object
            The "routes" array must contain only object values.
        /routes/main/0/match/headers/x text
            The "match" pattern for "headers" must be strings.
        /routes/main/0/match/cookies/x text
            The "match" pattern for "cookies" must be strings.
        /routes/main/0/match/arguments/x text
            The "match" pattern for "arguments" must be a string.
        /routes/main/0/action/response_headers/A null
            The "A" response header value must either be a string or a null
        /access_log/format/a string
            In the access log format, the value must be a string.
        /applications/py/environment/A string
            The "A" environment value must be a string.
        /applications/pt/targets/t object
            The "t" target must be an object.
        /applications/pht/targets/t object
            The "t" target must be an object.
        /applications/php/options/admin/a string
            The "a" PHP option must be a string.
        /applications/php/options/user/a string
            The "a" PHP option must be a string.
        /applications/py/isolation/uidmap/0 object
            The "uidmap" array must contain only object values.
        /applications/py/isolation/gidmap/0 object
            The "gidmap" array must contain only object values.
        /settings/http/compression/compressors/0 object
            The "compressors" array must contain only object values.
        /settings/http/compression/types/0 string
            The "match" pattern for "[null]" must be strings.
        /settings/js_module/0 string
            The "js_module" array must contain only string values.
        /settings/http/static/mime_types/text~1x/0 string
            The "text/x" MIME type array must contain only strings.
        /applications/ex/arguments/0 string
            The "arguments" array must contain only string values.
        /applications/jv/classpath/0 string
            The "classpath" array must contain only string values.
        /applications/jv/options/0 string
            The "options" array must contain only string values.
        /applications/wa/access/filesystem/0 string
            The "filesystem" array must contain only string values.
        /applications/wc/access/filesystem/0 string
            The "filesystem" array must contain only string values.
        /listeners/*:83/tls/certificate/0 object
            The "certificate" array must contain only string values.
        /listeners/*:80/forwarded/source/0 string
            The "match" pattern for "address" must be a string.
        /listeners/*:80/client_ip/source/0 string
            The "match" pattern for "address" must be a string.
        """;

    static Stream<Arguments> ownTexts() {
        List<String> lines = OWN.lines().map(String::strip).toList();
        return IntStream.range(0, lines.size() / 2).mapToObj(row -> Arguments.of(lines.get(2 * row).split(" ")[0],
            lines.get(2 * row).split(" ")[1], lines.get(2 * row + 1)));
    }

    @ParameterizedTest
    @MethodSource("ownTexts")
    void someHaveTextsOfTheirOwn(String pointer, String good, String detail) {
        Set<String> right = switch (good) {
            case "object" -> pointer.contains("/certificate/") ? Set.of("a string", "an object") : Set.of("an object");
            case "null" -> Set.of("a null", "a string");
            case "text" -> Set.of("a string", "an array");
            default -> Set.of("a string");
        };
        VALUES.entrySet().stream().filter(value -> !right.contains(value.getValue())).forEach(value ->
            Whole.refused(pointer, Schemas.parse(value.getKey()), detail));
    }

    @Test
    void elementsOfOtherArraysToo() {
        for (String option : List.of("host", "method")) {
            for (Conf wrong : List.of(Conf.of(1), Conf.of(true), Schemas.parse("[]"), Schemas.parse("null"))) {
                Problem problem = Whole.with("/routes/main/0/match/" + option,
                    new io.margay.conf.ConfArray(List.of(Conf.of("x"), wrong))).orElseThrow();
                assertEquals("The \"match\" pattern for \"" + option + "\" must be strings.", problem.detail());
                assertEquals("/routes/main/0/match/" + option + "/1", problem.path().toString());
            }
        }
        for (String option : List.of("uri", "query")) {
            Problem problem = Whole.with("/routes/main/0/match/" + option, "[\"x\", 1]").orElseThrow();
            assertEquals("The \"match\" pattern for \"" + option + "\" must be a string.", problem.detail());
        }
        for (String option : List.of("source", "destination")) {
            Problem problem = Whole.with("/routes/main/0/match/" + option, "[\"unix\", {}]").orElseThrow();
            assertEquals("The \"match\" pattern for \"address\" must be a string.", problem.detail());
        }
        assertEquals("The \"share\" array must contain only string values.",
            Whole.with("/routes/main/0/action/share", "[\"a\", 1]").orElseThrow().detail());
        assertEquals("The \"certificate\" array must contain only string values.",
            Whole.with("/listeners/*:80/tls/certificate", "[\"a\", 1]").orElseThrow().detail());
        assertEquals("The \"key\" array must contain only string values.",
            Whole.with("/listeners/*:80/tls/session/tickets", "[true]").orElseThrow().detail());
        assertEquals("The \"path\" array must contain only string values.",
            Whole.with("/applications/py/path", "[\"a\", null]").orElseThrow().detail());
    }
}
