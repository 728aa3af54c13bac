// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.conf.Conf;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfPointer;
import io.margay.conf.ConfWriter;
import io.margay.http.Fields;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What extensions are given while they compile, and what an action object may hold. */
class PlanContextTest {
    private static final String LISTENER = "'listeners': {'*:80': {'pass': 'routes'}}, ";

    private final List<String> events = new ArrayList<>();

    /** An action {@code probe} that is compiled by the test. */
    private Extensions.Builder probe(BiFunction<ConfObject, RouteCompiler, Action> compile, String... options) {
        return Site.extensions().add(new ActionFactory() {
            @Override
            public String option() {
                return "probe";
            }

            @Override
            public Set<String> options() {
                return options.length == 0 ? Set.of("probe") : Set.of(options);
            }

            @Override
            public Action compile(ConfObject action, RouteCompiler compiler) {
                return compile.apply(action, compiler);
            }
        }, Site.ORIGIN);
    }

    private static Action text(String text) {
        return e -> e.respond(200, Fields.NONE, text.getBytes(java.nio.charset.StandardCharsets.ISO_8859_1));
    }

    private Site site(Extensions.Builder extensions, String rest) {
        return new Site("{" + LISTENER + rest + "}", extensions);
    }

    @Test
    void anActionSeesItsObjectItsPlaceAndTheWhole() {
        site(probe((action, compiler) -> {
            events.add(compiler.at().toString());
            events.add(ConfWriter.compactText(action));
            events.add(compiler.member("probe").map(ConfWriter::compactText).orElse("-"));
            events.add(compiler.member("absent").isPresent() + "");
            events.add(compiler.member("nothing").isPresent() + " null is absent");
            events.add(compiler.settings().integer("idle_timeout", 0) + "");
            events.add(compiler.configuration().has("listeners") + "");
            events.add(compiler.child("x").child("y").at().toString());
            return text("a");
        }, "probe", "nothing"), "'settings': {'http': {'idle_timeout': 7}}, 'routes': [{'action': {'text': 'x'}}, "
            + "{'action': {'probe': [1], 'nothing': null}}]");
        assertEquals(List.of("/routes/1/action", "{\"probe\":[1],\"nothing\":null}", "[1]", "false",
            "false null is absent", "7", "true", "/routes/1/action/x/y"), events);
    }

    @Test
    void withoutSettingsThereIsAnEmptyObject() {
        site(probe((action, compiler) -> {
            assertSame(ConfObject.EMPTY, compiler.settings());
            return text("a");
        }), "'routes': [{'action': {'probe': 1}}]");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        applications/x     | app x /
        applications/x/y   | app x/y /
        $arg_a             | app z /
        routes/other       | other /
        """)
    void anActionMayPassOn(String destination, String answer) {
        Site site = new Site("{'listeners': {'*:80': {'pass': 'routes/main'}}, 'routes': {'main': "
            + "[{'action': {'probe': '" + destination + "'}}], 'other': [{'action': {'text': 'other'}}]}}",
            probe((action, compiler) -> compiler.pass("probe", action.string("probe").orElseThrow())));
        assertEquals(answer, site.get("/?a=applications/z"));
    }

    @Test
    void anActionMayHoldOthers() {
        Site site = site(probe((action, compiler) -> {
            Action other = compiler.action("fallback", action.object("fallback").orElseThrow());
            return e -> {
                if (e.request().hasQuery()) {
                    other.run(e);
                } else {
                    text("own").run(e);
                }
            };
        }, "probe", "fallback"), "'routes': [{'action': {'probe': 1, 'fallback': {'rewrite': '/new', 'text': 'f'}}}]");
        assertEquals("own", site.get("/"));
        assertEquals("f /new", site.get("/?q"));
    }

    /** Whose fault it is, and where. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        template  | /routes/0/action/probe          | Unknown variable "x" in the "probe" value.
        patterns  | /routes/0/action/probe          | The "match" pattern must not contain double "*" markers.
        pass      | /routes/0/action/probe          | Request "pass" points to invalid location "routes/none".
        action    | /routes/0/action/inner          | The "action" object must have either "pass", "return", "share", \
        "proxy", "probe", or "text" option set.
        error     | /routes/0/action/probe          | mine
        own error | /routes/0/action                | mine
        child     | /routes/0/action/a/b            | mine
        throws    | /routes/0/action                | The bundle test failed to compile "probe": \
        java.lang.IllegalStateException: oh
        linkage   | /routes/0/action                | The bundle test failed to compile "probe": \
        java.lang.NoClassDefFoundError: oh
        overflow  | /routes/0/action                | The bundle test failed to compile "probe": \
        java.lang.StackOverflowError
        null      | /routes/0/action                | The bundle test compiled "probe" to nothing.
        """)
    void faultsOfExtensionsHaveTheirPlace(String fault, String pointer, String reason) {
        Extensions.Builder extensions = probe((action, compiler) -> switch (fault) {
            case "template" -> evaluated(compiler.template("probe", "$x"));
            case "patterns" -> matched(compiler.patterns("probe", Conf.of("a**")));
            case "pass" -> compiler.pass("probe", "routes/none");
            case "action" -> compiler.action("inner", ConfObject.EMPTY);
            case "error" -> throw compiler.error("probe", "mine");
            case "own error" -> throw compiler.error("", "mine");
            case "child" -> throw compiler.child("a").error("b", "mine");
            case "throws" -> throw new IllegalStateException("oh");
            case "linkage" -> throw new NoClassDefFoundError("oh");
            case "overflow" -> throw new StackOverflowError();
            default -> null;
        });
        RouteException e = assertThrows(RouteException.class,
            () -> site(extensions, "'routes': [{'action': {'probe': 1}}]"));
        assertEquals(reason, e.getMessage());
        assertEquals(pointer, e.pointer());
    }

