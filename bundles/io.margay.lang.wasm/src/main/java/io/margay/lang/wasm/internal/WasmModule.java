// SPDX-License-Identifier: Apache-2.0
package io.margay.lang.wasm.internal;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfString;
import io.margay.lang.AppSpec;
import io.margay.lang.ClassArchive;
import io.margay.lang.InstalledModule;
import io.margay.lang.JavaHomes;
import io.margay.lang.Language;
import io.margay.lang.Launch;
import io.margay.lang.Probe;
import io.margay.lang.WorkerJars;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;

/** WebAssembly modules with the ABI of Unit, in JVMs of their own ({@code spec/languages.md §14}). */
@Component(service = Language.class, immediate = true)
public final class WasmModule implements Language {

    /** The field by which the runner learns the client's address; the same as in its class {@code RequestBlock}. */
    private static final String CLIENT_FIELD = "Margay-Client";
    /** Unit's word for the version of the ABI. */
    private static final String VERSION = "0.1";
    /** A JVM takes the socket that it inherits from its standard input. */
    private static final int LISTEN = 0;
    private static final int FIRST_JAR = 3;
    private static final List<String> NEEDED = List.of("request_handler", "malloc_handler", "free_handler");
    private static final List<String> HOOKS = List.of("module_init_handler", "module_end_handler",
        "request_init_handler", "request_end_handler", "response_end_handler");
    /** Deep recursion is a module's right, and a process without memory is of no use. */
    private static final List<String> JVM = List.of("-XX:+UseSerialGC", "-Xss8m", "-XX:+ExitOnOutOfMemoryError");
    private static final long MEMORY = 512L << 20;
    /** How many times its memory: it grows by being copied, and not all of the heap is for what is that large. */
    private static final int GROWTH = 4;
    /** What the runner needs for itself. */
    private static final long LEAST_HEAP = 256L << 20;

    private final JavaHomes homes;
    private final WorkerJars jars = jars();
    private final ClassArchive archive = new ClassArchive(type(), List.of(jars), JVM,
        jars.runner() + ".ModuleTraining");

    /** Runs modules in the runtime of the server. */
    public WasmModule() {
        homes = new JavaHomes();
    }

    @Override
    public String type() {
        return "wasm";
    }

    @Override
    public String wire() {
        return "http";
    }

    @Override
    public Optional<String> clientField() {
        return Optional.of(CLIENT_FIELD);
    }

    /** An instance has one memory and no threads. */
    @Override
    public int concurrency(AppSpec app) {
        return 1;
    }

    @Override
    public List<Probe> probes() {
        return List.of(homes.own(type(), VERSION));
    }

    @Override
    public void launch(AppSpec app, InstalledModule module, Launch.Builder launch) {
        String file = required(app, "module");
        Set<String> functions = new TreeSet<>();
        NEEDED.forEach(option -> functions.add(required(app, option)));
        HOOKS.forEach(option -> app.conf().string(option).ifPresent(functions::add));
        Optional<Path> onHost = app.onHost(file);
        if (onHost.isPresent()) {
            ModuleFile.check(onHost.get(), file, functions);
        }
        launch.without(JavaHomes.VARIABLES::contains).configured(app).prototype(Launch.Prototype.HOLDER)
            .readiness(Launch.Readiness.ACCEPTS).place("listen", LISTEN).argv(module.file());
        JavaHomes.DEVICES.forEach(device -> launch.mount(device, device));
        archive.add(launch, app, module.file(), List.of(), FIRST_JAR);
        JVM.forEach(launch::argv);
        long memory = app.conf().integer("memory", MEMORY);
        launch.argv("-Dmargay.application=" + app.title(), "-Xmx" + Math.max(LEAST_HEAP, GROWTH * memory));
        launch.argv("-cp", jars.place(launch, FIRST_JAR),
            jars.runner() + ".WasmMain", "module=" + file, "memory=" + memory);
        NEEDED.forEach(option -> launch.argv(option + "=" + required(app, option)));
        HOOKS.forEach(option -> app.conf().string(option).ifPresent(name -> launch.argv(option + "=" + name)));
        ConfObject access = app.conf().get("access").orElse(ConfObject.EMPTY) instanceof ConfObject object ? object
            : ConfObject.EMPTY;
        for (Conf directory : access.array("filesystem").orElse(ConfArray.EMPTY).elements()) {
            if (directory instanceof ConfString text) {
                launch.argv("directory=" + text.value());
            }
        }
    }

    /** The runner's classes are those that are listed; a test compares them with what was compiled. */
    static WorkerJars jars() {
        return new WorkerJars(WasmModule.class, "io.margay.lang.wasm.runner", List.of("Abi", "AbiException", "Body",
            "WasmMain", "ModuleHost", "ModuleOptions", "ModuleReply", "ModuleStartException", "ModuleTraining",
            "Program", "RequestBlock", "Running"), "runtime.txt");
    }

    /** The jars go with the bundle. */
    @Deactivate
    void close() {
        jars.close();
    }

    private static String required(AppSpec app, String option) {
        return app.conf().string(option).orElseThrow(() -> new IllegalStateException("application \"" + app.title()
            + "\" has no " + option));
    }
}
