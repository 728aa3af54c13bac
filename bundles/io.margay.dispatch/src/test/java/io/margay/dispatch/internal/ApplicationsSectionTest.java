// SPDX-License-Identifier: Apache-2.0
package io.margay.dispatch.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.conf.ConfObject;
import io.margay.conf.ConfParser;
import io.margay.conf.ConfPointer;
import io.margay.conf.ConfSyntaxException;
import io.margay.dispatch.AppPool;
import io.margay.dispatch.Applications;
import io.margay.dispatch.FakeWire;
import io.margay.dispatch.PoolHost;
import io.margay.dispatch.ProcessControl;
import io.margay.engine.EventLoop;
import io.margay.engine.EventLoops;
import io.margay.log.ErrorLog;
import io.margay.route.Action;
import io.margay.route.Extensions;
import io.margay.route.RouteException;
import io.margay.route.RoutePlan;
import io.margay.route.Targets;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Applications of configurations that follow each other. */
class ApplicationsSectionTest implements PoolHost {

    private final EventLoops loops = EventLoops.create("test", 2);
    private final FakeWire wire = new FakeWire(1);
    private final List<String> log = new CopyOnWriteArrayList<>();
    private final List<AppPool> using = new ArrayList<>();
    private final ErrorLog errors = (level, text) -> log.add(text);
    private final ApplicationsFactory factory = new ApplicationsFactory(this, errors);
    private volatile int revision = 1;
    private volatile long park;
    private Optional<RoutePlan> inForce = Optional.empty();

    @AfterEach
    void close() {
        call(factory::unpark);
        inForce.ifPresent(plan -> call(plan::close));
        loops.close();
    }

    @Override
    public Executor control() {
        return loops.loop(0);
    }

    @Override
    public EventLoop home() {
        return loops.loop(0);
    }

    @Override
    public List<EventLoop> loops() {
        return loops.all();
    }

    @Override
    public Optional<Installed> language(String type) {
        return type.equals("test") ? Optional.of(new Installed(FakeWire.language(), revision)) : Optional.empty();
    }

    @Override
    public Optional<InstalledWire> wire(String name) {
        return Optional.of(wire).filter(there -> there.name().equals(name))
            .map(there -> new InstalledWire(there, 0));
    }

    @Override
    public long parkMillis() {
        return park;
    }

    @Override
    public ProcessControl processes(int installation) {
        return (ProcessControl) Proxy.newProxyInstance(getClass().getClassLoader(),
            new Class<?>[] {ProcessControl.class}, (proxy, method, arguments) -> {
                throw new UnsupportedOperationException(method.getName());
            });
    }

    @Override
    public void using(AppPool pool, Set<Integer> installations) {
        using.add(pool);
    }

    @Override
    public void released(AppPool pool) {
        using.remove(pool);
    }

    private void call(Runnable action) {
        CompletableFuture.runAsync(action, control()).orTimeout(20, TimeUnit.SECONDS).join();
    }

    private RoutePlan compile(String applications, String... leftOut) {
        String text = "{\"applications\":{" + applications.replace('\'', '"') + "}}";
        Extensions.Origin origin = new Extensions.Origin(7, "io.margay.dispatch");
        Extensions extensions = Extensions.builder().add((io.margay.route.SectionFactory) factory, origin)
            .add((io.margay.route.TargetFactory) factory, origin).build();
        return CompletableFuture.supplyAsync(() -> {
            try {
                return RoutePlan.with(extensions, errors).previous(inForce).leaveOut(
                        List.of(leftOut).stream().map(ConfPointer::parse).toList())
                    .compile((ConfObject) ConfParser.parse(text.getBytes(StandardCharsets.UTF_8)));
            } catch (ConfSyntaxException e) {
                throw new IllegalArgumentException(text, e);
            }
        }, control()).join();
    }

    private static Applications section(RoutePlan plan) {
        return (Applications) plan.section("/applications").orElseThrow();
    }

    private Applications apply(String applications, String... leftOut) {
        RoutePlan plan = compile(applications, leftOut);
        CompletableFuture.supplyAsync(() -> plan.start(control()), control()).join().toCompletableFuture().join();
        Optional<RoutePlan> before = inForce;
        call(plan::commit);
        inForce = Optional.of(plan);
        before.ifPresent(old -> call(old::close));
        return section(plan);
    }