    private static Action evaluated(Template template) {
        return e -> e.respond(200, Fields.NONE, template.evaluate(e).toByteArray());
    }

    private static Action matched(TextMatch match) {
        return e -> text(match.test(e.request().query()) ? "yes" : "no").run(e);
    }

    @Test
    void patternsIgnoreCaseAndTemplatesDoWhatTheyDo() {
        Site site = site(probe((action, compiler) -> {
            TextMatch match = compiler.patterns("probe", action.get("probe").orElseThrow());
            return matched(match);
        }), "'routes': [{'action': {'probe': ['A*', '!ab']}}]");
        assertEquals("yes", site.get("/?abc"));
        assertEquals("yes", site.get("/?ABC"));
        assertEquals("no", site.get("/?Ab"));
        assertEquals("no", site.get("/?b"));
        Site template = site(probe((action, compiler) -> evaluated(compiler.template("probe", "<$uri>"))),
            "'routes': [{'action': {'probe': 1}}]");
        assertEquals("</a>", template.get("/a"));
    }

    /** What a plan owns is closed once, in reverse order, also when the plan is refused. */
    @ParameterizedTest
    @ValueSource(strings = {"closed", "refused", "a close that throws"})
    void whatIsOwnedIsClosed(String how) {
        Extensions.Builder extensions = probe((action, compiler) -> {
            for (String name : List.of("1", "2", "3")) {
                compiler.own(() -> {
                    events.add(name);
                    if (how.startsWith("a close") && name.equals("2")) {
                        throw new IllegalStateException("cannot");
                    }
                });
            }
            return text("a");
        });
        List<String> lines = new ArrayList<>();
        ConfObject conf = Site.conf("{" + LISTENER + "'routes': [{'action': {'probe': 1}}"
            + (how.equals("refused") ? ", {'action': {}}" : "") + "]}");
        RoutePlan.Builder builder = RoutePlan.with(extensions.build(), (level, line) -> lines.add(line));
        if (how.equals("refused")) {
            assertThrows(RouteException.class, () -> builder.compile(conf));
        } else {
            RoutePlan plan = builder.compile(conf);
            assertEquals(List.of(), events);
            plan.close();
            plan.close();
        }
        assertEquals(List.of("3", "2", "1"), events);
        assertEquals(how.startsWith("a close") ? 1 : 0, lines.size());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        {'text': 'a'}                              | -                         | -
        {'text': 'a', 'fallback': {}}              | -                         | -
        {'text': 'a', 'rewrite': '/x'}             | -                         | -
        {'text': 'a', 'return': null}              | -                         | -
        {'text': 'a', 'unknown': null}             | -                         | -
        {'probe': 1, 'more': 2}                    | -                         | -
        {'pass': 'applications/x', 'rewrite': '/'} | -                         | -
        {'text': 'a', 'probe': 1}                  | /routes/0/action          | just one of
        {'text': 'a', 'pass': 'applications/x'}    | /routes/0/action          | just one of
        {'text': 'a', 'share': '/'}                | /routes/0/action          | just one of
        {}                                         | /routes/0/action          | either
        {'rewrite': '/x'}                          | /routes/0/action          | either
        {'more': 2}                                | /routes/0/action          | either
        {'text': null}                             | /routes/0/action          | either
        {'text': 'a', 'more': 2}                   | /routes/0/action          | Unknown parameter "more".
        {'pass': 'applications/x', 'more': 2}      | /routes/0/action          | Unknown parameter "more".
        {'pass': 'applications/x', 'fallback': {}} | /routes/0/action          | Unknown parameter "fallback".
        {'text': 'a', 'x': 1}                      | /routes/0/action/x        | No installed bundle supports "x".
        {'text': 'a', 'response_headers': {}}      | /routes/0/action/response_headers | No installed bundle supports \
        "response_headers".
        {'share': '/'}                             | /routes/0/action/share    | No installed bundle supports "share".
        {'proxy': 'http://x'}                      | /routes/0/action/proxy    | No installed bundle supports "proxy".
        {'return': 200}                            | /routes/0/action/return   | No installed bundle supports "return".
        """)
    void membersOfActions(String action, String pointer, String reason) {
        Extensions.Builder extensions = probe((object, compiler) -> text("p"), "probe", "more");
        String rest = "'routes': [{'action': " + action + "}]";
        if (pointer.equals("-")) {
            assertFalse(site(extensions, rest).get("/").isEmpty());
            return;
        }
        RouteException e = assertThrows(RouteException.class, () -> site(extensions, rest));
        assertEquals(pointer, e.pointer());
        String names = " \"pass\", \"return\", \"share\", \"proxy\", \"probe\", or \"text\" option";
        assertEquals(switch (reason) {
            case "either" -> "The \"action\" object must have either" + names + " set.";
            case "just one of" -> "The \"action\" object must have just one of" + names + "s set.";
            default -> reason;
        }, e.getMessage());
    }

    /** What an action throws at a request concerns that request only, and is told with the name of the bundle. */
    @ParameterizedTest
    @ValueSource(strings = {"runtime", "linkage", "overflow"})
    void anActionThatThrowsAnswers500(String kind) {
        Site site = site(probe((action, compiler) -> e -> {
            switch (kind) {
                case "runtime" -> throw new IllegalStateException("oh");
                case "linkage" -> throw new NoClassDefFoundError("oh");
                default -> throw new StackOverflowError();
            }
        }), "'routes': [{'match': {'uri': '/bad'}, 'action': {'probe': 1}}, {'action': {'text': 'good'}}]");
        assertEquals("500", site.get("/bad"));
        assertEquals("good /x", site.get("/x"));
        assertEquals(1, site.lines().size());
        assertTrue(site.lines().getFirst().startsWith("alert \"probe\" of the bundle test failed: java.lang."),
            site.lines()::toString);
        // Each request is answered; the log is told once a second.
        for (int i = 0; i < 50; i++) {
            assertEquals("500", site.get("/bad"));
        }
        assertTrue(site.lines().size() < 10, () -> site.lines().size() + " lines");
    }

    /** Observers hear of the end of each request, with the times of its stations. */
    @Test
    void observersHearOfEachEnd() {
        ObserverFactory factory = new ObserverFactory() {
            @Override
            public String pointer() {
                return "";
            }

            @Override
            public Optional<Observer> compile(Optional<Conf> value, SectionContext context) {
                events.add("compiled " + value.isPresent() + " " + context.at() + " " + context.previous().isPresent()
                    + context.isLeftOut(ConfPointer.ROOT));
                return Optional.of((exchange, complete) -> events.add(exchange.request().path() + " "
                    + exchange.status() + " " + complete + " "
                    + exchange.timings().has(io.margay.http.Timings.Stage.ROUTE)));
            }
        };
        ObserverFactory thrower = new ObserverFactory() {
            @Override
            public String pointer() {
                return "";
            }

            @Override
            public Optional<Observer> compile(Optional<Conf> value, SectionContext context) {
                return Optional.of((exchange, complete) -> {
                    throw new IllegalStateException("cannot observe");
                });
            }
        };
        Site site = site(probe((action, compiler) -> e -> {
            e.start(200, Fields.NONE, 5);
            e.abort();
        }).add(thrower, Site.ORIGIN).add(factory, new Extensions.Origin(2, "second")), "'routes': [{'match': {'uri': "
            + "'/cut'}, 'action': {'probe': 1}}, {'match': {'uri': '/a'}, 'action': {'text': 'a'}}]");
        site.get("/a");
        site.get("/none");
        site.ask("GET /cut HTTP/1.1\r\n\r\n");
        assertEquals(List.of("compiled false  falsefalse", "/a 200 true true", "/none 404 true false",
            "/cut 200 false true"), events);
        assertTrue(site.lines().getFirst().contains("of the bundle test failed: java.lang.IllegalStateException: cannot"
            + " observe"), site.lines()::toString);
    }
}
