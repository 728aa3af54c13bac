// SPDX-License-Identifier: Apache-2.0
package io.margay.schema;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.conf.Conf;
import io.margay.conf.ConfPointer;
import java.util.Base64;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Patterns, names, keys, paths and words. */
class TextChecksTest {
    private static final String HEADERS = "/routes/main/0/action/response_headers";
    private static final String DOUBLE = "The \"match\" pattern must not contain double \"*\" markers.";

    @ParameterizedTest
    @ValueSource(strings = {"/routes/main/0/match/host", "/routes/main/0/match/method", "/routes/main/0/match/uri",
        "/routes/main/0/match/query", "/routes/main/0/match/headers/a", "/routes/main/0/match/cookies/a",
        "/routes/main/0/match/arguments/a", "/routes/main/0/action/types", "/settings/http/compression/types"})
    void patterns(String pointer) {
        for (String good : List.of("", "a", "*", "a*", "*a*b*", "!", "!a", "!*", "~", "~a|b", "!~a+", "~^\\*\\*$",
            "~a{2}", "a!b", "a~b", "%20", "~%20", "!!a", "\u00e9*")) {
            Whole.accepted(pointer, Conf.of(good));
            assertEquals(Optional.empty(), Whole.with(pointer, "[" + io.margay.conf.ConfWriter.quoted(good) + "]"));
        }
        Whole.accepted(pointer, Schemas.parse("[]"));
        for (String bad : List.of("**", "a**", "**a", "a**b", "!**", "***")) {
            Whole.refused(pointer, Conf.of(bad), DOUBLE);
        }
        Whole.refused(pointer, Conf.of("~("), "Invalid regular expression: Unclosed group at offset 1");
        Whole.refused(pointer, Conf.of("!~a["), "Invalid regular expression: Unclosed character class at offset 1");
        Whole.refused(pointer, Conf.of("~*"),
            "Invalid regular expression: quantifier does not follow a repeatable item at offset 0");
        Problem problem = Whole.with(pointer, "[\"a\", \"b**\"]").orElseThrow();
        assertEquals(pointer + "/1", problem.path().toString());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        /routes/main/0/match/uri          | uri
        /routes/main/0/match/query        | query
        /routes/main/0/match/arguments/a  | arguments
        """)
    void encodedPatterns(String pointer, String name) {
        String detail = "The \"match\" pattern for \"" + name + "\" is encoded but is invalid.";
        for (String bad : List.of("%", "%4", "%zz", "a%", "a%2", "!%", "~%", "~%zz", "%41%", "*%*", "%%41")) {
            Whole.refused(pointer, Conf.of(bad), detail);
        }
        for (String good : List.of("%41", "%2A%2a", "!%25", "~%5E", "%00", "%FF", "+")) {
            Whole.accepted(pointer, Conf.of(good));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/routes/main/0/match/host", "/routes/main/0/match/method",
        "/routes/main/0/match/headers/a", "/routes/main/0/match/cookies/a", "/routes/main/0/action/types"})
    void otherPatternsAreNotEncoded(String pointer) {
        List.of("%", "%4", "%zz", "~%").forEach(good -> Whole.accepted(pointer, Conf.of(good)));
    }

    @ParameterizedTest
    @CsvSource({"headers, true", "cookies, true", "arguments, false"})
    void namesOfPatternObjects(String option, boolean percent) {
        String pointer = "/routes/main/0/match/" + option;
        assertEquals("The \"match\" pattern objects must not contain empty member names.",
            Whole.with(pointer, "{\"a\": \"b\", \"\": \"c\"}").orElseThrow().detail());
        assertEquals("The \"match\" pattern objects must not contain empty member names.",
            Whole.with(pointer, "[{\"a\": \"b\"}, {\"\": \"c\"}]").orElseThrow().detail());
        Optional<Problem> broken = Whole.with(pointer, "{\"a%zz\": \"b\"}");
        assertEquals(percent, broken.isEmpty());
        broken.ifPresent(problem -> assertEquals(
            "The \"match\" pattern for \"arguments\" is encoded but is invalid.", problem.detail()));
        assertEquals(Optional.empty(), Whole.with(pointer, "[{\"a%20b\": \"c\"}, {}, {\"d+\": [\"!e\", \"f*\"]}]"));
        String text = option.equals("arguments") ? "The \"match\" pattern for \"arguments\" must be an object."
            : "The \"match\" patterns for \"" + option + "\" must be objects.";
        for (String wrong : List.of("1", "\"a\"", "null", "[]")) {
            Problem problem = Whole.with(pointer, "[{}, " + wrong + "]").orElseThrow();
            assertEquals(text, problem.detail());
            assertEquals(pointer + "/1", problem.path().toString());
        }
    }

    /** RFC 9110 §5.6.2, one character at a time. */
    @Test
    void namesOfHeadersAreTokens() {
        String token = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
        for (int c = 0; c < 0x100; c++) {
            String name = "X" + (char) c;
            String pointer = ConfPointer.parse(HEADERS).child(name).toString();
            Optional<Problem> problem = Whole.with(pointer, Conf.of("v"));
            assertEquals(token.indexOf(c) >= 0, problem.isEmpty(), name);
            problem.ifPresent(told ->
                assertEquals("The response header name \"" + name + "\" is invalid.", told.detail()));
        }
        assertEquals("The response header name must not be empty.",
            Whole.with(HEADERS + "/", Conf.of("v")).orElseThrow().detail());
        for (String length : List.of("Content-Length", "content-length", "CONTENT-LENGTH")) {
            assertEquals("The \"Content-Length\" response header value is not supported",
                Whole.with(HEADERS + "/" + length, Conf.of("1")).orElseThrow().detail());
        }
        assertEquals("The \"Transfer-Encoding\" response header value is not supported",
            Whole.with(HEADERS + "/transfer-encoding", Conf.of("chunked")).orElseThrow().detail());
        Whole.accepted(HEADERS + "/Content-Lengths", Conf.of("1"));
    }

    @Test
    void valuesOfHeadersHaveNoControls() {
        for (int c = 0; c < 0x100; c++) {
            boolean good = c == '\t' || c >= ' ' && c != 0x7F;
            for (String text : List.of("a" + (char) c, (char) c + "", "$uri" + (char) c + "b")) {
                if (text.contains("$") && "_".indexOf(c) >= 0 || text.equals("$") || text.equals("a$")
                    || text.equals("`") || text.startsWith("$uri") && (Character.isLetter(c) && c < 0x80 || c == '$')) {
                    continue;
                }
                Optional<Problem> problem = Whole.with(HEADERS + "/A", Conf.of(text));
                assertEquals(good, problem.isEmpty(), () -> text + " " + problem);
                problem.ifPresent(told -> assertEquals(
                    "The \"A\" response header value must not contain control characters.", told.detail()));
            }
        }
        Whole.accepted(HEADERS + "/A", Conf.of(""));
        Whole.accepted(HEADERS + "/A", Schemas.parse("null"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        48  | -
        80  | -
        0   | Invalid length 0 of
        1   | Invalid length 1 of
        47  | Invalid length 47 of
        49  | Invalid length 49 of
        64  | Invalid length 64 of
        79  | Invalid length 79 of
        81  | Invalid length 81 of
        """)
    void ticketKeys(int length, String problem) {
        String pointer = "/listeners/*:80/tls/session/tickets";
        String key = Base64.getEncoder().encodeToString(new byte[length]);
        Optional<Problem> found = Whole.with(pointer, Conf.of(key));
        assertEquals(problem.equals("-") ? Optional.empty() : Optional.of(problem + " the ticket key \"" + key
            + "\".  Must be 48 or 80 bytes."), found.map(Problem::detail));
        Optional<Problem> element = Whole.with(pointer, "[\"" + key + "\"]");
        assertEquals(found.map(Problem::detail), element.map(Problem::detail));
    }

