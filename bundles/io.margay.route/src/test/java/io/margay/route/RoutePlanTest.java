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
import io.margay.log.ErrorLog;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The life of a plan, and what nobody claims. */
class RoutePlanTest {
    private static final String LISTENER = "'listeners': {'*:80': {'pass': 'routes'}}, 'routes': "
        + "[{'action': {'text': 'a'}}]";

    private final List<String> events = new ArrayList<>();
    private final List<String> lines = new ArrayList<>();
    private final ErrorLog log = (level, text) -> lines.add(level.word() + " " + text);
    private final Map<String, CompletableFuture<Void>> starts = new HashMap<>();
    private final Deque<Runnable> control = new ArrayDeque<>();

    /** Tells each event; starts when the test says so. */
    private SectionFactory section(String pointer) {
        return new SectionFactory() {
            @Override
            public String pointer() {
                return pointer;
            }

            @Override
            public Section compile(Optional<Conf> value, SectionContext context) {
                events.add("compile " + pointer + value.map(v -> " with " + v).orElse(""));
                context.own(() -> events.add("own " + pointer));
                return new Section() {
                    @Override
                    public CompletionStage<Void> start() {
                        events.add("start " + pointer);
                        return starts.computeIfAbsent(pointer, p -> new CompletableFuture<>());
                    }

                    @Override
                    public void commit() {
                        events.add("commit " + pointer);
                    }

                    @Override
                    public void close() {
                        events.add("close " + pointer);
                    }
                };
            }
        };
    }

    private static Extensions.Builder text() {
        return Site.extensions();
    }

    private RoutePlan plan(Extensions extensions, String text) {
        return RoutePlan.compile(Site.conf("{" + text + "}"), extensions, Optional.empty(), log);
    }

    private List<String> events() {
        List<String> seen = List.copyOf(events);
        events.clear();
        return seen;
    }

    private void runControl() {
        for (Runnable task = control.poll(); task != null; task = control.poll()) {
            task.run();
        }
    }

    @Test
    void sectionsLiveInOrderAndEndInReverse() {
        RoutePlan plan = plan(text().add(section("/b"), Site.ORIGIN).add(section("/a"), Site.ORIGIN).build(),
            LISTENER + ", 'a': 1");
        assertEquals(List.of("compile /a with " + Site.conf("{'a': 1}").get("a").get(), "compile /b"), events());
        CompletionStage<Void> started = plan.start(control::add);
        assertEquals(List.of("start /a"), events());
        starts.get("/a").complete(null);
        assertEquals(List.of(), events(), "goes on with the control thread only");
        runControl();
        assertEquals(List.of("start /b"), events());
        starts.get("/b").complete(null);
        runControl();
        assertTrue(started.toCompletableFuture().isDone());
        plan.commit();
        assertEquals(List.of("commit /a", "commit /b"), events());
        plan.close();
        plan.close();
        assertEquals(List.of("close /b", "own /b", "close /a", "own /a"), events());
    }

    @Test
    void aFailedStartIsTheFailure() {
        RoutePlan plan = plan(text().add(section("/a"), Site.ORIGIN).add(section("/b"), Site.ORIGIN).build(), LISTENER);
        CompletableFuture<Void> started = plan.start(control::add).toCompletableFuture();
        starts.get("/a").completeExceptionally(new IllegalStateException("reason"));
        runControl();
        assertEquals("reason", assertThrows(CompletionException.class, started::join).getCause().getMessage());
        events();
        plan.close();
        assertEquals(List.of("close /b", "own /b", "close /a", "own /a"), events());
    }

    @Test
    void aPlanClosedWhileItStartsStartsNothingMore() {
        RoutePlan plan = plan(text().add(section("/a"), Site.ORIGIN).add(section("/b"), Site.ORIGIN).build(), LISTENER);
        CompletableFuture<Void> started = plan.start(control::add).toCompletableFuture();
        plan.close();
        events();
        starts.get("/a").complete(null);
        runControl();
        assertTrue(started.isCompletedExceptionally());
        assertEquals(List.of(), events());
    }

    @Test
    void whatWasMadeIsClosedWhenTheRestIsInvalid() {
        assertThrows(RouteException.class, () -> plan(text().add(section("/a"), Site.ORIGIN).build(),
            "'routes': [{'action': {'pass': 'routes/none'}}]"));
        assertEquals(List.of("compile /a", "close /a", "own /a"), events());
    }

