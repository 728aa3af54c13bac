// SPDX-License-Identifier: Apache-2.0
package io.margay.lang;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.port.Header;
import io.margay.port.LargePayload;
import io.margay.port.Message;
import io.margay.port.MessageType;
import io.margay.port.PayloadException;
import io.margay.posix.Fd;
import io.margay.posix.Files;
import io.margay.posix.Processes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import org.apache.felix.framework.FrameworkFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleException;
import org.osgi.framework.launch.Framework;

/** News of main, with a real framework. */
@Timeout(60)
class ModuleReceiverTest {

    private static final String CATALOGUE = "{\"complete\":true,\"catalogue\":[{\"type\":1,\"name\":\"python\","
        + "\"version\":\"3.11\",\"file\":\"/p\",\"mounts\":[]}]}";

    @TempDir
    private Path directory;
    private Framework framework;
    private ModuleReceiver news;

    @BeforeEach
    void start() throws BundleException {
        framework = new FrameworkFactory().newFramework(Map.of("org.osgi.framework.storage", directory.toString(),
            "org.osgi.framework.bsnversion", "multiple"));
        framework.start();
        news = new ModuleReceiver(framework.getBundleContext(), false);
    }

    @AfterEach
    void stop() throws Exception {
        framework.stop();
        framework.waitForStop(20_000);
    }

    private boolean has(String type) {
        return news.catalogue().find(type).isPresent();
    }

    private static byte[] jar(String name) throws IOException {
        return jar(name, "not.there");
    }

    private static byte[] jar(String name, String imports) throws IOException {
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().putValue("Bundle-ManifestVersion", "2");
        manifest.getMainAttributes().putValue("Bundle-SymbolicName", name);
        manifest.getMainAttributes().putValue("Import-Package", imports);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        new JarOutputStream(bytes, manifest).close();
        return bytes.toByteArray();
    }

    private boolean tell(String json, Fd... jar) {
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        int[] fds = new int[jar.length + 1];
        fds[0] = Files.sealedMemory("news", bytes).release();
        for (int i = 0; i < jar.length; i++) {
            fds[i + 1] = jar[i].release();
        }
        try (Message message = new Message(Header.last(MessageType.MODULES, 1, 1),
            ByteBuffer.wrap(LargePayload.length(bytes.length)), 1, 0, 0, fds)) {
            return news.accept(message);
        }
    }

    private String refused(String json, Fd... jar) {
        return assertThrows(PayloadException.class, () -> tell(json, jar)).getMessage();
    }

    @Test
    void theCatalogueIsComplete() {
        assertFalse(news.complete());
        assertFalse(has("python"));
        assertTrue(tell(CATALOGUE));
        assertTrue(news.complete() && has("python 3.11") && !has("python 3.1") && !has("php"));
        assertFalse(tell(CATALOGUE), "nothing new");
        assertTrue(tell("{\"complete\":true,\"catalogue\":[]}"));
        assertTrue(has("external") && !has("python"));
    }

    @Test
    void bundlesAreInstalledOnceAndNotStarted() throws IOException {
        byte[] jar = jar("cobol");
        String text = "{\"bundle\":\"cobol\",\"version\":\"1\",\"size\":" + jar.length + "}";
        int before = Processes.openDescriptors().length;
        assertFalse(tell(text, Files.sealedMemory("jar", jar)));
        Bundle bundle = framework.getBundleContext().getBundles()[1];
        assertEquals("cobol", bundle.getSymbolicName());
        assertTrue(bundle.getLocation().startsWith("reference:file:/proc/self/fd/"), "not copied: "
            + bundle.getLocation());
        assertEquals(Bundle.INSTALLED, bundle.getState());
        assertFalse(tell(text, Files.sealedMemory("jar", jar)));
        assertEquals(2, framework.getBundleContext().getBundles().length);
        assertFalse(news.complete());
        assertTrue(Processes.openDescriptors().length <= before + 2, "the memory, and the framework's file");
    }

