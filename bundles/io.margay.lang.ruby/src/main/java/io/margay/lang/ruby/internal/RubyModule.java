// SPDX-License-Identifier: Apache-2.0
package io.margay.lang.ruby.internal;

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

/** Ruby 3.1 and newer with Rack 2 and 3 ({@code spec/languages.md §11.3}). */
@Component(service = Language.class)
public final class RubyModule implements Language {

    /**
     * What the interpreter is started with: reads the runtime from the descriptor that the environment names, so that
     * neither the server's files nor a gem need to exist inside the application's root. The length also makes room for
     * the process title, which is written over the arguments.
     */
    private static final String BOOTSTRAP = "MARGAY=ENV.delete('MARGAY_INIT').split(' ').to_h{|word|word.split('=',2)};"
        + "eval(File.for_fd(MARGAY['shim'].to_i,'rb').read.force_encoding('UTF-8'),TOPLEVEL_BINDING.dup,'<margay>',1)"
        + " ".repeat(128);

    private static final Pattern NAME = Pattern.compile("ruby(\\d{1,2}(\\.\\d{1,3}){0,2})?");
    private static final String[] PARTS = {"margay_port.rb", "margay_rack.rb", "margay_context.rb",
        "margay_worker.rb", "margay_prototype.rb"};
    /** {@code Rack::Lint} wants it. */
    private static final Set<CgiEncoder.Variant> VARIANTS = EnumSet.of(CgiEncoder.Variant.CONTENT_ONCE,
        CgiEncoder.Variant.KEYS_FIRST);

    private final List<Path> places;

    /** Searches the usual directories. */
    @Activate
    public RubyModule() {
        this(Interpreters.PLACES);
    }

    RubyModule(List<Path> places) {
        this.places = List.copyOf(places);
    }

    @Override
    public String type() {
        return "ruby";
    }

    @Override
    public String wire() {
        return "port";
    }

    @Override
    public List<Probe> probes() {
        String program = new String(ShimSource.read(RubyModule.class, "margay_probe.rb"), StandardCharsets.UTF_8);
        return Interpreters.find(places, NAME).stream()
            .map(file -> new Probe(type(), List.of(file.toString(), "-e", program))).toList();
    }

    @Override
    public void launch(AppSpec app, InstalledModule module, Launch.Builder launch) {
        // The interpreter obeys the variables of the application, and of nobody else.
        launch.without(name -> name.startsWith("RUBY")).configured(app)
            .argv(module.file(), "-e", BOOTSTRAP).announce("MARGAY_INIT", RubyModule::announcement)
            .resource("shim", ShimSource.read(RubyModule.class, PARTS)).resource("application", application(app));
    }

    /** Words {@code name=number}, to be read without a library. */
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
        for (String name : List.of("script", "hooks", "stdout", "stderr")) {
            app.conf().string(name).ifPresent(value -> pairs.append('\0').append(name).append('\0').append(value));
        }
        return pairs.toString().getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public RequestEncoder encoder(AppSpec app) {
        return new CgiEncoder(VARIANTS);
    }
}
