// SPDX-License-Identifier: Apache-2.0
package io.margay.lang.java.internal;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfString;
import io.margay.lang.AppSpec;
import io.margay.lang.ClassArchive;
import io.margay.lang.InstalledModule;
import io.margay.lang.JavaHomes;
import io.margay.lang.Language;
import io.margay.lang.Launch;
import io.margay.lang.Probe;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;

/** Java 17 and newer: web applications in JVMs of their own ({@code spec/languages.md §12}). */
@Component(service = Language.class, immediate = true)
public final class JavaModule implements Language {

    /** The field by which the runner learns the client's address; the same as in its class {@code ClientFacts}. */
    private static final String CLIENT_FIELD = "Margay-Client";
    /** A JVM takes the socket that it inherits from its standard input. */
    private static final int LISTEN = 0;
    private static final int FIRST_JAR = 3;

    private final JavaHomes homes;
    private final Containers containers = new Containers();
    private final ClassArchive archive = new ClassArchive(type(), containers.all(), List.of(),
        Containers.RUNNER + ".ContainerTraining");

    /** Searches the usual directories. */
    public JavaModule() {
        this(new JavaHomes());
    }

    JavaModule(JavaHomes homes) {
        this.homes = homes;
    }

    @Override
    public String type() {
        return "java";
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
        return (int) Math.max(1, Math.min(app.conf().integer("concurrency", app.threads()), Integer.MAX_VALUE));
    }

    @Override
    public List<Probe> probes() {
        return homes.probes(type());
    }

    @Override
    public void launch(AppSpec app, InstalledModule module, Launch.Builder launch) {
        String webapp = app.conf().string("webapp").orElseThrow(() ->
            new IllegalStateException("application \"" + app.title() + "\" has no webapp"));
        Webapp.check(app, webapp);
        launch.without(JavaHomes.VARIABLES::contains).configured(app).prototype(Launch.Prototype.HOLDER)
            .readiness(Launch.Readiness.ACCEPTS).place("listen", LISTEN).argv(module.file());
        String classpath = containers.place(launch, FIRST_JAR);
        JavaHomes.DEVICES.forEach(device -> launch.mount(device, device));
        List<String> options = words(app, "options");
        archive.add(launch, app, module.file(), options, FIRST_JAR);
        options.forEach(launch::argv);
        launch.argv("-cp", classpath, Containers.RUNNER + ".ServletMain", "webapp=" + webapp,
            "threads=" + app.threads());
        containers.editions(FIRST_JAR).forEach((name, jars) -> launch.argv(name + "=" + jars));
        app.conf().get("thread_stack_size").ifPresent(size ->
            launch.argv("stack=" + app.conf().integer("thread_stack_size", 0)));
        words(app, "classpath").forEach(entry -> launch.argv("classpath=" + entry));
    }

    /** The jars go with the bundle. */
    @Deactivate
    void close() {
        containers.close();
    }

    private static List<String> words(AppSpec app, String option) {
        List<String> words = new ArrayList<>();
        for (Conf word : app.conf().array(option).orElse(ConfArray.EMPTY).elements()) {
            if (word instanceof ConfString text) {
                words.add(text.value());
            }
        }
        return words;
    }
}
