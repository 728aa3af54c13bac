// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

/** Programs in C of {@code src/test/apps/libunit}, made where every account may run them, and modules. */
final class NativeApps {

    private NativeApps() {
    }

    /** {@return the directory of the programs; {@code syntax}, {@code exits} and {@code killed} are none that serve} */
    static Path of(TestServer server) throws IOException {
        Path directory = server.app("libunit");
        if (!Files.exists(directory.resolve("app"))) {
            write(directory.resolve("syntax"), "this is no program\n");
            write(directory.resolve("exits"), "#!/bin/sh\nexit 5\n");
            write(directory.resolve("killed"), "#!/bin/sh\nkill -KILL $$\n");
            compile(directory, "liar");
            compile(directory, "app");
        }
        return directory;
    }

    /** Makes the program in a directory so that it needs no libraries. */
    static void alone(TestServer server, Path directory) throws IOException {
        compile(server.app("libunit"), "app", "-static", "-o", directory.resolve("app").toString());
    }

    private static void write(Path file, String text) throws IOException {
        Files.writeString(file, text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private static void compile(Path directory, String name, String... options) throws IOException {
        List<String> command = new ArrayList<>(List.of("gcc", "-std=gnu11", "-O2", "-pthread", "-Wall", "-Wextra",
            "-Werror", "-o", name, name + ".c", "unit.c"));
        command.addAll(List.of(options));
        run(directory, command);
    }

    /** Makes a module of WebAssembly of its text. */
    static void assemble(Path text, Path module) throws IOException {
        run(text.getParent(), List.of("wat2wasm", text.toString(), "-o", module.toString()));
    }

    private static void run(Path directory, List<String> command) throws IOException {
        Process compiler = new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true)
            .start();
        String output = new String(compiler.getInputStream().readAllBytes());
        try {
            if (compiler.waitFor() != 0) {
                throw new IOException(output);
            }
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }
}
