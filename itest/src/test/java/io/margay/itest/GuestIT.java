// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertTrue;
import static org.ops4j.pax.exam.CoreOptions.bundle;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.ops4j.pax.exam.junit.PaxExam;
import org.ops4j.pax.exam.spi.reactors.ExamReactorStrategy;
import org.ops4j.pax.exam.spi.reactors.PerClass;
import org.osgi.framework.Bundle;

/** The bundles in a stock framework in this JVM, which is main while there is a configuration. */
@RunWith(PaxExam.class)
@ExamReactorStrategy(PerClass.class)
public class GuestIT extends StockFramework {
    private static final int TIMES = 50;
    /** Each of so many starts goes on until a page is served; the others are stopped in the middle of it. */
    private static final int SERVING = 25;

    private void cycle() throws Exception {
        configure(Map.of());
        Await.until("the server starts", Guests.START, () -> Files.exists(base.resolve("unit.pid")));
        forget();
        Guests.gone(base, SELF);
    }

    @Test
    public void aConfigurationMakesThisJvmMain() throws Exception {
        // What the JDK opens once stays open.
        serve();
        String before = descriptors();
        serve();
        Await.until("no thread is left: " + threads(), () -> threads().isEmpty());
        Await.until("no descriptor is left: " + before + " " + descriptors(), () -> descriptors().equals(before));
        String lines = Files.readString(base.resolve("unit.log"));
        assertFalse(lines, lines.contains("[alert]"));
        assertEquals(List.of(), errors);
    }

    private void serve() throws Exception {
        configure(Map.of());
        Guests.answers(base);
        assertEquals(SELF.pid() + "\n", Files.readString(base.resolve("unit.pid")));
        Guests.serve(base, Distribution.freePorts(1).getFirst());
        List<ProcessHandle> children = SELF.descendants().toList();
        assertTrue(children.toString(), children.size() >= 4);
        forget();
        Guests.gone(base, SELF);
        assertTrue(children.stream().noneMatch(ProcessHandle::isAlive));
    }

    @Test
    public void whoeverStopsTheLauncherEndsTheServer() throws Exception {
        configure(Map.of());
        Guests.answers(base);
        Bundle launcher = named("io.margay.launcher");
        launcher.stop();
        assertEquals("stop() returns when all is gone", "", Guests.left(base, SELF));
        launcher.start();
        Guests.answers(base);
    }

    private static String title(ProcessHandle process) {
        try {
            return Files.readString(Path.of("/proc/" + process.pid() + "/cmdline")).split("\0", 2)[0];
        } catch (IOException e) {
            return "";
        }
    }

    @Test
    public void aWrongPropertyIsOneErrorAndNothingStarts() throws Exception {
        configure(Map.of("control-mode", "rw"));
        Await.until("an error", () -> !errors.isEmpty());
        assertEquals(List.of("error io.margay.main: property \"control-mode\" \"rw\" must be an octal mode like 0660"),
            errors);
        assertEquals("", Guests.left(base, SELF));
        assertFalse(Files.exists(base.resolve("unit.log")));
        configure(Map.of("control-mode", "0600"));
        Await.until("the server starts", Guests.START, () -> Files.exists(base.resolve("unit.pid")));
    }

    @Test
    public void aKindOfProcessOfAnotherBundleRunsInAJvmOfItsOwn() throws Exception {
        Path jar = TestKind.bundle(base.resolve("kind.jar"));
        Bundle bundle;
        try (var in = Files.newInputStream(jar)) {
            bundle = context.installBundle("it:kind", in);
        }
        try {
            configure(Map.of());
            Guests.answers(base);
            Await.until("its process", Guests.START, () -> counter() != 0);
            long first = counter();
            ProcessHandle.of(first).orElseThrow().destroyForcibly();
            Await.until("another one", Guests.START, () -> counter() != first && counter() != 0);
            String log = Files.readString(base.resolve("unit.log"));
            assertFalse(log, log.contains("counter failed to start"));
            forget();
            Guests.gone(base, SELF);
            assertEquals(List.of(), errors);
        } finally {
            bundle.uninstall();
        }
    }

    private static long counter() {
        return SELF.children().filter(child -> title(child).equals("unit: counter")).mapToLong(ProcessHandle::pid)
            .findFirst().orElse(0);
    }

    @Test
    public void fiftyTimesLeaveNothing() throws Exception {
        serve();
        for (int i = 0; i < 2; i++) {
            cycle();
        }
        String descriptors = descriptors();
        int loaders = loaders();
        for (int i = 0; i < TIMES; i++) {
            if (i % SERVING == 0) {
                serve();
            } else {
                cycle();
            }
        }
        Await.until("no thread is left: " + threads(), () -> threads().isEmpty());
        Await.until("no descriptor is left: " + descriptors + " " + descriptors(),
            () -> descriptors().equals(descriptors));
        Await.until("no class loader is left: " + loaders + " " + loaders(), () -> loaders() <= loaders);
        assertEquals(List.of(), errors);
    }
}
