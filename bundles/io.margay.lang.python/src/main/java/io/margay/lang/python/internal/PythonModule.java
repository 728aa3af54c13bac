// SPDX-License-Identifier: Apache-2.0
package io.margay.lang.python.internal;

import io.margay.conf.ConfWriter;
import io.margay.lang.AppSpec;
import io.margay.lang.CgiEncoder;
import io.margay.lang.InstalledModule;
import io.margay.lang.Interpreters;
import io.margay.lang.Language;
import io.margay.lang.Launch;
import io.margay.lang.Probe;
import io.margay.lang.RequestEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** Python 3.8 and newer with WSGI and ASGI ({@code spec/languages.md §8 to §10}). */
@Component(service = Language.class)
public final class PythonModule implements Language {

    /** PEP 3333 wants them once, unlike Unit; Python's validator refuses the others. */
    static final Set<CgiEncoder.Variant> VARIANTS = EnumSet.of(CgiEncoder.Variant.CONTENT_ONCE,
        CgiEncoder.Variant.KEYS_FIRST);
    /** Those that are too old are not asked: it would be an alert at each start. */
    private static final Pattern NAME = Pattern.compile("python3(\\.([89]|\\d{2,3}))?");

    private final List<Path> places;

    /** Searches the usual directories. */
    @Activate
    public PythonModule() {
        this(Interpreters.PLACES);
    }

    PythonModule(List<Path> places) {
        this.places = List.copyOf(places);
    }

    @Override
    public String type() {
        return "python";
    }

    @Override
    public String wire() {
        return "port";
    }

    @Override
    public List<Probe> probes() {
        String program = new String(Shim.probe(), StandardCharsets.UTF_8);
        return Interpreters.find(places, NAME).stream()
            .map(file -> new Probe(type(), List.of(file.toString(), "-I", "-c", program))).toList();
    }

    @Override
    public void launch(AppSpec app, InstalledModule module, Launch.Builder launch) {
        // The interpreter is configured by the server alone; the application sees these variables nevertheless, since
        // the runtime sets them again from the configuration.
        launch.configured(app).without(name -> name.startsWith("PYTHON"));
        PythonHome.of(app).ifPresentOrElse(home -> home.launch(module, launch),
            () -> launch.argv(module.file(), "-I"));
        launch.argv("-c", Shim.BOOTSTRAP).announce("MARGAY_INIT", Launch.Facts::json)
            .resource("shim", Shim.runtime()).resource("application", ConfWriter.compact(app.conf()));
    }

    @Override
    public RequestEncoder encoder(AppSpec app) {
        return switch (app.conf().string("protocol").orElse("")) {
            case "wsgi" -> new CgiEncoder(VARIANTS);
            case "asgi" -> new AsgiEncoder();
            default -> new EitherEncoder();
        };
    }
}
