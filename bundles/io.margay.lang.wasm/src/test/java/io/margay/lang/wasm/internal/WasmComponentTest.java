// SPDX-License-Identifier: Apache-2.0
package io.margay.lang.wasm.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.margay.conf.ConfObject;
import io.margay.conf.ConfParser;
import io.margay.lang.AppSpec;
import io.margay.lang.InstalledModule;
import io.margay.lang.Interpreters;
import io.margay.lang.LanguageMount;
import io.margay.lang.Launch;
import io.margay.lang.Probe;
import io.margay.testing.WasmBinary;
import java.io.InputStream;
import java.net.MalformedURLException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WasmComponentTest {

    private static final byte[] COMPONENT = {0, 'a', 's', 'm', 13, 0, 1, 0};

    @TempDir
    private Path directory;

    /** A class whose loader has the packages, and one whose loader has not. */
    private Class<?> owner() throws Exception {
        String name = Owner.class.getName();
        byte[] code;
        try (InputStream in = Owner.class.getResourceAsStream("/" + name.replace('.', '/') + ".class")) {
            code = in.readAllBytes();
        }
        Path packages = directory;
        return new ClassLoader(WasmComponentTest.class.getClassLoader()) {
            @Override
            protected Class<?> loadClass(String wanted, boolean resolve) throws ClassNotFoundException {
                return wanted.equals(name) ? defineClass(name, code, 0, code.length) : super.loadClass(wanted, resolve);
            }

            @Override
            public URL getResource(String resource) {
                try {
                    return resource.startsWith("npm/") ? packages.resolve("x.tgz").toUri().toURL()
                        : super.getResource(resource);
                } catch (MalformedURLException e) {
                    throw new IllegalArgumentException(e);
                }
            }
        }.loadClass(name);
    }

    /** Of a bundle. */
    static final class Owner {

        private Owner() {
        }
    }

    private static Launch launch(Class<?> owner, String options) throws Exception {
        Launch.Builder builder = Launch.builder(Map.of("NODE_OPTIONS", "--inspect", "HOME", "/", "LISTEN_FDS", "1"));
        new WasmComponent(List.of(), owner).launch(new AppSpec("shop",
            (ConfObject) ConfParser.parse(options.replace('\'', '"').getBytes(StandardCharsets.UTF_8))),
            new InstalledModule("wasm-wasi-component", "0.1", "/usr/bin/node", List.of()), builder);
        return builder.build();
    }

    @Test
    void theProgramReadsThePackagesFromDescriptors() throws Exception {
        Path file = Files.write(directory.resolve("c.wasm"), COMPONENT);
        Launch launch = launch(owner(), "{'component':'" + file + "','access':{'filesystem':['/a','/b']}}");
        assertEquals("/usr/bin/node", launch.argv().getFirst());
        assertEquals("{\"component\":\"" + file + "\",\"threads\":4,\"directories\":[\"/a\",\"/b\"]}",
            launch.argv().getLast());
        assertEquals(Map.of("HOME", "/"), launch.environment());
        assertEquals(List.of(Optional.of(3), Optional.of(4), Optional.of(5), Optional.of(6)),
            List.of(launch.place("listen"), launch.place("program"), launch.place("jco-transpile"),
                launch.place("preview2-shim")));
        String program = new String(launch.resources().getFirst().content(), StandardCharsets.UTF_8);
        assertTrue(program.contains("FIRST_PACKAGE = 5;") && program.contains("class Packages"));
    }

    /** The class is one of a loader that has no resources of the bundle. */
    @Test
    void aBuildWithoutThePackagesSaysSo() {
        String text = assertThrows(IllegalStateException.class, () -> launch(Connection.class, "{'component':'/c'}"))
            .getMessage();
        assertTrue(text.contains("without npm, and so lacks @bytecodealliance/jco-transpile, @bytecodealliance/pre"),
            text);
    }

    private String refused(byte[] bytes) throws Exception {
        Path file = Files.write(directory.resolve("c.wasm"), bytes);
        return assertThrows(IllegalStateException.class, () -> ModuleFile.checkComponent(file, "/c")).getMessage();
    }

    @Test
    void whatIsNoComponentIsNamed() throws Exception {
        ModuleFile.checkComponent(Files.write(directory.resolve("good.wasm"), COMPONENT), "/c");
        assertEquals("failed to compile component: /c is a module, which needs the type wasm",
            refused(new WasmBinary(1).bytes()));
        assertEquals("failed to compile component: /c is no WebAssembly", refused("hello, world".getBytes()));
        assertEquals("failed to compile component: /c is no WebAssembly", refused(new byte[] {0, 'a', 's', 'm', 13}));
        assertTrue(refused(new byte[] {0, 'a', 's', 'm', 2, 0, 0, 0}).endsWith("unknown version of WebAssembly"));
        for (Path none : List.of(directory, Path.of("/nowhere"))) {
            assertThrows(IllegalStateException.class, () -> ModuleFile.checkComponent(none, "/c"));
        }
        ModuleFile.checkComponent(Path.of("/dev/null"), "/dev/null");
    }

    @Test
    void theProbeFindsNode() throws Exception {
        List<Probe> probes = new WasmComponent(Interpreters.PLACES, Owner.class).probes();
        assumeTrue(!probes.isEmpty(), "no node here");
        Process process = new ProcessBuilder(probes.getFirst().argv()).start();
        InstalledModule module = probes.getFirst().parse(process.getInputStream().readAllBytes()).orElseThrow();
        assertEquals("0.1", module.version());
        assertTrue(Files.isExecutable(Path.of(module.file())));
        assertTrue(module.mounts().stream().map(LanguageMount::target).anyMatch(module.file()::startsWith));
    }
}
