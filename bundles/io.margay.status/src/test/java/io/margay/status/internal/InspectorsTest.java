// SPDX-License-Identifier: Apache-2.0
package io.margay.status.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfString;
import io.margay.conf.ConfWriter;
import io.margay.status.Counters;
import io.margay.status.AskedInspector;
import io.margay.status.Inspector;
import io.margay.status.Listing;
import java.io.FileInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.felix.framework.FrameworkFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.launch.Framework;

/** Real services in a real framework. */
class InspectorsTest {

    @TempDir
    private Path directory;
    private Framework framework;
    private BundleContext context;
    private ServiceInspectors inspectors;

    private record Fixed(String name, Conf dump) implements Inspector {
    }

    @BeforeEach
    void start() throws Exception {
        framework = new FrameworkFactory().newFramework(Map.of(Constants.FRAMEWORK_STORAGE, directory.toString()));
        framework.start();
        context = framework.getBundleContext();
        inspectors = new ServiceInspectors(context);
    }

    @AfterEach
    void stop() throws Exception {
        framework.stop();
        framework.waitForStop(10_000);
    }

    private void add(Inspector inspector, int ranking) {
        context.registerService(Inspector.class, inspector,
            new Hashtable<>(Map.of(Constants.SERVICE_RANKING, ranking)));
    }

    private static ConfObject object(Conf conf) {
        return (ConfObject) conf;
    }

    static List<Inspector> stock() {
        return List.of(new ThreadInspector(), new MemoryInspector(), new DescriptorInspector(),
            new ProcessCounters());
    }

    @Test
    void whoComesAndGoesIsSeenAndMissed() {
        assertEquals(List.of(), inspectors.names());
        assertEquals(Optional.empty(), inspectors.dump("pools"));
        add(new Fixed("pools", Conf.of(1)), 0);
        add(new Fixed("alpha", Conf.of(2)), 0);
        assertEquals(List.of("alpha", "pools"), inspectors.names());
        assertEquals(Optional.of(Conf.of(1)), inspectors.dump("pools"));
    }

    @Test
    void ofTwoOfANameTheHigherRankingIsAsked() {
        add(new Fixed("same", Conf.of("low")), 0);
        add(new Fixed("same", Conf.of("high")), 5);
        add(new Fixed("same", Conf.of("late")), 5);
        assertEquals(List.of("same"), inspectors.names());
        assertEquals(Optional.of(Conf.of("high")), inspectors.dump("same"));
    }

    /** Answers in its own way. */
    private record Asked(String name) implements AskedInspector {
        @Override
        public Conf dump() {
            return Conf.of("ask");
        }

        @Override
        public Conf answer(String question) {
            return switch (question) {
                case "wrong" -> throw new IllegalArgumentException("that is no question");
                case "deep" -> throw new IllegalStateException("broken");
                default -> Conf.of(question + "!");
            };
        }
    }

    private String answer(String name, String question) {
        return inspectors.answer(name, question).map(value -> new String(ConfWriter.compact(value),
            StandardCharsets.UTF_8)).orElse("none");
    }

    @Test
    void whoCanBeAskedAnswers() {
        add(new Asked("oracle"), 0);
        add(new Fixed("mute", Conf.of(1)), 0);
        assertEquals("\"why!\"", answer("oracle", "why"));
        assertEquals("{\"error\":\"that is no question\"}", answer("oracle", "wrong"));
        assertEquals("{\"error\":\"java.lang.IllegalStateException: broken\"}", answer("oracle", "deep"));
        assertEquals("none", answer("mute", "why"));
        assertEquals("none", answer("nobody", "why"));
        assertEquals(Optional.of(Conf.of("ask")), inspectors.dump("oracle"));
    }

    @Test
    void oneThatThrowsTellsWhat() {
        add(new Inspector() {
            @Override
            public String name() {
                return "broken";
            }

            @Override
            public Conf dump() {
                throw new IllegalStateException("no pools");
            }
        }, 0);
        assertEquals("{\"error\":\"java.lang.IllegalStateException: no pools\"}",
            new String(ConfWriter.compact(inspectors.dump("broken").orElseThrow()), StandardCharsets.UTF_8));
    }

