// SPDX-License-Identifier: Apache-2.0
package io.margay.lang.external.internal;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfString;
import io.margay.lang.AppSpec;
import io.margay.lang.InstalledModule;
import io.margay.lang.Language;
import io.margay.lang.Launch;
import io.margay.lang.Probe;
import java.util.List;
import java.util.Map;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** Programs that are built with the library of NGINX Unit, libunit 1.35 ({@code spec/languages.md §6}). */
@Component(service = Language.class)
public final class ExternalLanguage implements Language {

    /** The library refuses a server that does not say its very version. */
    static final String LIBUNIT = "1.35.0";
    /**
     * Who is who in the messages of the library, as {@code wire.libunit} knows it: no pids, since that of the program
     * does not exist yet when its environment is made.
     */
    static final int READY = 0x4000_0001;
    static final int ROUTER = 0x4000_0002;
    static final int WORKER = 0x4000_0003;

    private static final int LOG = 2;
    private static final long MAX_NUMBER = 0xFFFF_FFFFL;

    /** Has no state. */
    @Activate
    public ExternalLanguage() {
        // Nothing to do.
    }

    @Override
    public String type() {
        return "external";
    }

    @Override
    public String wire() {
        return "libunit";
    }

    /** It is there without anything installed: the catalogue knows it. */
    @Override
    public List<Probe> probes() {
        return List.of();
    }

    @Override
    public void launch(AppSpec app, InstalledModule module, Launch.Builder launch) {
        launch.configured(app).argv(app.conf().string("executable").orElseThrow())
            .prototype(Launch.Prototype.HOLDER).readiness(Launch.Readiness.EXEC)
            .announce("NXT_UNIT_INIT", facts -> announcement(facts, app));
        if (app.conf().get("arguments").orElse(ConfArray.EMPTY) instanceof ConfArray arguments) {
            for (Conf argument : arguments.elements()) {
                launch.argv(((ConfString) argument).value());
            }
        }
    }

    /** Version, stream, four ports, two memories and three numbers ({@code spec/ports.md §3}). */
    private static String announcement(Launch.Facts facts, AppSpec app) {
        Map<String, Integer> fds = facts.descriptors();
        return LIBUNIT + ";" + Integer.toUnsignedString(facts.stream())
            + ";" + READY + ",0," + fds.get("ready")
            + ";" + ROUTER + ",0," + fds.get("router")
            + ";" + WORKER + ",0," + fds.get("in") + "," + fds.get("out")
            + ";" + fds.get("requests") + "," + fds.get("queue")
            + ";" + LOG + "," + Math.min(app.maxMemory(), MAX_NUMBER) + "," + Math.min(app.maxRequests(), MAX_NUMBER)
            + ",";
    }
}
