// SPDX-License-Identifier: Apache-2.0
package io.margay.lang.perl.internal;

import io.margay.lang.AppSpec;
import io.margay.lang.CgiEncoder;
import io.margay.lang.InstalledModule;
import io.margay.lang.Interpreters;
import io.margay.lang.Language;
import io.margay.lang.Launch;
import io.margay.lang.Probe;
import io.margay.lang.RequestEncoder;
import io.margay.lang.ShimSource;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** Perl 5.16 and newer with PSGI ({@code spec/languages.md §11.2}). */
@Component(service = Language.class)
public final class PerlModule implements Language {

    /**
     * Where the interpreter finds the runtime: it reads such a name from the descriptor, without opening anything, so
     * that nothing of the server, nor {@code /dev}, need exist inside the application's root.
     */
    private static final int SHIM = 9;
    /** Makes room for the process title, which is written over the arguments. */
    private static final String ROOM = " ".repeat(256);

    private static final Pattern NAME = Pattern.compile("perl(5(\\.\\d{1,3}){0,2})?");
    private static final String[] PARTS = {"margay_port.pl", "margay_psgi.pl", "margay_context.pl",
        "margay_response.pl", "margay_worker.pl", "margay_prototype.pl"};
    /** {@code Plack::Middleware::Lint} wants the one, {@code Plack::Test::Suite} the other. */
    private static final Set<CgiEncoder.Variant> VARIANTS = EnumSet.of(CgiEncoder.Variant.CONTENT_ONCE,
        CgiEncoder.Variant.SLASHES);

    private final List<Path> places;

    /** Searches the usual directories. */
    @Activate
    public PerlModule() {
        this(Interpreters.PLACES);
    }

    PerlModule(List<Path> places) {
        this.places = List.copyOf(places);
    }

    @Override
    public String type() {
        return "perl";
    }

    @Override
    public String wire() {
        return "port";
    }

    @Override
    public List<Probe> probes() {
        String program = new String(ShimSource.read(PerlModule.class, "margay_probe.pl"), StandardCharsets.UTF_8);
        return Interpreters.find(places, NAME).stream()
            .map(file -> new Probe(type(), List.of(file.toString(), "-e", program))).toList();
    }

    @Override
    public void launch(AppSpec app, InstalledModule module, Launch.Builder launch) {
        // The interpreter obeys the variables of the application, and of nobody else.
        launch.without(name -> name.startsWith("PERL")).configured(app)
            .argv(module.file(), "/dev/fd/" + SHIM, ROOM).place("shim", SHIM)
            .announce("MARGAY_INIT", PerlModule::announcement)
            .resource("shim", ShimSource.read(PerlModule.class, PARTS)).resource("application", application(app));
    }

    /** Words {@code name=number}, to be read without a module. */
    private static String announcement(Launch.Facts facts) {
        StringBuilder words = new StringBuilder("version=").append(facts.version())
            .append(" parent=").append(facts.mainPid());
        facts.descriptors().forEach((name, number) -> words.append(' ').append(name).append('=').append(number));
        return words.toString();
    }

    /** The options that the runtime reads as NUL-separated names and values. */
    private static byte[] application(AppSpec app) {
        StringBuilder pairs = new StringBuilder("title\0").append(app.title().replace('\0', ' '))
            .append("\0threads\0").append(app.threads()).append("\0requests\0").append(app.maxRequests());
        for (String name : List.of("script", "stdout", "stderr")) {
            app.conf().string(name).ifPresent(value -> pairs.append('\0').append(name).append('\0').append(value));
        }
        long stack = app.conf().integer("thread_stack_size", 0);
        if (stack > 0) {
            pairs.append("\0thread_stack_size\0").append(stack);
        }
        return pairs.toString().getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public RequestEncoder encoder(AppSpec app) {
        return new CgiEncoder(VARIANTS);
    }
}
