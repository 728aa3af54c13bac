// SPDX-License-Identifier: Apache-2.0
package io.margay.schema.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.conf.ConfObject;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.apache.felix.framework.FrameworkFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.launch.Framework;

/** In a framework of its own, with bundles that hold nothing but a schema file and a capability. */
class InstalledOptionsTest {
    private static final String TYPES = "{\"types\": {\"configuration\": {\"type\": \"object\", \"members\": {}}}}";

    @TempDir
    private Path cache;
    private Framework framework;
    private InstalledOptions options;
    private final AtomicInteger changes = new AtomicInteger();
    private final List<String> problems = new ArrayList<>();

    @BeforeEach
    void begin() throws BundleException, IOException {
        framework = new FrameworkFactory().newFramework(Map.of(Constants.FRAMEWORK_STORAGE, cache.toString(),
            "felix.log.level", "0"));
        framework.start();
        install("base", jar("base", "", TYPES));
        options = new InstalledOptions(framework.getBundleContext());
        options.whenChanged(changes::incrementAndGet);
        options.whenUnusable(problems::add);
    }

    @AfterEach
    void end() throws BundleException, InterruptedException {
        options.close();
        framework.stop();
        framework.waitForStop(10_000);
    }

    private Bundle install(String name, InputStream jar) throws BundleException {
        return framework.getBundleContext().installBundle(name, jar);
    }

    private static String member(String name) {
        return "{\"extend\": {\"configuration\": {\"members\": {\"" + name + "\": {\"type\": \"string\", "
            + "\"reader\": \"router\"}}}}}";
    }

    private static InputStream jar(String name, String capability, String schema) throws IOException {
        Manifest manifest = new Manifest(new ByteArrayInputStream(("Manifest-Version: 1.0\nBundle-ManifestVersion: 2\n"
            + "Bundle-SymbolicName: " + name + "\nBundle-Version: 1.0\nMargay-Schema: a.json\n"
            + (capability.isEmpty() ? "" : "Provide-Capability: " + capability + "\n"))
            .getBytes(StandardCharsets.US_ASCII)));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (JarOutputStream jar = new JarOutputStream(out, manifest)) {
            if (!schema.isEmpty()) {
                jar.putNextEntry(new JarEntry("a.json"));
                jar.write(schema.getBytes(StandardCharsets.US_ASCII));
            }
        }
        return new ByteArrayInputStream(out.toByteArray());
    }

    private boolean known(String member) {
        return options.schema().options().stream().anyMatch(option -> option.name().equals(member));
    }

    @Test
    void optionsAndReadersComeChangeAndGoWithTheirBundle() throws BundleException, IOException {
        assertFalse(known("one"));
        Bundle bundle = install("x", jar("x", "io.margay.extension;kind=action;name=one", member("one")));
        assertTrue(known("one"));
        assertTrue(options.reads("action:one"));
        assertEquals(1, changes.get());
        bundle.update(jar("x", "io.margay.extension;kind=action;name=two", member("two")));
        assertTrue(known("two") && !known("one"));
        assertTrue(options.reads("action:two") && !options.reads("action:one"));
        bundle.uninstall();
        assertFalse(known("two") || options.reads("action:two"));
        assertTrue(changes.get() >= 3, changes::toString);
        assertEquals(List.of(), problems);
    }

    @Test
    void aFileThatCannotBeUsedIsToldAndIgnored() throws BundleException, IOException {
        install("x", jar("x", "", "{\"typos\": {}}"));
        install("y", jar("y", "", ""));
        assertEquals(2, problems.size(), problems::toString);
        assertTrue(problems.getFirst().startsWith("schema x/1.0.0/a.json is ignored: Schema x/1.0.0/a.json: a schema "
            + "file is an object"), problems::toString);
        assertTrue(problems.getLast().endsWith("the bundle has no such file"), problems::toString);
        assertEquals(ConfObject.EMPTY, options.schema().types().object("configuration").orElseThrow()
            .object("members").orElseThrow());
    }

    @Test
    void whatWasWrongBeforeAnybodyListenedIsToldLater() throws BundleException, IOException {
        install("x", jar("x", "", "{"));
        InstalledOptions late = new InstalledOptions(framework.getBundleContext());
        List<String> heard = new ArrayList<>();
        late.whenUnusable(heard::add);
        assertEquals(1, heard.size());
        late.close();
    }

    @Test
    void theRouterKnowsBestWhatItReads() throws BundleException, IOException {
        install("x", jar("x", "io.margay.extension;kind=action;name=one,io.margay.extension;kind=lang;name=one", ""));
        assertTrue(options.reads("action:one") && options.reads("lang:one") && options.reads("router"));
        options.routerReads(Set.of("action:two"));
        assertFalse(options.reads("action:one"), "installed, but it does not work there");
        assertTrue(options.reads("action:two") && options.reads("lang:one") && options.reads("router"));
    }
}
