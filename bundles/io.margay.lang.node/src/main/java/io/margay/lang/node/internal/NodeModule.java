// SPDX-License-Identifier: Apache-2.0
package io.margay.lang.node.internal;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfString;
import io.margay.lang.AppSpec;
import io.margay.lang.InstalledModule;
import io.margay.lang.Interpreters;
import io.margay.lang.Language;
import io.margay.lang.Launch;
import io.margay.lang.Probe;
import io.margay.lang.ShimSource;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** Node 18.18 and newer: a script whose HTTP server gets a socket that it inherits, wherever it wants to listen. */
@Component(service = Language.class)
public final class NodeModule implements Language {

    private static final int LISTEN = 3;
    private static final int PRELOAD = 4;
    /**
     * Reads the runtime from its descriptor, so no file of the server has to exist inside the application's root.
     * Only a module that is imported runs before scripts of both kinds; its address holds the variable's name, by which
     * the runtime finds it among the arguments.
     */
    private static final String BOOTSTRAP = "data:text/javascript,/*MARGAY*/import{readFileSync}from'node:fs';"
        + "import{createRequire}from'node:module';"
        + "new Function('require',readFileSync(" + PRELOAD + ",'utf8'))(createRequire('/'))";

    /** The runtime takes it out of requests before the application sees them. */
    private static final String CLIENT_FIELD = "Margay-Client";

    private static final Pattern NAME = Pattern.compile("node(js)?(-?\\d{1,3}(\\.\\d{1,3}){0,2})?");

    private final List<Path> places;

    /** Searches the usual directories. */
    @Activate
    public NodeModule() {
        this(Interpreters.PLACES);
    }

    NodeModule(List<Path> places) {
        this.places = List.copyOf(places);
    }

    @Override
    public String type() {
        return "node";
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
    public List<Probe> probes() {
        String program = new String(ShimSource.read(NodeModule.class, "margay_probe.js"), StandardCharsets.UTF_8);
        return Interpreters.find(places, NAME).stream()
            .map(file -> new Probe(type(), List.of(file.toString(), "-e", program))).toList();
    }

    @Override
    public void launch(AppSpec app, InstalledModule module, Launch.Builder launch) {
        String script = app.conf().string("script").orElseThrow(() ->
            new IllegalStateException("application \"" + app.title() + "\" has no script"));
        // The interpreter obeys the variables of the application, and of nobody else.
        launch.without(name -> name.startsWith("NODE_") || name.startsWith("LISTEN_") || name.equals("NOTIFY_SOCKET"))
            .configured(app).prototype(Launch.Prototype.HOLDER).readiness(Launch.Readiness.ACCEPTS)
            .place("listen", LISTEN).place("preload", PRELOAD)
            .resource("preload", ShimSource.read(NodeModule.class, "margay_preload.js"))
            .announce("MARGAY_INIT", Launch.Facts::json)
            .argv(app.conf().string("executable").orElse(module.file()), "--import", BOOTSTRAP, script);
        for (Conf word : app.conf().array("arguments").orElse(ConfArray.EMPTY).elements()) {
            if (word instanceof ConfString text) {
                launch.argv(text.value());
            }
        }
    }
}
