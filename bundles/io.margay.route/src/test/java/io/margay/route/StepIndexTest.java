// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The index of long routes answers as the walk over all steps does. */
class StepIndexTest {
    private static final List<String> HOSTS = List.of("'a.x'", "'B.x'", "'*.x'", "['a.x', 'c.x']", "['!a.x']",
        "['b.x', '!*.y']", "'~^c'", "''", "[]");
    private static final List<String> PATHS = List.of("'/a/*'", "'/a'", "'/a/b/*'", "['/a/*', '/b*']", "'*'", "'!/a*'",
        "'~b$'", "'/a*c'", "'*c'", "'/%61/b'", "['/b/*', '*.php']", "''");
    private static final List<String> OTHERS = List.of("'method': 'GET'", "'method': 'POST'", "'if': '$arg_i'",
        "'headers': {'X': 'y'}", "'headers': {'X': '~(a|aa)+$'}", "'query': 'i=*'", "'scheme': 'http'");

    private static String match(Random random) {
        List<String> parts = new ArrayList<>();
        if (random.nextInt(3) > 0) {
            parts.add("'host': " + HOSTS.get(random.nextInt(HOSTS.size())));
        }
        if (random.nextInt(2) > 0) {
            parts.add("'uri': " + PATHS.get(random.nextInt(PATHS.size())));
        }
        if (random.nextInt(3) == 0) {
            parts.add(OTHERS.get(random.nextInt(OTHERS.size())));
        }
        // Hardly any step for all requests: else nothing behind it is ever tested.
        return parts.isEmpty() && random.nextInt(20) > 0 ? "'host': 'none'" : String.join(", ", parts);
    }

    /** The same steps are walked through one by one when their choice is logged. */
    @Test
    void theFirstStepThatMatchesIsFound() {
        Random random = new Random(20261127);
        int found = 0;
        int failed = 0;
        for (int round = 0; round < 20; round++) {
            StringBuilder steps = new StringBuilder();
            for (int i = 0; i < 20 + random.nextInt(60); i++) {
                steps.append(i == 0 ? "" : ", ").append("{'match': {").append(match(random)).append('}')
                    .append(random.nextInt(10) == 0 ? ", 'enabled': false" : "")
                    .append(", 'action': {'text': 's").append(i).append("'}}");
            }
            String config = "{'listeners': {'*:80': {'pass': 'routes'}}, 'routes': [" + steps + "]";
            Site indexed = new Site(config + "}");
            Site walked = new Site(config + ", 'settings': {'http': {'log_route': true}}}");
            for (int i = 0; i < 30; i++) {
                String host = List.of("a.x", "b.x", "c.x", "d.x", "none", "a.y").get(random.nextInt(6));
                String target = List.of("/a", "/a/", "/a/b/c", "/b", "/b/x.php", "/", "/ab", "/a/b/", "/%62b")
                    .get(random.nextInt(9)) + (random.nextInt(3) == 0 ? "?i=1" : "");
                String field = random.nextInt(4) == 0 ? "X: " + "a".repeat(3000) + "b" : "X: y";
                String expected = walked.get(target, "Host: " + host, field);
                assertEquals(expected, indexed.get(target, "Host: " + host, field),
                    () -> host + " " + target + " " + field.length() + " " + config);
                found += expected.startsWith("s") ? 1 : 0;
                failed += expected.equals("500") ? 1 : 0;
            }
        }
        assertTrue(found > 100, "found " + found);
        assertTrue(failed > 3, "failed " + failed);
    }

    @ParameterizedTest
    @CsvSource({"h0.x, /x, s0", "h1.x, /x, s1", "H9999.X, /x, s9999", "h10000.x, /x, 404", "'', /x, 404",
        "h5.x.y, /p, 404"})
    void hosts(String host, String target, String step) {
        assertEquals(step, first(site("'host': 'h%d.x'").get(target, "Host: " + host)));
    }

    @ParameterizedTest
    @CsvSource({"/p0/x, s0", "/p17/, s17", "/p9999/a/b, s9999", "/p9999, 404", "/p1x/, 404", "/, 404", "/p, 404"})
    void beginnings(String target, String step) {
        assertEquals(step, first(site("'uri': '/p%d/*'").get(target, "Host: h")));
    }

    private static String first(String answer) {
        return answer.split(" ")[0];
    }

    private static Site site(String match) {
        StringBuilder steps = new StringBuilder();
        for (int i = 0; i < 10_000; i++) {
            steps.append(i == 0 ? "" : ",").append("{'match': {").append(match.formatted(i))
                .append("}, 'action': {'text': 's").append(i).append("'}}");
        }
        return Site.steps(steps.toString());
    }

    /** A hostile value costs each request a bounded time, and the log one line. */
    @Test
    void whatCannotBeMatchedIsToldOnce() {
        Site site = Site.steps("{'match': {'uri': '~^/(a|aa)+$'}, 'action': {'text': 'x'}}");
        for (int i = 0; i < 5; i++) {
            assertEquals("500", site.get("/" + "a".repeat(3000) + "b", "Host: h"));
        }
        List<String> told = site.lines().stream().filter(line -> line.contains("could not be matched")).toList();
        assertTrue(!told.isEmpty() && told.size() < 5, told.toString());
        assertTrue(told.getFirst().contains("\"routes/0\" could not be matched: the regular expression"),
            told.toString());
    }
}