    private static String news(int revision, byte[] jar) {
        return "{\"bundle\":\"cobol\",\"version\":\"1\",\"revision\":" + revision + ",\"size\":" + jar.length + "}";
    }

    private List<String> installed() {
        return Stream.of(framework.getBundleContext().getBundles()).skip(1)
            .map(bundle -> bundle.getSymbolicName() + " " + news.revision(bundle)).toList();
    }

    @Test
    void anUpdateTakesThePlaceOfWhatIsNotStarted() throws IOException {
        byte[] jar = jar("cobol");
        tell(news(1, jar), Files.sealedMemory("jar", jar));
        assertTrue(tell("{\"complete\":true,\"bundles\":[1],\"catalogue\":[]}"));
        int before = Processes.openDescriptors().length;
        tell(news(2, jar), Files.sealedMemory("jar", jar));
        assertEquals(List.of("cobol 2"), installed());
        assertTrue(tell("{\"complete\":true,\"bundles\":[2],\"catalogue\":[]}"), "another bundle");
        assertFalse(tell("{\"complete\":true,\"bundles\":[2],\"catalogue\":[]}"));
        assertEquals(before, Processes.openDescriptors().length);
        assertTrue(tell("{\"complete\":true,\"bundles\":[],\"catalogue\":[]}"));
        assertEquals(List.of(), installed());
    }

    @Test
    void whatRunsStaysUntilNothingUsesIt() throws IOException {
        Set<Integer> used = new HashSet<>(Set.of(1));
        List<Integer> released = new ArrayList<>();
        news = new ModuleReceiver(framework.getBundleContext(), true).keep(used::contains, released::add);
        int before = Processes.openDescriptors().length;
        byte[] jar = jar("cobol", "org.osgi.framework");
        for (int revision = 1; revision <= 3; revision++) {
            tell(news(revision, jar), Files.sealedMemory("jar", jar));
            tell("{\"complete\":true,\"bundles\":[" + revision + "],\"catalogue\":[]}");
        }
        assertEquals(List.of("cobol 1", "cobol 3"), installed());
        assertEquals(List.of(2), released);
        assertTrue(news.isCurrent(3) && !news.isCurrent(1));
        used.clear();
        news.sweep();
        assertEquals(List.of(2, 1), released);
        // One that cannot be started here leaves the one before it.
        byte[] wrong = jar("cobol", "not.there");
        String text = refused(news(4, wrong), Files.sealedMemory("jar", wrong));
        assertTrue(text.startsWith("bundle cobol cannot be started"), text);
        assertTrue(tell("{\"complete\":true,\"bundles\":[4],\"catalogue\":[]}"));
        assertTrue(news.isCurrent(3));
        tell("{\"complete\":true,\"bundles\":[],\"catalogue\":[]}");
        assertEquals(List.of(), installed());
        assertEquals(before, Processes.openDescriptors().length);
    }

    @Test
    void malformedNewsAreRefused() throws IOException {
        int before = Processes.openDescriptors().length;
        assertEquals("modules_handler: no bundle", refused("{\"bundle\":\"a\",\"size\":1}"));
        assertTrue(refused("[]").startsWith("modules_handler: malformed news: "));
        assertTrue(refused("{").startsWith("modules_handler: malformed news: "));
        byte[] jar = jar("cobol");
        assertTrue(refused("{\"bundle\":\"a\",\"size\":3}", Files.sealedMemory("jar", jar)).contains("announced 3"));
        assertTrue(refused("{\"bundle\":\"a\"}", Files.sealedMemory("jar", jar)).contains("too long"));
        assertEquals("modules_handler: shm is not sealed", refused("{\"bundle\":\"a\",\"size\":0}",
            Files.memfd("jar", 0)));
        String text = refused("{\"bundle\":\"a\",\"size\":4}", Files.sealedMemory("jar", new byte[4]));
        assertTrue(text.startsWith("bundle a cannot be installed: "), text);
        assertEquals(1, framework.getBundleContext().getBundles().length);
        assertEquals(before, Processes.openDescriptors().length);
    }
}
