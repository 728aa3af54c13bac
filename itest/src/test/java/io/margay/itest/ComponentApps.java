// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.ZipFile;

/** Components of {@code src/test/apps/component}, assembled by the tools that the bundle's jco brings. */
final class ComponentApps {
    private static final List<String> PACKAGES = List.of("jco-transpile", "preview2-shim");

    private ComponentApps() {
    }

    /** {@return whether the bundle has the packages, which it lacks when it was built without npm} */
    static boolean areHere() {
        try (ZipFile zip = bundle()) {
            return PACKAGES.stream().allMatch(name -> zip.getEntry("npm/" + name + ".tgz") != null);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static ZipFile bundle() throws IOException {
        return new ZipFile(JarCopy.original("modules", "io.margay.lang.wasm").toFile());
    }

    /**
     * Makes a component.
     *
     * @param file is written
     * @param name of its text and its world
     * @param modules what is part of it
     */
    static void assemble(TestServer server, Path file, String name, Path... modules) throws IOException {
        Path tools = server.base().resolve("tools/node_modules/@bytecodealliance");
        if (!Files.exists(tools)) {
            unpack(tools);
        }
        List<String> command = new ArrayList<>(List.of("node",
            server.app("component").resolve("assemble.mjs").toString(), tools.resolve(PACKAGES.getFirst()).toString(),
            file.toString(), name));
        for (Path module : modules) {
            command.add(module.toString());
        }
        succeeds(command);
    }

    private static void unpack(Path tools) throws IOException {
        try (ZipFile zip = bundle()) {
            for (String name : PACKAGES) {
                Path archive = Files.createDirectories(tools.resolve(name)).resolve("all.tgz");
                Files.copy(zip.getInputStream(zip.getEntry("npm/" + name + ".tgz")), archive);
                succeeds(List.of("tar", "-xzf", archive.toString(), "--strip-components=1", "-C",
                    archive.getParent().toString()));
            }
        }
    }

    private static void succeeds(List<String> command) throws IOException {
        try {
            Shell.succeeds(command.toArray(String[]::new));
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }
}
