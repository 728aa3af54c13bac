// SPDX-License-Identifier: Apache-2.0
package io.margay.lang.wasm.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.conf.ConfObject;
import io.margay.lang.AppSpec;
import io.margay.lang.InstalledModule;
import io.margay.lang.Probe;
import io.margay.testing.WasmBinary;
import io.margay.testing.WasmBinary.Type;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WasmModuleTest {

    @TempDir
    private Path directory;

    private Path module(byte[] bytes) throws IOException {
        return Files.write(directory.resolve("a.wasm"), bytes);
    }

    private String refused(byte[] bytes, String... functions) throws IOException {
        Path file = module(bytes);
        return assertThrows(IllegalStateException.class, () -> ModuleFile.check(file, "/a", Set.of(functions)))
            .getMessage();
    }

    @Test
    void exportsAreFound() throws IOException {
        byte[] good = new WasmBinary(1).function("one", Type.NONE, new byte[0]).function("two", Type.BOTH,
            WasmBinary.constant(1)).bytes();
        ModuleFile.check(module(good), "/a", Set.of("one", "two"));
        assertEquals("couldn't get (three) export from module", refused(good, "one", "three"));
        assertEquals("couldn't get (memory) export from module", refused(good, "memory"));
        assertEquals("couldn't get 'memory' from module", refused(new WasmBinary(0).function("one", Type.NONE,
            new byte[0]).bytes(), "one"));
        assertEquals("couldn't get (one) export from module", refused(new byte[] {0, 'a', 's', 'm', 1, 0, 0, 0},
            "one"));
    }

    @Test
    void whatIsNoModuleIsNamed() throws IOException {
        String broken = "error loading module: /a is no WebAssembly module";
        assertEquals(broken, refused("hello, world".getBytes()));
        assertEquals(broken, refused(new byte[0]));
        assertTrue(refused(new byte[] {0, 'a', 's', 'm', 13, 0, 1, 0}).contains("/a is a component"));
        assertTrue(refused(new byte[] {0, 'a', 's', 'm', 2, 0, 0, 0}).contains("unknown version"));
        byte[] good = new WasmBinary(1).function("one", Type.NONE, new byte[0]).bytes();
        for (int i = 1; i < good.length; i++) {
            byte[] cut = Arrays.copyOf(good, i);
            assertTrue(refused(cut, "none").matches(".*(is no WebAssembly module|couldn't get \\(none\\).*)"));
        }
        for (byte[] size : new byte[][] {{-1, -1, -1, -1, 127}, {-1, -1, -1, -1, -1, -1}, {2, -1, 127}, {2, 1, 90}}) {
            assertEquals(broken, refused(WasmBinary.code(new byte[] {0, 'a', 's', 'm', 1, 0, 0, 0, 7}, size)));
        }
        assertTrue(assertThrows(IllegalStateException.class, () -> ModuleFile.check(directory, "/d", Set.of()))
            .getMessage().contains("directory"));
        assertThrows(IllegalStateException.class, () -> ModuleFile.check(Path.of("/nowhere"), "/n", Set.of()));
        ModuleFile.check(Path.of("/dev/null"), "/dev/null", Set.of("none"));
    }

    @Test
    void theRunnerIsComplete() throws Exception {
        Set<String> packed = new TreeSet<>();
        try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(WasmModule.jars().packed()))) {
            for (ZipEntry entry; (entry = zip.getNextEntry()) != null;) {
                packed.add(Path.of(entry.getName()).getFileName().toString());
            }
        }
        Path compiled = Path.of(WasmModule.class.getResource("/io/margay/lang/wasm/runner/WasmMain.class").toURI())
            .getParent();
        try (Stream<Path> files = Files.list(compiled)) {
            assertEquals(files.map(file -> file.getFileName().toString()).filter(name -> !name.contains("Test"))
                .collect(Collectors.toCollection(TreeSet::new)), packed);
        }
    }

    @Test
    void oneRequestAtATimeInTheRuntimeOfTheServer() throws Exception {
        WasmModule language = new WasmModule();
        assertEquals(1, language.concurrency(new AppSpec("a", ConfObject.EMPTY)));
        Probe probe = language.probes().getFirst();
        Process process = new ProcessBuilder(probe.argv()).start();
        InstalledModule module = probe.parse(process.getInputStream().readAllBytes()).orElseThrow();
        assertEquals("0.1", module.version());
        assertEquals(System.getProperty("java.home") + "/bin/java", module.file());
        assertTrue(module.mounts().stream().anyMatch(mount -> mount.target().equals(
            System.getProperty("java.home"))), module.mounts().toString());
    }
}
