// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

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
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.Option;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.log.LogService;
import org.osgi.service.log.Logger;

/** The bundles in a stock framework in this JVM, a configuration for them, and what may be left of their server. */
public abstract class StockFramework {
    private static final String PID = "io.margay.main";
    static final ProcessHandle SELF = ProcessHandle.current();

    @Inject
    BundleContext context;
    final List<String> errors = new CopyOnWriteArrayList<>();
    private ServiceRegistration<LogService> log;
    Path base;

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

    void configure(Map<String, String> more) throws Exception {
        Hashtable<String, Object> properties = new Hashtable<>(Guests.options(base));
        properties.putAll(more);
        configuration("update", new Class<?>[] {Dictionary.class}, properties);
    }

    void forget() throws Exception {
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

    static List<String> threads() {
        return Thread.getAllStackTraces().keySet().stream().map(Thread::getName)
            .filter(name -> name.matches("(?i)main-.*|margay.*|accounts|modules|module-.*|.*store.*|.*quer.*|unit.*"))
            .sorted().toList();
    }

    static String descriptors() throws IOException {
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
    static int loaders() throws Exception {
        System.gc();
        String all = (String) ManagementFactory.getPlatformMBeanServer().invoke(
            new ObjectName("com.sun.management:type=DiagnosticCommand"), "vmClassloaderStats",
            new Object[] {new String[0]}, new String[] {String[].class.getName()});
        return (int) all.lines().filter(line -> line.startsWith("0x")).count();
    }

    Bundle named(String name) {
        return Stream.of(context.getBundles()).filter(bundle -> name.equals(bundle.getSymbolicName())).findFirst()
            .orElseThrow();
    }
}