    @ParameterizedTest
    @ValueSource(strings = {"?", "A", "AAA=A", "A===", "AA AA", "-_-_", "\u00e9"})
    void ticketKeysAreBase64(String key) {
        Whole.refused("/listeners/*:80/tls/session/tickets", Conf.of(key),
            "Invalid Base64 format for the ticket key \"" + key + "\".");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        ``      | The environment name must not be empty.
        =       | The environment name must not contain '=' character.
        A=      | The environment name must not contain '=' character.
        A=B     | The environment name must not contain '=' character.
        A       | -
        a b     | -
        1       | -
        \u00e9  | -
        """)
    void namesOfEnvironments(String name, String detail) {
        String pointer = ConfPointer.parse("/applications/py/environment").child(name).toString();
        assertEquals(detail, Whole.with(pointer, Conf.of("v")).map(Problem::detail).orElse("-"));
        String nul = ConfPointer.parse("/applications/py/environment").child("a\0").toString();
        assertEquals("The environment name must not contain null character.",
            Whole.with(nul, Conf.of("v")).orElseThrow().detail());
        assertEquals("The \"A\" environment value must not contain null character.",
            Whole.with("/applications/py/environment/A", Conf.of("\0")).orElseThrow().detail());
        Whole.accepted("/applications/py/environment/A", Conf.of(""));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        ``          | required
        /           | required
        a           | required
        a/b         | required
        ./a         | required
        ` /a`       | required
        //          | resolves
        ///         | resolves
        /.          | resolves
        /./.        | resolves
        /..         | resolves
        /a/..       | resolves
        /a/../      | resolves
        /../..      | resolves
        /a/b/../..  | resolves
        /a/b/../../.. | resolves
        /a          | -
        /a/         | -
        //a         | -
        /a/b        | -
        /a/../b     | -
        /../a       | -
        /.a         | -
        /...        | -
        /a b        | -
        """)
    void roots(String path, String problem) {
        String begin = "The \"rootfs\" path \"" + path + "\" is invalid; ";
        switch (problem) {
            case "required" -> Whole.refused("/applications/py/isolation/rootfs", Conf.of(path),
                begin + "an absolute path other than \"/\" is required.");
            case "resolves" -> Whole.refused("/applications/py/isolation/rootfs", Conf.of(path),
                begin + "it resolves to \"/\".");
            default -> Whole.accepted("/applications/py/isolation/rootfs", Conf.of(path));
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        ``      | false
        ..      | false
        ../a    | false
        a/..    | false
        a/../b  | false
        /..     | false
        /a/..   | false
        a       | true
        /a      | true
        a/b     | true
        /       | true
        a..     | true
        ..a     | true
        a/..b   | true
        .       | true
        a b     | true
        """)
    void controlGroups(String path, boolean good) {
        String pointer = "/applications/py/isolation/cgroup/path";
        if (good) {
            Whole.accepted(pointer, Conf.of(path));
        } else {
            Whole.refused(pointer, Conf.of(path), "The cgroup path \"" + path + "\" is invalid.");
        }
        String longest = "x".repeat(4095);
        Whole.accepted(pointer, Conf.of(longest));
        Whole.refused(pointer, Conf.of(longest + "x"), "The cgroup path \"" + longest + "x\" is too long.");
        String wide = "\u00e9".repeat(2048);
        Whole.refused(pointer, Conf.of(wide), "The cgroup path \"" + wide + "\" is too long.");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        {"a/b": ".x", "c/d": ".y"}            | -
        {"a/b": [".x", ".y"], "c/d": []}      | -
        {"a/b": [".x", ".x"]}                 | .x a/b a/b
        {"a/b": ".x", "c/d": ".x"}            | .x a/b c/d
        {"a/b": ".x", "c/d": ".X"}            | .X a/b c/d
        {"a/b": ".X", "c/d": [".y", ".x"]}    | .x a/b c/d
        {"a/b": "README", "c/d": "readme"}    | readme a/b c/d
        {"a/b": "x", "c/d": ".x"}             | -
        """)
    void extensionsAreDeclaredOnce(String types, String problem) {
        String[] words = problem.split(" ");
        assertEquals(problem.equals("-") ? Optional.empty() : Optional.of("The \"" + words[0] + "\" file extension has "
            + "been declared for \"" + words[1] + "\" and \"" + words[words.length - 1]
            + "\" MIME types at the same time."),
            Whole.with("/settings/http/static/mime_types", types).map(Problem::detail));
    }

    @Test
    void lists() {
        assertEquals("a", Words.list(List.of("a")));
        assertEquals("a or b", Words.list(List.of("a", "b")));
        assertEquals("a, b, or c", Words.list(List.of("a", "b", "c")));
        assertEquals("\"a\", \"b\", \"c\", or \"d\"", Words.quotedList(List.of("a", "b", "c", "d")));
        assertEquals("a string", Kind.expected(EnumSet.of(Kind.STRING)));
        assertEquals("either a null or an object", Kind.expected(EnumSet.of(Kind.OBJECT, Kind.NULL)));
        assertEquals("either a null, a boolean, an integer number, a fractional number, a string, an array, or an "
            + "object", Kind.expected(EnumSet.allOf(Kind.class)));
        assertEquals("n v n {x}", Words.fill("{name} {value} {name} {x}", "n", "v"));
        assertEquals("{value}-{name}", Words.fill("{name}-{value}", "{value}", "{name}"), "not filled again");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "-", textBlock = """
        listners      | listeners
        listener      | listeners
        aplications   | applications
        applicaitons  | applications
        route         | routes
        Routes        | routes
        rotues        | routes
        upstream      | upstreams
        acces_log     | access_log
        access-log    | access_log
        seting        | settings
        SETTINGS      | -
        x             | -
        rou           | -
        quite_another | -
        """)
    void unknownNamesAreGuessed(String name, String meant) {
        Problem problem = Whole.with("/" + name, "{}").orElseThrow();
        assertEquals("Unknown parameter \"" + name + "\".", problem.detail());
        assertEquals(Optional.ofNullable(meant), problem.suggestion());
        assertEquals("", problem.path().toString());
    }

    @Test
    void guessesTakeNoTime() {
        assertEquals(Optional.empty(), Words.nearest("x".repeat(1_000_000), List.of("listeners")));
        assertTrue(Words.nearest("listener" + "s".repeat(56), List.of("listeners")).isEmpty());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        py  | module          | /applications/py
        php | root            | /applications/php
        ex  | executable      | /applications/ex
        pl  | script          | /applications/pl
        rb  | script          | /applications/rb
        jv  | webapp          | /applications/jv
        wa  | module          | /applications/wa
        wa  | request_handler | /applications/wa
        wa  | malloc_handler  | /applications/wa
        wa  | free_handler    | /applications/wa
        wc  | component       | /applications/wc
        """)
    void neededMembers(String app, String member, String path) {
        Problem problem = Whole.without(path + "/" + member).orElseThrow();
        assertEquals("Required parameter \"" + member + "\" is missing.", problem.detail());
        assertEquals(path, problem.path().toString());
        assertEquals("Application must have the \"type\" property set.",
            Whole.without("/applications/" + app + "/type").orElseThrow().detail());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        pt  | module   | "m"
        pt  | callable | "c"
        pt  | factory  | true
        pt  | prefix   | "/p"
        pht | root     | "/r"
        pht | script   | "s"
        pht | index    | "i"
        """)
    void targetsExcludeWhatTheyHaveThemselves(String app, String member, String value) {
        Whole.refused("/applications/" + app + "/" + member, Schemas.parse(value),
            "The \"" + member + "\" option is mutually exclusive with the \"targets\" object.");
    }

    @Test
    void anApplicationLeftOutIsNotTested() {
        Facts out = new Facts() {
            @Override
            public ModuleTypes modules() {
                return type -> false;
            }

            @Override
            public boolean leftOut(String application) {
                return application.equals("gone");
            }
        };
        Schema schema = Schemas.load().current();
        assertEquals(Optional.empty(), schema.validate(Schemas.parse("{\"applications\": {\"gone\": {\"type\": "
            + "\"cobol\", \"x\": 1}}, \"listeners\": {\"*:80\": {\"pass\": \"applications/gone\"}}}"), out));
        assertTrue(schema.validate(Schemas.parse("{\"applications\": {\"here\": {\"type\": \"cobol\"}}}"), out)
            .isPresent());
        assertEquals("The \"gone\" value must be an object, but not an integer number.",
            schema.validate(Schemas.parse("{\"applications\": {\"gone\": 5}}"), out).orElseThrow().detail());
    }

    @Test
    void certificates() {
        for (String[] row : new String[][] {
            {"certificate", "badname", "Certificate \"badname\" is not found."},
            {"certificate", "trusted", "Certificate \"trusted\" has no private key; it is a bundle of authorities."},
            {"client/ca", "badname", "Certificate \"badname\" is not found."}}) {
            Whole.refused("/listeners/*:80/tls/" + row[0], Conf.of(row[1]), row[2]);
        }
        Whole.accepted("/listeners/*:80/tls/client/ca", Conf.of("trusted"));
    }
}