    @Test
    void oneThatCannotCloseOrCommitStopsNoOther() {
        SectionFactory bad = new SectionFactory() {
            @Override
            public String pointer() {
                return "/bad";
            }

            @Override
            public Section compile(Optional<Conf> value, SectionContext context) {
                return new Section() {
                    @Override
                    public void commit() {
                        throw new IllegalStateException("not me");
                    }

                    @Override
                    public void close() {
                        throw new IllegalStateException("nor now");
                    }
                };
            }
        };
        RoutePlan plan = plan(text().add(section("/a"), Site.ORIGIN).add(section("/c"), Site.ORIGIN)
            .add(bad, new Extensions.Origin(5, "bad.bundle")).build(), LISTENER);
        events();
        plan.commit();
        plan.close();
        assertEquals(List.of("commit /a", "commit /c", "close /c", "own /c", "close /a", "own /a"), events());
        assertEquals(List.of("alert \"/bad\" of the bundle bad.bundle failed when it came into force: "
            + "java.lang.IllegalStateException: not me", "alert a part of a configuration could not be closed: "
            + "java.lang.IllegalStateException: nor now"), lines);
    }

    @Test
    void sectionsSeeTheirPredecessorsAndWhatIsLeftOut() {
        List<Optional<Section>> seen = new ArrayList<>();
        SectionFactory factory = new SectionFactory() {
            @Override
            public String pointer() {
                return "/s";
            }

            @Override
            public Section compile(Optional<Conf> value, SectionContext context) {
                seen.add(context.previous());
                assertTrue(context.isLeftOut(ConfPointer.parse("/s/x")));
                assertFalse(context.isLeftOut(ConfPointer.parse("/s/y")));
                return () -> { };
            }
        };
        Extensions extensions = text().add(factory, Site.ORIGIN).build();
        RoutePlan.Builder builder = RoutePlan.with(extensions, log).leaveOut(Set.of(ConfPointer.parse("/s/x"),
            ConfPointer.parse("/listeners/*:81")));
        RoutePlan first = builder.compile(Site.conf("{" + LISTENER + "}"));
        RoutePlan second = builder.previous(Optional.of(first)).compile(Site.conf(
            "{'listeners': {'*:80': {'pass': 'routes'}, '*:81': {'pass': 'routes'}}, 'routes': []}"));
        assertEquals(List.of(Optional.empty(), first.section("/s")), seen);
        assertEquals(Set.of("*:80"), second.addresses());
        assertSame(extensions, second.extensions());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {"'access_log': '/x' | /access_log | access_log",
        "'settings': {'http': {'compression': {'a': 1}}} | /settings/http/compression | compression",
        "'settings': {'http': {'static': {'a': 1}}} | /settings/http/static | static",
        "'settings': {'telemetry': {'a': 1}} | /settings/telemetry | telemetry",
        "'settings': {'js_module': 'x'} | /settings/js_module | js_module",
        "'upstreams': {'u': {'servers': {}}} | /upstreams | upstreams",
        "'listeners': {'*:80': {'pass': 'routes', 'forwarded': {'a': 1}}}, 'routes': [] | /listeners/*:80/forwarded "
            + "| forwarded",
        "'listeners': {'*:80': {'pass': 'applications/x'}}, 'applications': {'x': {}} | /applications | applications",
        "'routes': [{'action': {'text': 'a', 'limit': 1}}] | /routes/0/action/limit | limit",
        "'routes': [{'action': {'text': 'a'}, 'name': 1}] | /routes/0/name | name"})
    void whatNobodyClaimsIsRefused(String text, String pointer, String name) {
        RouteException e = assertThrows(RouteException.class, () -> plan(text().build(), text));
        assertEquals(pointer, e.pointer());
        assertEquals("No installed bundle supports \"" + name + "\".", e.getMessage());
    }

    /** As the validation sees it, which lets it pass. */
    @ParameterizedTest
    @ValueSource(strings = {"'upstreams': {}", "'settings': {'http': {'compression': {}}}",
        "'settings': {'telemetry': {}}", "'settings': {'js_module': []}", "'access_log': ''"})
    void whatIsEmptyAsksForNothing(String text) {
        plan(text().build(), text).close();
    }

