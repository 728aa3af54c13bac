// SPDX-License-Identifier: Apache-2.0
package io.margay.lang.python.internal;

import io.margay.conf.ConfObject;
import io.margay.lang.AppSpec;
import io.margay.lang.InstalledModule;
import io.margay.lang.Launch;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The option {@code home}: a virtual environment or an installation, whose interpreter runs the application whatever
 * version the type names.
 *
 * @param named what the application sees
 * @param directory the same as the server sees it
 * @param rooted whether the application has a root directory of its own, in which links lead elsewhere
 */
record PythonHome(String named, Path directory, boolean rooted) {

    static Optional<PythonHome> of(AppSpec app) {
        String root = app.conf().get("isolation").orElse(ConfObject.EMPTY) instanceof ConfObject isolation
            ? isolation.string("rootfs").orElse("") : "";
        String base = app.conf().string("working_directory").orElse("");
        return app.conf().string("home").map(home -> {
            Path seen = Path.of(base).resolve(home);
            return new PythonHome(home, root.isEmpty() ? seen : Path.of(root + "/" + seen), !root.isEmpty());
        });
    }

    /**
     * Names the interpreter.
     *
     * @throws IllegalArgumentException when there is none in it, and none of the server's has its library there
     */
    void launch(InstalledModule module, Launch.Builder launch) {
        if (Files.isReadable(directory.resolve("pyvenv.cfg"))) {
            launch.argv(program("python", "python3").orElseGet(() -> inside("python")), "-I");
            return;
        }
        String version = "python" + series(module.version());
        Optional<String> own = program(version);
        if (own.isEmpty() && !has("lib/" + version) && !has("lib64/" + version)) {
            own = program("python3", "python");
            if (own.isEmpty() && !rooted) {
                throw new IllegalArgumentException("\"home\" is neither a virtual environment nor an installation of "
                    + "Python: \"" + named + (Files.isDirectory(directory) ? "\" has neither pyvenv.cfg nor lib/"
                        + version + " nor bin/python3" : "\" is no directory"));
            }
        }
        // Isolation would make the interpreter ignore its home as well.
        launch.argv(own.orElse(module.file()), "-s").variable("PYTHONHOME", named);
    }

    /** The first of its programs that exists. */
    private Optional<String> program(String... names) {
        return Stream.of(names).filter(name -> has("bin/" + name)).findFirst().map(this::inside);
    }

    private String inside(String name) {
        return Path.of(named, "bin", name).toString();
    }

    private boolean has(String path) {
        // A link of a root directory may lead to something that only the application sees.
        return rooted ? Files.exists(directory.resolve(path), LinkOption.NOFOLLOW_LINKS)
            : Files.exists(directory.resolve(path));
    }

    private static String series(String version) {
        int end = version.indexOf('.', version.indexOf('.') + 1);
        return end < 0 ? version : version.substring(0, end);
    }
}
