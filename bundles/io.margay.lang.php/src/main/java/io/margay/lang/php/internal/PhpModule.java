// SPDX-License-Identifier: Apache-2.0
package io.margay.lang.php.internal;

import io.margay.lang.AppSpec;
import io.margay.lang.InstalledModule;
import io.margay.lang.Interpreters;
import io.margay.lang.Language;
import io.margay.lang.Launch;
import io.margay.lang.Probe;
import io.margay.lang.RequestEncoder;
import io.margay.lang.ShimSource;
import io.margay.posix.Signals;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/**
 * PHP 7.1 and newer by php-fpm ({@code spec/languages.md §11.1}), and resident workers by the command line's PHP 8.1
 * and newer.
 */
@Component(service = Language.class)
public final class PhpModule implements Language {

    private static final List<Path> PLACES = List.of(Path.of("/usr/local/sbin"), Path.of("/usr/sbin"),
        Path.of("/usr/local/bin"), Path.of("/usr/bin"));
    private static final Pattern NAME = Pattern.compile("php-fpm\\d?(\\.?\\d{1,2})?|php\\d\\.?\\d{1,2}-fpm");
    /** The configuration is read from that descriptor, so no file has to exist in the application's root. */
    private static final int CONFIGURATION = 9;
    /** What would have php-fpm talk to others, or look for other things than those that it is told. */
    private static final Set<String> FOREIGN = Set.of("NOTIFY_SOCKET", "FPM_SOCKETS", "PHPRC", "PHP_INI_SCAN_DIR");

    private final List<Path> places;

    /** Searches the usual directories. */
    @Activate
    public PhpModule() {
        this(PLACES);
    }

    PhpModule(List<Path> places) {
        this.places = List.copyOf(places);
    }

    @Override
    public String type() {
        return "php";
    }

    @Override
    public String wire() {
        return "fastcgi";
    }

    @Override
    public String wire(AppSpec app) {
        return PhpWorker.wanted(app) ? "port" : wire();
    }

    @Override
    public List<Probe> probes() {
        String program = new String(ShimSource.read(PhpModule.class, "margay_probe.sh"), StandardCharsets.UTF_8);
        List<Path> pools = Interpreters.find(places, NAME);
        Set<String> numbers = pools.stream().map(PhpModule::number).collect(Collectors.toSet());
        // The first of several with one version is listed: php-fpm can serve both kinds of applications.
        return Stream.concat(pools.stream().map(file -> probe(program, file, "fpm-fcgi")),
            Interpreters.find(places, PhpWorker.NAME).stream()
                .filter(file -> number(file).isEmpty() || !numbers.contains(number(file)))
                .map(file -> probe(program, file, "cli"))).toList();
    }

    private Probe probe(String program, Path file, String kind) {
        return new Probe(type(), List.of("/bin/sh", "-c", program, "probe", file.toString(), kind));
    }

    /** The digits in the name of a program, be it a link to the one that has them; empty when none has. */
    private static String number(Path file) {
        String digits = file.getFileName().toString().replaceAll("\\D", "");
        try {
            return digits.isEmpty() ? file.toRealPath().getFileName().toString().replaceAll("\\D", "") : digits;
        } catch (IOException e) {
            // Gone meanwhile; its probe will say so.
            return digits;
        }
    }

    @Override
    public void launch(AppSpec app, InstalledModule module, Launch.Builder launch) {
        launch.without(FOREIGN::contains);
        if (PhpWorker.wanted(app)) {
            PhpWorker.launch(app, module, places, launch);
        } else if (PhpWorker.isCommandLine(module)) {
            throw new IllegalArgumentException("php-fpm of version " + module.version()
                + " is not installed; there are only workers");
        } else {
            pool(app, module, launch);
        }
    }

    private static void pool(AppSpec app, InstalledModule module, Launch.Builder launch) {
        PhpTargets.of(app).check();
        launch.configured(app)
            .argv(module.file(), "--nodaemonize", "--force-stderr", "--allow-to-run-as-root",
                "--fpm-config", "/proc/self/fd/" + CONFIGURATION)
            // Path info is told from the script here; messages go to standard error, which is the log.
            .argv("-d", "cgi.fix_pathinfo=1", "-d", "fastcgi.logging=0")
            .place("configuration", CONFIGURATION)
            .resource("configuration", FpmConfiguration.of(app).getBytes(StandardCharsets.UTF_8))
            .announce("FPM_SOCKETS", facts -> FpmConfiguration.SOCKET + "=" + facts.descriptors().get("listen"))
            .announce("MARGAY_VERSION", Launch.Facts::version)
            .readiness(Launch.Readiness.ANSWER).prototype(Launch.Prototype.NONE)
            // Its processes would outlive a master that was killed.
            .orphanSignal(Signals.SIGTERM);
        app.conf().object("options").flatMap(options -> options.string("file"))
            .ifPresent(file -> launch.argv("-c", file));
    }

    @Override
    public RequestEncoder encoder(AppSpec app) {
        return PhpWorker.wanted(app) ? PhpWorker.encoder() : new PhpRequests(PhpTargets.of(app));
    }
}