    @Test
    void whatIsClaimedOrNullIsNot() {
        Extensions extensions = text().add(section("/access_log"), Site.ORIGIN)
            .add(section("/settings/telemetry"), Site.ORIGIN).host("/listeners/*/tls").build();
        plan(extensions, "'access_log': '/x', 'settings': {'telemetry': {'a': {'b': 1}}, 'js_module': null, 'http': "
            + "{'log_route': true, 'compression': null}}, 'upstreams': null, 'listeners': {'*:80': {'pass': 'routes', "
            + "'tls': {'certificate': 'x'}}}, 'routes': []").close();
    }

    @ParameterizedTest
    @CsvSource({"IllegalStateException, 'failed to compile \"/s\": java.lang.IllegalStateException: oh'",
        "NoClassDefFoundError, 'failed to compile \"/s\": java.lang.NoClassDefFoundError: oh'",
        "'', 'compiled \"/s\" to nothing.'"})
    void factoriesThatThrowAreNamed(String type, String reason) {
        SectionFactory bad = new SectionFactory() {
            @Override
            public String pointer() {
                return "/s";
            }

            @Override
            public Section compile(Optional<Conf> value, SectionContext context) {
                if (type.contains("Illegal")) {
                    throw new IllegalStateException("oh");
                } else if (!type.isEmpty()) {
                    throw new NoClassDefFoundError("oh");
                }
                return null;
            }
        };
        RouteException e = assertThrows(RouteException.class, () -> plan(text().add(section("/a"), Site.ORIGIN)
            .add(bad, new Extensions.Origin(5, "bad.bundle")).build(), LISTENER));
        assertEquals("The bundle bad.bundle " + reason, e.getMessage());
        assertEquals("/s", e.pointer());
        assertEquals(List.of("compile /a", "close /a", "own /a"), events());
    }

    @Test
    void kindsOfActionsAreListedWithUnitsFirst() {
        Extensions extensions = Extensions.builder().add(ExtensionsTest.action("zeta"), Site.ORIGIN)
            .add(ExtensionsTest.action("alpha"), Site.ORIGIN).add(ExtensionsTest.action("return"), Site.ORIGIN).build();
        RouteException none = assertThrows(RouteException.class, () -> plan(extensions, "'routes': [{'action': {}}]"));
        assertEquals("The \"action\" object must have either \"pass\", \"return\", \"share\", \"proxy\", \"alpha\", or "
            + "\"zeta\" option set.", none.getMessage());
        RouteException unit = assertThrows(RouteException.class, () -> plan(Extensions.NONE,
            "'routes': [{'action': {'pass': 'routes', 'share': 'x'}}]"));
        assertEquals("The \"action\" object must have just one of \"pass\", \"return\", \"share\", or \"proxy\" "
            + "options set.", unit.getMessage());
    }

    @Test
    void anOptionOfAnotherActionIsUnknownHere() {
        Extensions extensions = text().add(ExtensionsTest.action("share", "share", "index"), Site.ORIGIN).build();
        RouteException e = assertThrows(RouteException.class, () -> plan(extensions,
            "'routes': [{'action': {'text': 'a', 'index': 'x'}}]"));
        assertEquals("Unknown parameter \"index\".", e.getMessage());
    }

    @Test
    void anActionMayPassOn() {
        ActionFactory detour = new ActionFactory() {
            @Override
            public String option() {
                return "detour";
            }

            @Override
            public Set<String> options() {
                return Set.of("detour");
            }

            @Override
            public Action compile(ConfObject action, RouteCompiler compiler) {
                return compiler.pass("detour", action.string("detour").orElseThrow());
            }
        };
        Extensions.Builder extensions = text().add(detour, Site.ORIGIN);
        Site site = new Site("{'listeners': {'*:80': {'pass': 'routes'}}, 'routes': "
            + "[{'action': {'detour': 'applications/$arg_a'}}]}", extensions);
        assertEquals("app x /", site.get("/?a=x"));
        RouteException e = assertThrows(RouteException.class, () -> new Site("{'listeners': {'*:80': {'pass': "
            + "'routes'}}, 'routes': [{'action': {'detour': 'applications/none'}}]}", extensions));
        assertEquals("/routes/0/action/detour", e.pointer());
    }
}
