// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertNotEquals;
import static org.junit.Assert.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.ops4j.pax.exam.junit.PaxExam;
import org.ops4j.pax.exam.spi.reactors.ExamReactorStrategy;
import org.ops4j.pax.exam.spi.reactors.PerClass;
import org.osgi.framework.Bundle;
import org.osgi.framework.wiring.BundleWiring;
import org.osgi.framework.wiring.FrameworkWiring;

/**
 * A bundle that the running server is made of is updated by whoever owns the framework. Nothing here may use a class of
 * ours, since the bundle of the tests would be refreshed too.
 */
@RunWith(PaxExam.class)
@ExamReactorStrategy(PerClass.class)
public class GuestUpdateIT extends StockFramework {
    private static final String CONF = "io.margay.conf";

    @Test
    public void aCoreBundleThatIsUpdatedStartsTheServerAnew() throws Exception {
        Bundle conf = named(CONF);
        String version = conf.getVersion().toString();
        // What the JDK opens once stays open.
        replace("1.0.1");
        String descriptors = descriptors();
        int loaders = loaders();
        replace("1.0.2");
        update(conf, version);
        refresh(conf);
        Await.until("no thread is left: " + threads(), () -> threads().isEmpty());
        Await.until("no descriptor is left: " + descriptors + " " + descriptors(),
            () -> descriptors().equals(descriptors));
        Await.until("no class loader is left: " + loaders + " " + loaders(), () -> loaders() <= loaders);
        assertEquals(List.of(), errors);
    }

    /** Gives a server that serves another version of a bundle, and looks at the server that comes. */
    private void replace(String version) throws Exception {
        configure(Map.of());
        Guests.answers(base);
        Guests.serve(base, Distribution.freePorts(1).getFirst());
        List<ProcessHandle> before = SELF.descendants().toList();
        assertTrue(before.toString(), before.size() >= 4);
        Bundle conf = named(CONF);
        Object loader = conf.adapt(BundleWiring.class).getClassLoader();
        update(conf, version);
        refresh(conf);
        assertNotEquals(loader, conf.adapt(BundleWiring.class).getClassLoader());
        Await.until("the processes of the old server are gone", Guests.START,
            () -> before.stream().noneMatch(ProcessHandle::isAlive));
        Guests.answers(base);
        assertEquals("the children are of the new version", List.of(CONF + "-" + version + ".jar"), jars());
        // What was configured is in force again, from the same state.
        assertTrue(Guests.control(base).get("/config/applications").text().contains("hello"));
        Guests.serve(base, Distribution.freePorts(1).getFirst());
        String log = Files.readString(base.resolve("unit.log"));
        assertFalse(log, log.contains("[alert]"));
        forget();
        Guests.gone(base, SELF);
    }

    /** {@return the jars of that bundle that the homes of servers hold} */
    private List<String> jars() throws IOException {
        List<String> jars = new ArrayList<>();
        try (Stream<Path> servers = Files.list(base.resolve("tmp"))) {
            for (Path system : servers.map(server -> server.resolve("home/system")).filter(Files::exists).toList()) {
                try (Stream<Path> files = Files.list(system)) {
                    files.map(file -> file.getFileName().toString()).filter(name -> name.startsWith(CONF + "-"))
                        .forEach(jars::add);
                }
            }
        }
        return jars;
    }

    private void update(Bundle bundle, String version) throws Exception {
        Path copy = base.resolve("app/copy.jar");
        JarCopy.write(JarCopy.original("system", CONF), copy, version, (name, content) -> content);
        try (InputStream in = Files.newInputStream(copy)) {
            bundle.update(in);
        }
    }

    private void refresh(Bundle bundle) throws InterruptedException {
        CountDownLatch done = new CountDownLatch(1);
        context.getBundle(0).adapt(FrameworkWiring.class).refreshBundles(List.of(bundle), event -> done.countDown());
        assertTrue("refreshed", done.await(Guests.START.toSeconds(), TimeUnit.SECONDS));
    }
}
