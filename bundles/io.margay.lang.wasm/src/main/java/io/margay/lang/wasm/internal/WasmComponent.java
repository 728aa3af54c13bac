// SPDX-License-Identifier: Apache-2.0
package io.margay.lang.wasm.internal;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfString;
import io.margay.conf.ConfWriter;
import io.margay.lang.AppSpec;
import io.margay.lang.InstalledModule;
import io.margay.lang.Interpreters;
import io.margay.lang.Language;
import io.margay.lang.Launch;
import io.margay.lang.Probe;
import io.margay.lang.SharedContent;
import io.margay.lang.ShimSource;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;

/**
 * WebAssembly components of the world {@code wasi:http/proxy} ({@code spec/languages.md §15}): jco makes JavaScript of
 * them, which Node runs.
 */
@Component(service = Language.class)
public final class WasmComponent implements Language {

    /** Unit's word for the version. */
    private static final String VERSION = "0.1";
    /** The field by which the program learns scheme and addresses; the same as in {@code component_main.js}. */
    private static final String CLIENT_FIELD = "Margay-Client";
    private static final int LISTEN = 3;
    private static final int PROGRAM = 4;
    /** As many requests at a time as the program has threads. */
    private static final int THREADS = 4;
    private static final Pattern NAME = Pattern.compile("node(js)?(-?\\d{1,3}(\\.\\d{1,3}){0,2})?");
    private static final List<String> PARTS = List.of("component_packages.js", "component_http.js",
        "component_thread.js", "component_main.js");
    /** Reads the program from its descriptor, so no file of the server has to exist inside the application's root. */
    private static final String BOOTSTRAP = "new Function('require',require('node:fs').readFileSync('/proc/self/fd/"
        + PROGRAM + "','utf8'))(require)";
    /** In the order of the descriptors behind that of the program. */
    static final List<String> PACKAGES = List.of("jco-transpile", "preview2-shim");

    private final List<Path> places;
    private final Class<?> owner;
    private final List<SharedContent> packages;

    /** Searches the usual directories for Node. */
    @Activate
    public WasmComponent() {
        this(Interpreters.PLACES, WasmComponent.class);
    }

    /**
     * Another one for tests.
     *
     * @param owner a class whose bundle has the packages
     */
    WasmComponent(List<Path> places, Class<?> owner) {
        this.places = List.copyOf(places);
        this.owner = owner;
        packages = PACKAGES.stream().map(name -> new SharedContent(name, () -> open(name))).toList();
    }

    private InputStream open(String name) throws IOException {
        InputStream in = owner.getResourceAsStream("/npm/" + name + ".tgz");
        if (in == null) {
            throw new IOException("the bundle lacks it");
        }
        return in;
    }

    @Override
    public String type() {
        return "wasm-wasi-component";
    }

    @Override
    public String wire() {
        return "http";
    }

    @Override
    public Optional<String> clientField() {
        return Optional.of(CLIENT_FIELD);
    }

    @Override
    public int concurrency(AppSpec app) {
        return THREADS;
    }

    @Override
    public List<Probe> probes() {
        String program = new String(ShimSource.read(WasmComponent.class, "component_probe.js"),
            StandardCharsets.UTF_8).replace("VERSION", VERSION);
        return Interpreters.find(places, NAME).stream()
            .map(file -> new Probe(type(), List.of(file.toString(), "-e", program))).toList();
    }

    @Override
    public void launch(AppSpec app, InstalledModule module, Launch.Builder launch) {
        String file = app.conf().string("component").orElseThrow(() -> new IllegalStateException("application \""
            + app.title() + "\" has no component"));
        String missing = PACKAGES.stream().filter(name -> owner.getResource("/npm/" + name + ".tgz") == null)
            .map(name -> "@bytecodealliance/" + name).collect(Collectors.joining(", "));
        if (!missing.isEmpty()) {
            throw new IllegalStateException("components are not supported: the bundle io.margay.lang.wasm was built "
                + "without npm, and so lacks " + missing);
        }
        Optional<Path> onHost = app.onHost(file);
        if (onHost.isPresent()) {
            ModuleFile.checkComponent(onHost.get(), file);
        }
        launch.without(name -> name.startsWith("NODE_") || name.startsWith("LISTEN_") || name.equals("NOTIFY_SOCKET"))
            .configured(app).prototype(Launch.Prototype.HOLDER).readiness(Launch.Readiness.ACCEPTS)
            .place("listen", LISTEN).place("program", PROGRAM)
            .resource("program", ShimSource.read(WasmComponent.class, PARTS.toArray(String[]::new)))
            .announce("MARGAY_INIT", Launch.Facts::json);
        for (int i = 0; i < PACKAGES.size(); i++) {
            launch.place(PACKAGES.get(i), PROGRAM + 1 + i).shared(PACKAGES.get(i), packages.get(i));
        }
        launch.argv(module.file(), "--experimental-vm-modules", "--no-warnings", "-e", BOOTSTRAP, "--",
            new String(ConfWriter.compact(options(app, file)), StandardCharsets.UTF_8));
    }

    private static ConfObject options(AppSpec app, String file) {
        List<Conf> directories = new ArrayList<>();
        ConfObject access = app.conf().get("access").orElse(ConfObject.EMPTY) instanceof ConfObject object ? object
            : ConfObject.EMPTY;
        for (Conf directory : access.array("filesystem").orElse(ConfArray.EMPTY).elements()) {
            if (directory instanceof ConfString) {
                directories.add(directory);
            }
        }
        return ConfObject.builder().put("component", file).put("threads", THREADS)
            .put("directories", new ConfArray(directories)).build();
    }

    /** The packages go with the bundle. */
    @Deactivate
    void close() {
        packages.forEach(SharedContent::close);
    }
}