    @Test
    void theBundlesAreThoseOfTheFramework() {
        ConfObject dump = object(new BundleInspector(context).dump());
        assertEquals(1, dump.integer("count", 0));
        ConfObject first = object(dump.array("bundles").orElseThrow().elements().getFirst());
        assertEquals(Optional.of("org.apache.felix.framework"), first.string("name"));
        assertEquals(Optional.of("active"), first.string("state"));
        assertEquals(Optional.of("7.0.5"), first.string("version"));
    }

    @ParameterizedTest
    @MethodSource("stock")
    void whatIsShownIsAnObjectThatCanBeWritten(Inspector inspector) {
        assertTrue(new String(ConfWriter.compact(inspector.dump()), StandardCharsets.UTF_8).startsWith("{"),
            inspector.name());
    }

    @Test
    void threadsHaveNamesAndStacks() {
        ConfArray threads = object(new ThreadInspector().dump()).array("threads").orElseThrow();
        ConfObject own = threads.elements().stream().map(InspectorsTest::object)
            .filter(thread -> thread.integer("id", 0) == Thread.currentThread().threadId()).findFirst().orElseThrow();
        assertEquals(Optional.of("runnable"), own.string("state"));
        assertTrue(own.array("stack").orElseThrow().elements().stream().map(ConfString.class::cast)
            .anyMatch(frame -> frame.value().contains("ThreadInspector")));
    }

    @Test
    void memoryIsThatOfTheKernelAndOfTheJvm() {
        ConfObject dump = object(new MemoryInspector().dump());
        assertTrue(dump.object("process").orElseThrow().integer("pss", 0) > 1 << 20);
        assertTrue(dump.object("pools").orElseThrow().members().values().stream()
            .anyMatch(pool -> object(pool).integer("used", 0) > 1 << 16));
        assertTrue(dump.integer("classes", 0) > 100);
    }

    @Test
    void aKernelWithoutRollupShowsTheRest() {
        ConfObject dump = object(new MemoryInspector(directory).dump());
        assertEquals(Optional.of(ConfObject.EMPTY), dump.object("process"));
    }

    @Test
    void aProcessHasFigures() {
        ConfObject dump = object(new ProcessInspector().dump());
        for (String name : List.of("started", "cpu", "resident", "threads", "descriptors")) {
            assertTrue(dump.integer(name, 0) > 0, name);
        }
        assertTrue(object(new ProcessInspector(directory).dump()).string("error").isPresent());
    }

    @Test
    void anOpenFileIsListedAndAClosedOneIsNot() throws Exception {
        Path file = Files.createFile(directory.resolve("seen"));
        try (FileInputStream open = new FileInputStream(file.toFile())) {
            assertTrue(open.available() == 0 && descriptors().contains(file.toString()));
        }
        assertTrue(descriptors().stream().noneMatch(file.toString()::equals));
    }

    private static List<String> descriptors() {
        return object(new DescriptorInspector().dump()).array("descriptors").orElseThrow().elements().stream()
            .map(entry -> object(entry).string("target").orElseThrow()).toList();
    }

    @Test
    void aListIsCutAndSaysSo() {
        Listing list = new Listing();
        IntStream.range(0, Inspector.MOST + 7).forEach(i -> list.add(Conf.of(i)));
        ConfObject dump = list.under("all");
        assertEquals(Inspector.MOST, dump.array("all").orElseThrow().size());
        assertEquals(7, dump.integer("left_out", 0));
        assertEquals(Inspector.MOST + 7, dump.integer("count", 0));
    }

    @Test
    void countersGrowAndAreBounded() {
        ProcessCounters counters = new ProcessCounters();
        counters.counter("requests").add(3);
        counters.counter("requests").increment();
        assertEquals(4, object(counters.dump()).integer("requests", 0));
        IntStream.range(1, Counters.MOST).forEach(i -> counters.counter("n" + i));
        assertThrows(IllegalStateException.class, () -> counters.counter("one more"));
        counters.counter("requests").increment();
        assertEquals(5, object(counters.dump()).integer("requests", 0));
    }
}
