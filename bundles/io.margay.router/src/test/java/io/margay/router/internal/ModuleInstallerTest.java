// SPDX-License-Identifier: Apache-2.0
package io.margay.router.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.lang.Language;
import io.margay.port.Header;
import io.margay.port.LargePayload;
import io.margay.port.Message;
import io.margay.port.MessageType;
import io.margay.posix.Fd;
import io.margay.posix.Files;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.apache.felix.framework.FrameworkFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;
import org.osgi.framework.launch.Framework;

/** Language bundles in the router, with a real framework. */
@Timeout(60)
class ModuleInstallerTest {

    @TempDir
    private Path directory;
    private Framework framework;
    private final List<Integer> released = new ArrayList<>();
    private ModuleInstaller modules;

    /** The only class of the bundles. */
    public static final class Activator implements BundleActivator {

        @Override
        public void start(BundleContext context) {
            context.registerService(Language.class, (Language) Proxy.newProxyInstance(
                Language.class.getClassLoader(), new Class<?>[] {Language.class},
                (proxy, method, arguments) -> switch (method.getName()) {
                    case "type" -> "cobol";
                    case "equals" -> proxy == arguments[0];
                    case "hashCode" -> System.identityHashCode(proxy);
                    default -> throw new UnsupportedOperationException(method.getName());
                }), null);
        }

        @Override
        public void stop(BundleContext context) {
            // The framework takes the service back.
        }
    }

    @BeforeEach
    void start() throws Exception {
        framework = new FrameworkFactory().newFramework(Map.of("org.osgi.framework.storage", directory.toString(),
            "org.osgi.framework.bsnversion", "multiple",
            "org.osgi.framework.system.packages.extra", "io.margay.lang;version=1.0.0"));
        framework.start();
        modules = new ModuleInstaller(framework.getBundleContext(), released::add);
    }

    @AfterEach
    void stop() throws Exception {
        framework.stop();
        framework.waitForStop(20_000);
    }

    private static byte[] jar() throws Exception {
        Manifest manifest = new Manifest();
        Attributes attributes = manifest.getMainAttributes();
        attributes.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        Map.of("Bundle-ManifestVersion", "2", "Bundle-SymbolicName", "test.cobol", "Bundle-Activator",
            Activator.class.getName(), "Import-Package", "org.osgi.framework,io.margay.lang")
            .forEach(attributes::putValue);
        String name = Activator.class.getName().replace('.', '/') + ".class";
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JarOutputStream jar = new JarOutputStream(bytes, manifest);
                InputStream code = Activator.class.getClassLoader().getResourceAsStream(name)) {
            jar.putNextEntry(new JarEntry(name));
            jar.write(code.readAllBytes());
        }
        return bytes.toByteArray();
    }

    private void tell(String json, Fd... jar) {
        byte[] news = json.getBytes(StandardCharsets.UTF_8);
        int[] fds = jar.length == 0 ? new int[] {Files.sealedMemory("news", news).release()}
            : new int[] {Files.sealedMemory("news", news).release(), jar[0].release()};
        try (Message message = new Message(Header.last(MessageType.MODULES, 1, 1),
                ByteBuffer.wrap(LargePayload.length(news.length)), 1, 0, 0, fds)) {
            modules.accept(message);
        }
    }

    private void install(int revision) throws Exception {
        byte[] jar = jar();
        tell("{\"bundle\":\"test.cobol\",\"version\":\"1\",\"revision\":" + revision + ",\"size\":" + jar.length + "}",
            Files.sealedMemory("jar", jar));
    }

    private void announce(String revisions) {
        tell("{\"complete\":true,\"bundles\":[" + revisions + "],\"catalogue\":[{\"type\":8,\"name\":\"cobol\","
            + "\"version\":\"85\",\"file\":\"/c\",\"mounts\":[]}]}");
    }

    @Test
    void aLanguageIsThereOnceItIsAnnounced() throws Exception {
        install(1);
        assertTrue(modules.module("cobol 85").isEmpty());
        announce("1");
        assertEquals(1, modules.module("cobol 85").orElseThrow().revision());
        assertTrue(modules.module("fortran").isEmpty());
        assertEquals("85", modules.catalogue().find("cobol").orElseThrow().version());
    }

    @Test
    void poolsMoveFromOneInstallationToTheNext() throws Exception {
        install(1);
        announce("1");
        Language first = modules.module("cobol").orElseThrow().language();
        Object pool = new Object();
        modules.use(pool, 1);
        assertTrue(modules.isCurrent(pool, "cobol"));
        install(2);
        assertSame(first, modules.module("cobol").orElseThrow().language(), "not yet");
        announce("2");
        assertNotSame(first, modules.module("cobol").orElseThrow().language());
        assertFalse(modules.isCurrent(pool, "cobol"));
        assertEquals("cobol", first.type(), "the old one works on");
        assertEquals(List.of(), released);
        modules.stay(pool, "cobol");
        assertTrue(modules.isCurrent(pool, "cobol"), "was tried");
        modules.release(pool);
        assertEquals(List.of(1), released);
        assertEquals(2, framework.getBundleContext().getBundles().length);
        announce("");
        assertTrue(modules.module("cobol").isEmpty());
        assertEquals(List.of(1, 2), released);
    }
}