    private void awaitPools(int count) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (factory.all().size() != count || using.size() != count) {
            assertTrue(System.nanoTime() < end, "pools that live: " + factory.all());
            Thread.onSpinWait();
        }
    }

    @Test
    void keepsWhatHasNotChanged() {
        AppPool blog = apply("'blog':{'type':'test'},'wiki':{'type':'test'}").pools().get("blog");
        AppPool wiki = section(inForce.orElseThrow()).pools().get("wiki");
        assertEquals(2, wire.workers.size());
        Applications next = apply("'wiki':{'type':'test','processes':1},'blog':{'type':'test'}");
        assertSame(blog, next.pools().get("blog"));
        assertNotSame(wiki, next.pools().get("wiki"));
        assertEquals(3, wire.workers.size());
        assertEquals(List.of("wiki", "blog"), List.copyOf(next.pools().keySet()));
        awaitPools(2);
        apply("");
        awaitPools(0);
        assertTrue(wire.workers.stream().noneMatch(worker -> worker.state().name().equals("READY")));
    }

    @Test
    void aRefusedPlanGivesItsPoolsBackAndLeavesTheOthers() {
        AppPool blog = apply("'blog':{'type':'test'}").pools().get("blog");
        wire.start = "fails";
        RoutePlan plan = compile("'blog':{'type':'test'},'wiki':{'type':'test'}");
        RouteException refusal = (RouteException) assertThrows(CompletionException.class, () ->
            CompletableFuture.supplyAsync(() -> plan.start(control()), control()).join().toCompletableFuture().join())
            .getCause();
        assertEquals("/applications/wiki it does not want to", refusal.pointer() + " " + refusal.getMessage());
        call(plan::close);
        awaitPools(1);
        wire.start = "ready";
        assertSame(blog, apply("'blog':{'type':'test'}").pools().get("blog"));
        assertEquals(1, blog.status().running());
    }

    @Test
    void aNewerLanguageGetsNewProcessesUnlessTheyDoNotStart() {
        AppPool first = apply("'blog':{'type':'test'}").pools().get("blog");
        revision = 2;
        AppPool second = apply("'blog':{'type':'test'}").pools().get("blog");
        assertNotSame(first, second);
        awaitPools(1);
        revision = 3;
        wire.start = "fails";
        Applications stayed = apply("'blog':{'type':'test'}");
        assertSame(second, stayed.pools().get("blog"));
        assertEquals(Map.of("blog", "stays with the version of its language module that it has: it does not want to"),
            stayed.staying());
        assertTrue(log.toString().contains("application \"blog\" stays with the version of its language module that "
            + "it has: it does not want to"), log.toString());
        awaitPools(1);
        wire.start = "ready";
        assertSame(second, apply("'blog':{'type':'test'}").pools().get("blog"));
        revision = 4;
        Applications moved = apply("'blog':{'type':'test'}");
        assertNotSame(second, moved.pools().get("blog"));
        assertEquals(Map.of(), moved.staying());
        awaitPools(1);
    }

    @Test
    void theProcessesBeforeStayForAWayBack() {
        park = TimeUnit.MINUTES.toMillis(10);
        AppPool first = apply("'blog':{'type':'test'}").pools().get("blog");
        revision = 2;
        AppPool second = apply("'blog':{'type':'test'}").pools().get("blog");
        awaitPools(2);
        revision = 1;
        assertSame(first, apply("'blog':{'type':'test'}").pools().get("blog"));
        revision = 2;
        assertSame(second, apply("'blog':{'type':'test'}").pools().get("blog"));
        assertEquals(2, wire.workers.size(), "nothing was started for the way back and forth");
        assertEquals("1 1", first.status().running() + " " + second.status().running());
        // Of each application one is kept.
        revision = 3;
        apply("'blog':{'type':'test'}");
        awaitPools(2);
        assertEquals("0 1", first.status().running() + " " + second.status().running());
        call(factory::unpark);
        awaitPools(1);
    }

    @Test
    void whatIsParkedGoesWithItsApplication() {
        park = TimeUnit.MINUTES.toMillis(10);
        for (String next : List.of("'blog':{'type':'test','processes':2}", "")) {
            revision = 1;
            apply("'blog':{'type':'test'}");
            revision = 2;
            apply("'blog':{'type':'test'}");
            awaitPools(2);
            apply(next);
            awaitPools(next.isEmpty() ? 0 : 1);
        }
        apply("'blog':{'type':'test'}");
        park = 20;
        revision = 3;
        apply("'blog':{'type':'test'}");
        awaitPools(1);
    }

    /** Without a spare process it would be the first request that finds out. */
    @Test
    void whoServedHasAWorkerBeforeANewerLanguageCounts() {
        String idle = "'blog':{'type':'test','processes':{'max':2,'spare':0}}";
        AppPool first = apply(idle).pools().get("blog");
        revision = 2;
        AppPool second = apply(idle).pools().get("blog");
        assertNotSame(first, second);
        assertEquals(0, wire.workers.size());
        second.start(1).toCompletableFuture().join();
        revision = 3;
        wire.start = "fails";
        assertSame(second, apply(idle).pools().get("blog"));
        revision = 4;
        wire.start = "ready";
        assertEquals(1, apply(idle).pools().get("blog").status().running());
    }

    @ParameterizedTest
    @CsvSource({"'''a'':{''type'':''cobol''}',/applications/a/type",
        "'''a'':{''type'':''test''},''b'':{''type'':''cobol''}',/applications/b/type"})
    void namesTheApplicationThatCannotBeHad(String applications, String pointer) {
        CompletionException thrown = assertThrows(CompletionException.class, () -> compile(applications));
        assertEquals(pointer, ((RouteException) thrown.getCause()).pointer());
        awaitPools(0);
    }

    @Test
    void findsApplicationsAndTargetsAndAnswers503ForThoseLeftOut() {
        Applications section = apply("'plain':{'type':'test'},'out':{'type':'test'},"
            + "'many':{'type':'test','targets':{'a':{},'b':{}}}", "/applications/out");
        Targets targets = (Targets) section;
        String[][] cases = {{"plain", null, "true"}, {"plain", "a", "false"}, {"many", null, "true"},
            {"many", "a", "true"}, {"many", "b", "true"}, {"many", "c", "false"}, {"none", null, "false"},
            {"out", null, "true"}, {"out", "x", "true"}};
        for (String[] each : cases) {
            Optional<Action> found = targets.find(Optional.of(each[0]), Optional.ofNullable(each[1]));
            assertEquals(Boolean.parseBoolean(each[2]), found.isPresent(), String.join(" ", List.of(each[0])));
        }
        assertFalse(section.pools().containsKey("out"));
        assertEquals(2, using.size());
    }
}
