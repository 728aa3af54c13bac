// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.conf.Conf;
import io.margay.conf.ConfPointer;
import io.margay.http.Exchange;
import io.netty.util.AsciiString;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Templates in another language: compiled by its section, contained when they fail ({@code spec/routing.md §6.5}). */
class ScriptTemplateTest {
    private final List<String> compiled = new ArrayList<>();

    /** A language that repeats what stands between backticks; {@code bad} is no script, {@code throw} always fails. */
    private final class Language implements SectionFactory {
        @Override
        public String pointer() {
            return "/settings/js_module";
        }

        @Override
        public boolean first() {
            return true;
        }

        @Override
        public Section compile(Optional<Conf> value, SectionContext context) {
            return new Repeater();
        }
    }

    private final class Repeater implements TemplateLanguage {
        @Override
        public void close() {
            // It holds nothing.
        }

        @Override
        public Script compile(String text) {
            compiled.add(text);
            if (text.contains("bad")) {
                throw new TemplateException("SyntaxError: bad");
            }
            return new Script() {
                @Override
                public AsciiString evaluate(Exchange exchange) {
                    if (text.contains("throw")) {
                        throw new TemplateException("Error: thrown");
                    }
                    return Bytes.of(text.substring(1, text.length() - 1).replace("URI",
                        exchange.request().path().toString()));
                }

                @Override
                public boolean readsResponse() {
                    return text.contains("response");
                }
            };
        }
    }

    private Site site(String steps) {
        return new Site("{'listeners': {'*:80': {'pass': 'routes'}}, 'routes': [" + steps + "]}",
            Site.extensions().add(new Language(), Site.ORIGIN));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        `a`            | a /p
        `<URI>`        | </p> /p
        a `b`          | a `b` /p
        ` $uri `       | ' $uri  /p'
        $uri`          | /p` /p
        """)
    void onlyTheFirstCharacterDecides(String text, String answer) {
        assertEquals(answer, site("{'action': {'text': '" + text + "'}}").get("/p"));
        assertEquals(text.startsWith("`") ? List.of(text) : List.of(), compiled);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        {'action': {'text': '`bad`'}}                           | /routes/0/action/text | text
        {'action': {'rewrite': '`bad`', 'text': ''}}            | /routes/0/action/rewrite | rewrite
        {'action': {'pass': '`bad`'}}                           | /routes/0/action/pass | pass
        {'match': {'if': '`bad`'}, 'action': {'text': ''}}      | /routes/0/match/if | if
        {'match': {'if': '!`bad`'}, 'action': {'text': ''}}     | /routes/0/match/if | if
        """)
    void whatIsNoScriptIsBlamedWhereItStands(String step, String pointer, String option) {
        RouteException e = assertThrows(RouteException.class, () -> site(step));
        assertEquals("SyntaxError: bad in the \"" + option + "\" value.", e.getMessage());
        assertEquals(pointer, e.pointer());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        {'action': {'text': '`throw`'}}                         | text | /routes/0/action/text
        {'action': {'rewrite': '`throw`', 'text': 'x'}}         | rewrite | /routes/0/action/rewrite
        {'action': {'pass': '`throw`'}}                         | pass | /routes/0/action/pass
        {'match': {'if': '`throw`'}, 'action': {'text': 'x'}}   | if | /routes/0/match/if
        {'match': {'if': '!`throw`'}, 'action': {'text': 'x'}}  | if | /routes/0/match/if
        """)
    void whatFailsIsToldOnceAndIsA500(String step, String option, String pointer) {
        Site site = site(step);
        for (int i = 0; i < 5; i++) {
            assertEquals("500", site.get("/"));
        }
        List<String> told = site.lines().stream().filter(line -> line.contains("js exception")).toList();
        assertEquals("alert js exception: Error: thrown in the \"" + option + "\" value (" + pointer + ")",
            told.getFirst());
        assertTrue(told.size() < 5, "once a second: " + told.size());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        `true`       | true
        ``           | false
        `0`          | false
        `00`         | true
        `false`      | false
        `False`      | true
        `null`       | false
        `undefined`  | false
        `URI`        | true
        !`true`      | false
        !``          | true
        !`undefined` | true
        !            | true
        !!           | false
        !0           | true
        0            | false
        00           | true
        ' '          | true
        """)
    void conditions(String condition, boolean holds) {
        String answer = site("{'match': {'if': '" + condition + "'}, 'action': {'text': 'yes'}}").get("/p");
        assertEquals(holds ? "yes /p" : "404", answer, "spec/routing.md §6.4");
    }

    @Test
    void aScriptMayNameTheDestinationAndThePath() {
        assertEquals("app one /new/p", site("{'action': {'rewrite': '`/newURI`', 'pass': '`applications/one`'}}")
            .get("/p"));
        assertEquals("404", site("{'action': {'pass': '`applications/none`'}}").get("/p"));
        assertEquals("404", site("{'action': {'pass': '``'}}").get("/p"));
        assertEquals("404", site("{'action': {'pass': '`a/b/c/d`'}}").get("/p"));
    }

    @Test
    void whatAsksForTheResponseSaysSo() {
        TemplateCompiler templates = new TemplateCompiler((level, line) -> { });
        ConfPointer at = ConfPointer.ROOT.child("x");
        assertEquals("JavaScript templates are not supported in the \"x\" value.",
            assertThrows(RouteException.class, () -> templates.compile("`a`", "x", at)).getMessage());
        templates.language(new Repeater());
        assertTrue(templates.compile("`response`", "x", at).readsResponse());
        assertEquals(false, templates.compile("`a`", "x", at).readsResponse());
        assertEquals(false, templates.compile("`a`", "x", at).isConstant());
        assertEquals(true, templates.compile("a", "x", at).isConstant());
        assertEquals(true, templates.condition("!a", "x", at).negated());
        assertEquals(false, templates.condition("a!", "x", at).negated());
    }

    // ---- lines are told with measure ----------------------------------

    @Test
    void oneASecondPasses() {
        Throttle throttle = new Throttle();
        int passed = 0;
        long until = System.nanoTime() + 1_000_000;
        for (int i = 0; i < 1000 || System.nanoTime() < until; i++) {
            passed += throttle.passes() ? 1 : 0;
        }
        assertTrue(passed == 1 || System.nanoTime() - until > 900_000_000L, "passed " + passed);
    }
}
