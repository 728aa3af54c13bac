// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertTrue;
import static org.ops4j.pax.exam.CoreOptions.bundle;
import static org.ops4j.pax.exam.CoreOptions.composite;
import static org.ops4j.pax.exam.CoreOptions.junitBundles;
import static org.ops4j.pax.exam.CoreOptions.options;
import static org.ops4j.pax.exam.CoreOptions.systemProperty;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Dictionary;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.inject.Inject;
import javax.management.ObjectName;
import org.junit.After;
import org.junit.Before;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.Option;
import org.ops4j.pax.exam.junit.PaxExam;
import org.ops4j.pax.exam.spi.reactors.ExamReactorStrategy;
import org.ops4j.pax.exam.spi.reactors.PerClass;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.log.LogService;
import org.osgi.service.log.Logger;

/** The bundles in a stock framework in this JVM, which is main while there is a configuration. */
@RunWith(PaxExam.class)
@ExamReactorStrategy(PerClass.class)
public class GuestIT {
    private static final String PID = "io.margay.main";
    private static final ProcessHandle SELF = ProcessHandle.current();
    private static final int TIMES = 50;

    @Inject
    private BundleContext context;
    private final List<String> errors = new CopyOnWriteArrayList<>();
    private ServiceRegistration<LogService> log;
    private Path base;

    @Configuration
    public Option[] stock() throws IOException {
        List<Option> bundles = new ArrayList<>();
        for (String folder : List.of("system", "guest", "modules")) {
            try (Stream<Path> jars = Files.list(Distribution.HOME.resolve(folder))) {
                jars.filter(file -> file.toString().endsWith(".jar")).sorted().forEach(jar -> bundles.add(
                    jar.toString().contains("-native-epoll") ? bundle("reference:file:" + jar).noStart()
                        : bundle("reference:file:" + jar)));
            }
        }
        return options(junitBundles(), composite(bundles.toArray(Option[]::new)),
            systemProperty("org.ops4j.pax.logging.DefaultServiceLog.level").value("WARN"));
    }

    /** A log service of the container, before all others. */
    @Before
    public void listen() throws IOException {
        base = Guests.directory();
        Object logger = Proxy.newProxyInstance(getClass().getClassLoader(),
            new Class<?>[] {Logger.class}, (proxy, method, arguments) -> {
                errors.add(method.getName() + " " + arguments[0]);
                return null;
            });
        LogService service = (LogService) Proxy.newProxyInstance(getClass().getClassLoader(),
            new Class<?>[] {LogService.class}, (proxy, method, arguments) ->
                method.getName().equals("getLogger") ? logger : null);
        log = context.registerService(LogService.class, service,
            new Hashtable<>(Map.of(Constants.SERVICE_RANKING, Integer.MAX_VALUE)));
    }

    @After
    public void end() throws Exception {
        log.unregister();
        forget();
        Guests.gone(base, SELF);
        Guests.delete(base);
    }

    private void configure(Map<String, String> more) throws Exception {
        Hashtable<String, Object> properties = new Hashtable<>(Guests.options(base));
        properties.putAll(more);
        configuration("update", new Class<?>[] {Dictionary.class}, properties);
    }

    private void forget() throws Exception {
        configuration("delete", new Class<?>[0]);
    }

    /** By name: nothing that these tests are compiled with has the package. */
    private void configuration(String method, Class<?>[] types, Object... arguments) throws Exception {
        ServiceReference<?> reference = context.getServiceReference("org.osgi.service.cm.ConfigurationAdmin");
        Object configuration = reference.getBundle().loadClass("org.osgi.service.cm.ConfigurationAdmin")
            .getMethod("getConfiguration", String.class, String.class)
            .invoke(context.getService(reference), PID, "?");
        reference.getBundle().loadClass("org.osgi.service.cm.Configuration").getMethod(method, types)
            .invoke(configuration, arguments);
    }

    private void cycle() throws Exception {
        configure(Map.of());
        Await.until("the server starts", Guests.START, () -> Files.exists(base.resolve("unit.pid")));
        forget();
        Guests.gone(base, SELF);
    }

    private static List<String> threads() {
        return Thread.getAllStackTraces().keySet().stream().map(Thread::getName)
            .filter(name -> name.matches("(?i)main-.*|margay.*|accounts|modules|module-.*|.*store.*|.*quer.*|unit.*"))
            .sorted().toList();
    }

    private static String descriptors() throws IOException {
        TreeSet<String> open = new TreeSet<>();
        try (Stream<Path> links = Files.list(Path.of("/proc/self/fd"))) {
            for (Path link : links.toList()) {
                try {
                    String target = Files.readSymbolicLink(link).toString();
                    // Jars are opened when the first of their classes is wanted, and numbers differ.
                    if (!target.endsWith(".jar") && !target.startsWith("/proc/")) {
                        open.add(target.replaceAll("\\d+", "N") + " " + link.getFileName());
                    }
                } catch (IOException e) {
                    // That of the listing itself.
                    continue;
                }
            }
        }
        return open.stream().map(line -> line.substring(0, line.lastIndexOf(' ')))
            .collect(Collectors.groupingBy(name -> name, TreeMap::new, Collectors.counting())).toString();
    }

    /** Of all class loaders in this JVM, after what nobody refers to has gone. */
    private static int loaders() throws Exception {
        System.gc();
        String all = (String) ManagementFactory.getPlatformMBeanServer().invoke(
            new ObjectName("com.sun.management:type=DiagnosticCommand"), "vmClassloaderStats",
            new Object[] {new String[0]}, new String[] {String[].class.getName()});
        return (int) all.lines().filter(line -> line.startsWith("0x")).count();
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

    private Bundle named(String name) {
        return Stream.of(context.getBundles()).filter(bundle -> name.equals(bundle.getSymbolicName())).findFirst()
            .orElseThrow();
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
        for (int i = 0; i < 5; i++) {
            cycle();
        }
        String descriptors = descriptors();
        int loaders = loaders();
        for (int i = 0; i < TIMES; i++) {
            cycle();
        }
        Await.until("no thread is left: " + threads(), () -> threads().isEmpty());
        Await.until("no descriptor is left: " + descriptors + " " + descriptors(),
            () -> descriptors().equals(descriptors));
        Await.until("no class loader is left: " + loaders + " " + loaders(), () -> loaders() <= loaders);
        assertEquals(List.of(), errors);
    }
}
